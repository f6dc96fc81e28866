// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {BodyRow, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title DIS-3, DIS-4, RCP-2: how disputes end, and who gets what.
contract FinaliseTest is DisputeFixture {
    using EnforcementBuild for Enforcement;
    using EnforcementBuild for BodyRow[];

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
    }

    // When, and by whom

    /// @dev DIS-3: strictly after the window, by anyone.
    function test_DIS3_WindowOpen() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        VM.warp(endOf(live));
        VM.expectRevert(_tooEarly(live));
        depository.enforce(enforcement);
        VM.expectRevert(_tooEarly(live));
        depository.finalise(enforcement.finalisations[0], enforcement.rows, "", new uint32[](0));
        VM.warp(endOf(live) + 1);
        depository.finalise(enforcement.finalisations[0], enforcement.rows, "", new uint32[](0));
        assertEq(epochOf(proof), 1);
    }

    /// @dev DIS-3: a start may be accepted by the other side alone, at once.
    function test_DIS3_OnlyTheOtherSideAcceptsAStart() public {
        for (uint256 starter = 0; starter < 2; ++starter) {
            Claim memory proof = claim(5, 100);
            (proof.left, proof.right) = (2 * starter, 2 * starter + 1);
            uint256 by = starter == 0 ? proof.left : proof.right;
            uint256 other = starter == 0 ? proof.right : proof.left;
            Live memory live = start(by, proof);
            Enforcement memory enforcement;
            putFinalisation(enforcement, live, proof);
            submitExpecting(by, enforcement.alone(), _tooEarly(live));
            submitExpecting(4, enforcement.alone(), _tooEarly(live));
            submit(other, enforcement.alone());
            assertEq(epochOf(proof), 1);
        }
    }

    function test_DIS3_OnlyTheStarterAcceptsTheOthersCounter() public {
        Claim memory proof = claim(6, -100);
        Live memory live = counter(1, start(0, claim(5, 100)), proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        submitExpecting(1, enforcement.alone(), _tooEarly(live));
        submit(0, enforcement.alone());
        assertEq(depository.reserveOf(ids[1], 1), HELD + 100);
    }

    /// @dev DIS-3: what a watchtower brought neither side has called its newest.
    function test_DIS3_NobodyAcceptsWhatAnyoneBrought() public {
        Claim memory proof = claim(6, -100);
        Live memory live = counterOpenly(start(0, claim(5, 100)), proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        submitExpecting(0, enforcement.alone(), _tooEarly(live));
        submitExpecting(1, enforcement.alone(), _tooEarly(live));
        passWindow(live);
        depository.enforce(enforcement);
    }

    /// @dev DIS-3: of two proofs the one that overtook the other is accepted, and no other.
    function test_DIS3_AcceptingWhatOvertook() public {
        Live memory live = counterOpenly(start(0, claim(5, 100)), claim(6, 0));
        Claim memory newest = claim(7, -50);
        Enforcement memory enforcement;
        putCounter(enforcement, live, newest, 0, NOBODY);
        submit(1, enforcement.alone());
        enforcement = _empty();
        putOvertaking(enforcement, live.window, live.bodyHash, BY_RIGHT, newest);
        submitExpecting(1, enforcement.alone(), _tooEarly(live));
        submit(0, enforcement.alone());
        assertEq(depository.reserveOf(ids[1], 1), HELD + 50);
    }

    // What is passed over

    function test_DIS5_DisputeChanged() public {
        Live memory live = counter(1, start(0, claim(5, 100)), claim(6, 0));
        Live memory old = Live(withFlags(live.window, BY_LEFT), hashOf(claim(5, 100)));
        passWindow(live);
        _passOver(old.window, 0, 0, claim(5, 100));
        _passOver(live.window, 0, 0, claim(5, 100));
        _passOver(live.window, live.bodyHash, BY_RIGHT, claim(6, 0));
        _passOver(withFlags(live.window, BY_LEFT), 0, 0, claim(6, 0));
        finalise(live, claim(6, 0));
        assertEq(epochOf(claim(6, 0)), 1);
    }

    /// @dev DIS-2: the head's own body has lost; flags are those under which the other was brought.
    function test_DIS5_WhatWasOvertakenHasLost() public {
        Claim memory newest = claim(7, -50);
        Live memory live = counterOpenly(start(0, claim(5, 100)), claim(6, 0));
        Enforcement memory enforcement;
        putCounter(enforcement, live, newest, 0, 1);
        depository.enforce(enforcement);
        passWindow(live);
        _passOver(live.window, 0, 0, claim(6, 0));
        _passOver(live.window, 0, 0, newest);
        _passOver(live.window, live.bodyHash, 0, claim(6, 0));
        _passOver(live.window, live.bodyHash, BY_RIGHT, newest);
        _passOver(live.window, live.bodyHash, 8, newest);
        enforcement = _empty();
        putOvertaking(enforcement, live.window, live.bodyHash, 0, newest);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 50);
    }

    function test_DIS3_DisputeNone() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        expectSkipped(0, 1, 3, about(Errors.DisputeNone.selector));
        finalise(live, proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        VM.expectRevert(about(Errors.DisputeNone.selector));
        depository.finalise(enforcement.finalisations[0], enforcement.rows, "", new uint32[](0));
        assertEq(depository.reserveOf(ids[0], 1), HELD + 100);
    }

    function test_DIS3_PartiesUnordered() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putFinalisation(enforcement, start(0, proof), proof);
        enforcement.finalisations[0].left = ids[1];
        bytes4 selector = Errors.PartiesUnordered.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, ids[1], ids[1]));
        depository.enforce(enforcement);
    }

    /// @dev DIS-3: one call ends many; one that somebody ended first spoils nothing.
    function test_DIS3_ManyInOneCall() public {
        Enforcement memory enforcement;
        Live memory live;
        for (uint256 i = 0; i < 3; ++i) {
            Claim memory proof = claim(5, 100);
            (proof.left, proof.right) = (i, i + 1);
            live = start(i, proof);
            putFinalisation(enforcement, live, proof);
            if (i == 1) {
                passWindow(live);
                finalise(live, proof);
            }
        }
        passWindow(live);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[0], 1), HELD + 100);
        assertEq(depository.reserveOf(ids[3], 1), HELD - 100);
    }

    // Who gets what

    /// @dev RCP-2: at each boundary and one unit past it, collateral 100 and limits of 1,000.
    function test_RCP2_Payouts() public {
        _pay(0, 0, 100);
        _pay(1, 1, 99);
        _pay(-1, -1, 101);
        _pay(99, 99, 1);
        _pay(100, 100, 0);
        _pay(101, 101, -1);
        _pay(-1000, -1000, 1100);
        _pay(1100, 1100, -1000);
    }

    /// @dev DIS-4: credit limits are enforced on chain, at the limit and one unit past it.
    function test_DIS4_CreditLimits() public {
        _pay(-1001, -1000, 1100);
        _pay(1101, 1100, -1000);
        _pay(type(int128).max, 1100, -1000);
        _pay(-type(int128).max, -1000, 1100);
    }

    /// @dev DIS-4: what the reserve lacks becomes a debt, up to 2^127 − 1.
    function test_DIS4_TheGreatestDebt() public {
        uint128 most = uint128(type(int128).max);
        Claim memory proof = claim(5, -type(int128).max);
        proof.rows[0].leftLimit = most;
        Live memory live = start(0, proof);
        passWindow(live);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.DebtUpdated(ids[0], ids[1], 1 << 64, most - HELD);
        finalise(live, proof);
        assertEq(depository.reserveOf(ids[0], 1), 0);
        assertEq(depository.reserveOf(ids[1], 1), 2 * HELD);
        (, uint128 amount) = depository.debtAt(ids[0], 1, 0);
        assertEq(amount, most - HELD);
    }

    /// @dev DEB-1: while an older debt is open nothing of the reserve pays a newer one.
    function test_DEB1_AnOlderDebtComesFirst() public {
        _owe(0, 1, int128(uint128(HELD)) + 7);
        give(0, 50);
        _owe(0, 2, 30);
        assertEq(depository.reserveOf(ids[0], 1), 50);
        (uint64 first, uint64 last) = depository.debtsOf(ids[0], 1);
        assertEq(last - first, 2);
    }

    /// @dev DIS-4: rows are zero, the number is 0, the epoch has grown; the event tells it.
    function test_DIS4_TheAccountBeginsAnew() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        submit(1, funding(1, ids[1], ids[0], 300));
        Claim memory proof = claim(5, -200);
        Live memory live = start(0, proof);
        passWindow(live);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.AccountUpdated(ids[0], ids[1], (1 << 128) | (1 << 64), 0);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.DisputeFinalised(ids[0], ids[1], 1);
        finalise(live, proof);
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(ondelta, int256(0));
        assertEq(collateral, 0);
        assertEq(headOf(proof), 1 << 64);
        assertEq(depository.reserveOf(ids[0], 1), HELD - 500 + 300);
        assertEq(depository.reserveOf(ids[1], 1), HELD - 300 + 500);
    }

    /// @dev An account in which nothing is owed and nothing lies ends all the same.
    function test_DIS4_NothingIsOwed() public {
        Claim memory proof = claim(5, 0);
        Live memory live = start(1, proof);
        passWindow(live);
        VM.recordLogs();
        finalise(live, proof);
        assertEq(VM.getRecordedLogs().length, 1);
        assertEq(epochOf(proof), 1);
    }

    /// @dev DEP-6: collateral may be paid in while the dispute is live: it is whose side it was
    /// paid in for.
    function test_DIS4_FundedMeanwhile() public {
        Claim memory proof = claim(5, -100);
        Live memory live = start(0, proof);
        submit(2, funding(1, ids[0], ids[1], 60));
        submit(2, funding(1, ids[1], ids[0], 15));
        passWindow(live);
        finalise(live, proof);
        assertEq(depository.reserveOf(ids[0], 1), HELD - 40);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 115);
    }

    // Tokens that the body does not list

    function test_DIS4_TokensThatTheBodyDoesNotList() public {
        submit(0, funding(2, ids[0], ids[1], 70));
        submit(1, funding(2, ids[1], ids[0], 30));
        Claim memory proof = claim(5, 0);
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        enforcement.finalisations[0].tokens = 2;
        enforcement.addToken(2);
        enforcement.addToken(9);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[0], 2), HELD);
        assertEq(depository.reserveOf(ids[1], 2), HELD);
    }

    /// @dev A token that nobody names stays in the account, and may be closed in the next epoch.
    function test_DIS4_ATokenThatIsLeftOutIsNotLost() public {
        submit(0, funding(2, ids[0], ids[1], 70));
        Claim memory proof = claim(5, 0);
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        Claim memory bare = nothing();
        (bare.epoch, bare.rows) = (1, row(2, 0, 0, 0));
        live = start(0, bare);
        passWindow(live);
        finalise(live, bare);
        assertEq(depository.reserveOf(ids[0], 2), HELD);
    }

    /// @dev DIS-1: whoever finalises cannot leave out what a start without a proof has listed: a
    /// griefer would make its owner wait for another window, again and again.
    function test_DIS1_ListedTokensCannotBeLeftOut() public {
        submit(0, funding(2, ids[0], ids[1], 70));
        Claim memory bare = nothing();
        bare.rows = row(2, 0, 0, 0);
        Live memory live = start(0, bare);
        passWindow(live);
        _passOver(live.window, 0, 0, nothing());
        finalise(live, bare);
        assertEq(depository.reserveOf(ids[0], 2), HELD);
    }

    /// @dev A token named twice would be paid out once, but a list in order names none twice.
    function test_DIS4_TokensUnsorted() public {
        Claim memory proof = claim(5, 0);
        Live memory live = start(0, proof);
        passWindow(live);
        for (uint32 second = 1; second < 3; ++second) {
            Enforcement memory enforcement;
            putFinalisation(enforcement, live, proof);
            enforcement.finalisations[0].tokens = 2;
            enforcement.addToken(2);
            enforcement.addToken(second);
            VM.expectRevert(abi.encodeWithSelector(Errors.Unsorted.selector, 2, second));
            depository.enforce(enforcement);
        }
    }

    /// @dev A token of the body named again finds nothing left.
    function test_DIS4_AListedTokenNamedAgainPaysOnce() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        Claim memory proof = claim(5, -200);
        Live memory live = start(0, proof);
        passWindow(live);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        enforcement.finalisations[0].tokens = 1;
        enforcement.addToken(1);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[0], 1), HELD - 200);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 200);
    }

    function _tooEarly(Live memory live) private view returns (bytes memory) {
        bytes4 selector = Errors.WindowOpen.selector;
        return abi.encodeWithSelector(selector, endOf(live), block.timestamp);
    }

    function _passOver(uint256 window, bytes32 headBody, uint256 flags, Claim memory self) private {
        uint256 head = headOf(self);
        Enforcement memory enforcement;
        putOvertaking(enforcement, window, headBody, flags, self);
        expectSkipped(0, 1, 3, about(Errors.DisputeChanged.selector));
        depository.enforce(enforcement);
        assertEq(headOf(self), head);
    }

    /// @dev An account with 100 of collateral, all right's, ends with this delta.
    function _pay(int128 delta, int256 left, int256 right) private {
        Claim memory proof = claim(5, delta);
        proof.epoch = epochOf(proof);
        submit(1, funding(1, ids[1], ids[0], 100));
        int256 leftBefore = int256(uint256(depository.reserveOf(ids[0], 1)));
        int256 rightBefore = int256(uint256(depository.reserveOf(ids[1], 1)));
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        assertEq(int256(uint256(depository.reserveOf(ids[0], 1))) - leftBefore, left);
        assertEq(int256(uint256(depository.reserveOf(ids[1], 1))) - rightBefore, right);
    }

    /// @dev Left ends an account owing so much.
    function _owe(uint256 left, uint256 right, int128 amount) private {
        Claim memory proof = claim(5, -amount);
        (proof.left, proof.right) = (left, right);
        proof.rows[0].leftLimit = uint128(type(int128).max);
        Live memory live = start(right, proof);
        passWindow(live);
        finalise(live, proof);
    }

    function give(uint256 party, uint128 amount) private {
        assets[0].mint(address(this), amount);
        assets[0].approve(address(depository), amount);
        depository.deposit(ids[party], 1, amount);
    }

    function _empty() private pure returns (Enforcement memory enforcement) {}
}
