// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {DisputeStart, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title Faults that mutation found and no other test did, each in the place of the other side,
/// of the other end of a range, or of a view.
/// @dev Party 0 is a number here, and so is party 1; each board is the key of a party of its own.
contract MutantTest is BoardFixture, DisputeFixture {
    using EnforcementBuild for Enforcement;

    uint256 private constant START = 1_900_000_000;

    /// @dev Left's board is party 2's key; right's is party 3's, and party 4's later on.
    function setUp() public {
        deploy();
        VM.warp(START);
        ids[0] = entityOf(registerSole(2));
        uint64 number = registerSole(3);
        ids[1] = entityOf(number);
        fill();
        propose(3, number, 4);
    }

    /// @dev ENT-5: what a retired board signed for the right side costs it no more than for the
    /// left one: the collateral alone.
    function test_ENT5_ARetiredBoardOfTheRightSide() public {
        VM.warp(START + DELAY);
        _robRight(16);
        assertEq(depository.reserveOf(ids[1], 1), HELD);
        assertEq(depository.reserveOf(ids[0], 1), HELD);
        (uint64 head, uint64 tail) = depository.debtsOf(ids[1], 1);
        assertEq(head, tail);
    }

    /// @dev ENT-5: the same while that board is the current one.
    function test_ENT5_ACurrentBoardOfTheRightSide() public {
        _robRight(0);
        assertEq(depository.reserveOf(ids[1], 1), HELD - 1000);
        assertEq(depository.reserveOf(ids[0], 1), HELD + 1000);
    }

    /// @dev DIS-2: of one proof a counter gives way to one under fewer signatures of retired
    /// boards, and to no other: not to one that retires the other side's instead, nor both.
    function test_DIS2_ARetiredSignatureClearsNoOther() public {
        propose(2, uint64(uint256(ids[0])), 4);
        VM.warp(START + DELAY);
        Enforcement memory enforcement;
        putStart(enforcement, 0, nothing());
        Batch memory batch = batchOf(0, enforcement.alone());
        depository.processBatch(batch, signSole(4, ids[0], depository.batchDigest(batch)));
        Live memory live = startedNow(0, nothing());
        // Left's first board was party 2's key, right's was party 3's; now both are party 4's.
        depository.enforce(_counterBy(live, 2, 4));
        live = Live(withFlags(live.window, 8), hashOf(claim(1, 1000)));
        bytes memory used = abi.encodeWithSelector(Errors.NumberUsed.selector, 1, 1);
        expectSkipped(0, 1, 2, used);
        depository.enforce(_counterBy(live, 4, 3));
        expectSkipped(0, 1, 2, used);
        depository.enforce(_counterBy(live, 2, 3));

        depository.enforce(_counterBy(live, 4, 4));
        passWindow(live);
        enforcement = _none();
        putOvertaking(enforcement, live.window, live.bodyHash, 0, claim(1, 1000));
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[0], 1), HELD + 1000);
    }

    /// @dev DIS-2: both ends of the range that a window is held to.
    function test_DIS2_TheWindowIsHeldToItsRange() public {
        uint32[5] memory sums = [0, MIN_WINDOW - 1, MIN_WINDOW, MAX_WINDOW, MAX_WINDOW + 1];
        uint32[5] memory lengths = [MIN_WINDOW, MIN_WINDOW, MIN_WINDOW, MAX_WINDOW, MAX_WINDOW];
        for (uint256 i = 0; i < sums.length; ++i) {
            Claim memory proof = claim(5, 100);
            (proof.left, proof.right) = (2 + (i % 2), 4);
            (proof.leftResponse, proof.rightResponse) = (sums[i], 0);
            proof.epoch = epochOf(proof);
            Enforcement memory enforcement;
            putStart(enforcement, proof.left, proof);
            submit(proof.left, enforcement.alone());
            Live memory live = Live(windowOf(BY_LEFT, lengths[i]), hashOf(proof));
            assertEq(headOf(proof) >> 96, commitmentOf(live));
            passWindow(live);
            finalise(live, proof);
        }
    }

    /// @dev RCP-1: an account has one order of its sides; views know no other.
    function test_RCP1_ViewsKnowOneOrderOfTheSides() public {
        bytes memory reason = abi.encodeWithSelector(
            Errors.PartiesUnordered.selector,
            ids[3],
            ids[2]
        );
        VM.expectRevert(reason);
        depository.accountOf(ids[3], ids[2]);
        VM.expectRevert(reason);
        depository.disputeOf(ids[3], ids[2]);
        reason = abi.encodeWithSelector(Errors.PartiesUnordered.selector, ids[2], ids[2]);
        VM.expectRevert(reason);
        depository.accountOf(ids[2], ids[2]);
    }

    /// @dev DEP-8: the door for one counter takes no signature that is longer than all of them.
    function test_DEP8_ASignatureLongerThanAll() public {
        Claim memory proof = claim(5, 100);
        (proof.left, proof.right) = (2, 3);
        Live memory live = start(2, proof);
        proof.number = 6;
        Enforcement memory e;
        putCounter(e, live, proof, 2, 3);
        e.counters[0].leftSignature = 131;
        e.counters[0].rightSignature = type(uint256).max;
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, 131, 130));
        depository.counter(e.counters[0], e.rows, e.conditions, e.signatures);
    }

    /// @dev Anyone's, of a proof that right owes all of its limit, under both boards' signatures.
    function _counterBy(
        Live memory live,
        uint256 leftBoard,
        uint256 rightBoard
    ) private view returns (Enforcement memory enforcement) {
        Claim memory proof = claim(1, 1000);
        putCounter(enforcement, live, proof, NOBODY, NOBODY);
        bytes memory left = signSole(leftBoard, ids[0], digestOf(proof));
        bytes memory right = signSole(rightBoard, ids[1], digestOf(proof));
        enforcement.counters[0].leftSignature = left.length;
        enforcement.counters[0].rightSignature = right.length;
        enforcement.signatures = bytes.concat(left, right);
    }

    function _none() private pure returns (Enforcement memory enforcement) {}

    /// @dev Left starts with a proof under which right owes all of its limit and the one board that
    /// it had at first signed; it ends after its window.
    function _robRight(uint256 retired) private {
        Claim memory robbery = claim(1, 1000);
        bytes memory signature = signSole(3, ids[1], digestOf(robbery));
        Enforcement memory enforcement;
        enforcement.add(
            DisputeStart({
                counterparty: ids[1],
                epoch: 0,
                number: 1,
                leftResponse: robbery.leftResponse,
                rightResponse: robbery.rightResponse,
                frameHash: robbery.frameHash,
                rows: 1,
                conditionBytes: 0,
                signatureLength: signature.length
            })
        );
        putBody(enforcement, robbery);
        enforcement.signatures = signature;
        Batch memory batch = batchOf(0, enforcement.alone());
        bytes32 digest = depository.batchDigest(batch);
        depository.processBatch(batch, signSole(2, ids[0], digest));
        Live memory live = startedNow(0, robbery);
        live.window = withFlags(live.window, flagsOf(live.window) | retired);
        passWindow(live);
        finalise(live, robbery);
    }
}
