// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title CND-1, CND-2: hash locks and plan locks: what decides them, until when; and that a
/// condition moves all its tokens or none. Left starts; 40 is the amount at stake.
contract ConditionTest is ConditionFixture {
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    /// @dev Long after the window of the claims.
    uint64 private constant DEADLINE = START + 200_000;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
    }

    // Hash locks

    /// @dev CND-2: what is recorded at the deadline is in time, a second later it is not.
    function test_CND2_RevealedAtTheDeadline() public {
        Claim memory proof = _locked(DEADLINE);
        Live memory live = start(0, proof);
        VM.warp(DEADLINE);
        reveal("a");
        finalise(live, proof);
        assertEq(gain(1), 140);
    }

    function test_CND2_RevealedTooLate() public {
        Claim memory proof = _locked(DEADLINE);
        Live memory live = start(0, proof);
        VM.warp(DEADLINE + 1);
        reveal("a");
        finalise(live, proof);
        assertEq(gain(1), 100);
    }

    /// @dev CND-2: a lock that was revealed is decided: nobody waits for its deadline.
    function test_CND2_WhatIsRevealedIsDecided() public {
        reveal("a");
        assertEq(outcome(_locked(DEADLINE)), 140);
    }

    function test_CND2_ConditionUndecided() public {
        Claim memory proof = withSlot(_locked(uint64(START + 1)), "");
        proof = withSlot(proof, lock(DEADLINE, "b", move(1, 1)));
        Live memory live = start(0, proof);
        passWindow(live);
        _wait(live, proof, 2, DEADLINE);
        VM.warp(DEADLINE);
        _wait(live, proof, 2, DEADLINE);
        VM.warp(DEADLINE + 1);
        finalise(live, proof);
        assertEq(gain(1), 100);
    }

    /// @dev CND-2: accepting does not cut a lock short either.
    function test_CND2_AcceptingWaits() public {
        Claim memory proof = _locked(DEADLINE);
        Live memory live = start(0, proof);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        bytes4 selector = Errors.ConditionUndecided.selector;
        bytes memory reason = abi.encodeWithSelector(selector, 0, DEADLINE);
        submitExpecting(1, enforcement.alone(), reason);
        enforcement.addPreimage(preimageOf("a"));
        submit(1, enforcement.alone());
        assertEq(gain(1), 140);
    }

    /// @dev CND-2: a lock added after an unseen start holds the account no longer than the longest
    /// window, and what is recorded after that decides nothing: else who finalises would choose.
    function test_CND2_TheCap() public {
        Claim memory proof = _locked(FAR);
        Live memory live = start(0, proof);
        uint64 cap = START + MAX_WINDOW;
        VM.warp(cap);
        _wait(live, proof, 0, cap);
        VM.warp(cap + 1);
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, proof);
        enforcement.addPreimage(preimageOf("a"));
        depository.enforce(enforcement);
        assertEq(gain(1), 100);
    }

    function test_CND2_InTimeForTheCap() public {
        Claim memory proof = _locked(FAR);
        Live memory live = start(0, proof);
        VM.warp(START + MAX_WINDOW);
        reveal("a");
        VM.warp(FAR);
        finalise(live, proof);
        assertEq(gain(1), 140);
    }

    /// @dev CND-2: the same of a lock that moves two tokens.
    function test_CND2_TwoTokensAtTheDeadlineAndLater() public {
        for (uint64 late = 0; late < 2; ++late) {
            Claim memory proof = withSecond(claim(5, 100), 0, 1000, 1000);
            (proof.left, proof.right) = (2 * late, 2 * late + 1);
            string memory secret = late == 0 ? "in time" : "late";
            bytes memory moves = bytes.concat(move(1, 40), move(2, 7));
            proof = withSlot(proof, lock(DEADLINE, secret, moves));
            VM.warp(START);
            Live memory live = start(2 * late, proof);
            VM.warp(DEADLINE + late);
            reveal(secret);
            finalise(live, proof);
            uint256 gained = depository.reserveOf(ids[2 * late], 1) - HELD;
            assertEq(gained, late == 0 ? 140 : 100);
        }
    }

    /// @dev CND-1: a hash of that name decides no lock on a plan, in two tokens either.
    function test_CND1_EvidenceIsOfItsKind_TwoTokens() public {
        Claim memory proof = withSecond(claim(5, 100), 0, 1000, 1000);
        bytes memory moves = bytes.concat(move(1, 40), move(2, 7));
        bytes32 subject = hashOfSecret("a");
        proof = withSlot(proof, condition(PLAN_LOCK, DEADLINE, subject, moves, ""));
        reveal("a");
        Live memory live = start(0, proof);
        VM.warp(DEADLINE + 1);
        finalise(live, proof);
        assertEq(gain(1), 100);
    }

    /// @dev CND-1: the registry keeps the first time, for all accounts.
    function test_CND1_TheFirstRevealCounts() public {
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.HashRevealed(hashOfSecret("a"), preimageOf("a"));
        reveal("a");
        VM.warp(START + 10);
        VM.recordLogs();
        reveal("a");
        assertEq(VM.getRecordedLogs().length, 0);
        assertEq(depository.revealedAt(hashOfSecret("a")), START);
    }

    // Plan locks

    function test_CND1_PlanLocks() public {
        for (uint64 late = 0; late < 2; ++late) {
            bytes32 plan = keccak256(abi.encode("plan", late));
            Claim memory proof = claim(5, 100);
            (proof.left, proof.right) = (2 * late, 2 * late + 1);
            bytes memory moves = move(1, 40);
            proof = withSlot(proof, condition(PLAN_LOCK, DEADLINE, plan, moves, ""));
            VM.warp(START);
            Live memory live = start(2 * late, proof);
            passWindow(live);
            _wait(live, proof, 0, DEADLINE);
            _commit(plan, DEADLINE + late);
            finalise(live, proof);
            uint256 expected = HELD + (late == 0 ? 140 : 100);
            assertEq(depository.reserveOf(ids[2 * late], 1), expected);
        }
    }

    /// @dev CND-1: a preimage decides no plan, and a plan no hash.
    function test_CND1_EvidenceIsOfItsKind() public {
        reveal("a");
        bytes32 hash = hashOfSecret("a");
        Claim memory proof = claim(5, 100);
        proof = withSlot(proof, condition(PLAN_LOCK, START, hash, move(1, 40), ""));
        _commit(hashOfSecret("b"), START);
        proof = withSlot(proof, lock(START, "b", move(1, 7)));
        assertEq(outcome(proof), 100);
    }

    // All or none

    /// @dev CND-1: right up to a limit, and not a unit past it; limits are 1,000 and no collateral.
    function test_CND1_UpToTheLimits() public {
        reveal("a");
        assertEq(outcome(withSlot(claim(5, 100), lock(START, "a", move(1, 900)))), 1000);
    }

    function test_CND1_NotPastTheUpperLimit() public {
        reveal("a");
        assertEq(outcome(withSlot(claim(5, 100), lock(START, "a", move(1, 901)))), 100);
    }

    function test_CND1_DownToTheLimits() public {
        reveal("a");
        assertEq(outcome(withSlot(claim(5, 100), lock(START, "a", move(1, -1100)))), -1000);
    }

    function test_CND1_NotPastTheLowerLimit() public {
        reveal("a");
        assertEq(outcome(withSlot(claim(5, 100), lock(START, "a", move(1, -1101)))), 100);
    }

    /// @dev CND-1: one token out of its bounds holds back the others, before and behind it.
    function test_CND1_AllTokensOrNone() public {
        reveal("a");
        bytes memory first = bytes.concat(move(1, 901), move(2, 5));
        bytes memory second = bytes.concat(move(1, 5), move(2, 901));
        bytes memory third = bytes.concat(move(1, 7), move(2, 8));
        Claim memory proof = withSecond(claim(5, 100), 100, 1000, 1000);
        proof = withSlot(proof, lock(START, "a", first));
        proof = withSlot(proof, lock(START, "a", second));
        proof = withSlot(proof, lock(START, "a", third));
        assertEq(outcome(proof), 107);
        assertEq(gain(2), 108);
    }

    /// @dev CND-1: in the order of slots, each on what the ones before it made.
    function test_CND1_SlotBySlot() public {
        reveal("a");
        Claim memory proof = claim(5, 0);
        proof = withSlot(proof, lock(START, "a", move(1, 600)));
        proof = withSlot(proof, lock(START, "a", move(1, 600)));
        proof = withSlot(proof, "");
        proof = withSlot(proof, lock(START, "a", move(1, -200)));
        proof = withSlot(proof, lock(START, "a", move(1, 600)));
        assertEq(outcome(proof), 1000);
    }

    /// @dev DEP-6: collateral that is paid in meanwhile only widens what fits.
    function test_CND1_FundedMeanwhile() public {
        reveal("a");
        Claim memory proof = withSlot(claim(5, 100), lock(START, "a", move(1, 950)));
        Live memory live = start(0, proof);
        submit(1, funding(1, ids[1], ids[0], 50));
        passWindow(live);
        finalise(live, proof);
        assertEq(gain(1), 1050);
    }

    /// @dev DIS-2: over more pages than one, with empty slots and whole empty pages between.
    function test_DIS2_ManyPages() public {
        reveal("a");
        Claim memory proof = claim(5, 0);
        proof.slots = new bytes[](70);
        proof.slots[0] = lock(START, "a", move(1, 1));
        proof.slots[15] = lock(START, "a", move(1, 2));
        proof.slots[16] = lock(START, "a", move(1, 4));
        proof.slots[31] = lock(START, "a", move(1, 8));
        proof.slots[64] = lock(START, "a", move(1, 16));
        proof.slots[69] = lock(START, "a", move(1, 32));
        assertEq(outcome(proof), 63);
    }

    function _locked(uint64 deadline) private pure returns (Claim memory) {
        return withSlot(claim(5, 100), lock(deadline, "a", move(1, 40)));
    }

    function _wait(Live memory live, Claim memory self, uint256 slot, uint64 due) private {
        Enforcement memory enforcement;
        putFinalisation(enforcement, live, self);
        VM.expectRevert(abi.encodeWithSelector(Errors.ConditionUndecided.selector, slot, due));
        depository.enforce(enforcement);
    }

    /// @dev As `commitPlan` would record it: the mapping lies in the ninth slot.
    function _commit(bytes32 plan, uint64 when) private {
        VM.warp(when);
        bytes32 slot = keccak256(abi.encode(plan, uint256(8)));
        VM.store(address(depository), slot, bytes32(uint256(when)));
        assertEq(depository.planCommittedAt(plan), when);
    }
}
