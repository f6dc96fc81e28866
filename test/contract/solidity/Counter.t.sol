// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {DisputeCounter, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title DIS-2: newer proofs in a live dispute: who may bring them, until when, and what nobody
/// can do about it. Party 0 is left and starts, unless a test says otherwise.
contract CounterTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    Live private _live;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
        _live = start(0, claim(5, 100));
    }

    // Who may

    /// @dev DIS-2: a starter cannot counter itself with a proof that it alone signed.
    function test_DIS2_AStarterAloneCountersNothing() public {
        Claim memory forged = claim(6, 1000);
        bytes memory reason = invalid(0, forged);
        _refuse(0, forged, NOBODY, NOBODY, reason);
        reason = invalid(1, forged);
        _refuse(0, forged, 0, NOBODY, reason);
        _refuse(0, forged, 0, 0, reason);
    }

    function test_DIS2_TheOtherSideNeedsTheStartersSignature() public {
        Claim memory forged = claim(6, -1000);
        bytes memory reason = invalid(0, forged);
        _refuse(1, forged, NOBODY, NOBODY, reason);
        _refuse(1, forged, 1, NOBODY, reason);
        _refuse(1, forged, NOBODY, 1, reason);
    }

    function test_DIS2_AnyoneElseNeedsBoth() public {
        Claim memory proof = claim(6, -300);
        _refuse(2, proof, 0, NOBODY, invalid(1, proof));
        _refuse(2, proof, NOBODY, 1, invalid(0, proof));
        _refuse(2, proof, 2, 1, invalid(0, proof));
        Enforcement memory enforcement;
        putCounter(enforcement, _live, proof, 0, NOBODY);
        VM.expectRevert(invalid(1, proof));
        depository.enforce(enforcement);
    }

    function test_DIS2_TheOtherSidesBatch() public {
        Claim memory proof = claim(6, -300);
        Live memory next = counter(1, _live, proof);
        assertEq(headOf(proof), (commitmentOf(next) << 96) | 6);
    }

    /// @dev The same with left on the other side.
    function test_DIS2_LeftsBatchAgainstRight() public {
        Claim memory proof = claim(5, 100);
        (proof.left, proof.right) = (2, 3);
        Live memory live = start(3, proof);
        proof.number = 6;
        Enforcement memory enforcement;
        putCounter(enforcement, live, proof, 3, NOBODY);
        submitExpecting(3, enforcement.alone(), invalid(2, proof));
        live = counter(2, live, proof);
        assertEq(headOf(proof), (commitmentOf(live) << 96) | 6);
    }

    /// @dev Right, as the starter, may not leave its own signature out either.
    function test_DIS2_AStartingRightSignsItself() public {
        Claim memory proof = claim(5, 100);
        (proof.left, proof.right) = (2, 3);
        Live memory live = start(3, proof);
        proof.number = 6;
        Enforcement memory enforcement;
        putCounter(enforcement, live, proof, 2, NOBODY);
        submitExpecting(3, enforcement.alone(), invalid(3, proof));
    }

    function test_DIS2_AWatchtowerWithBothSignatures() public {
        Claim memory proof = claim(6, -300);
        Live memory next = Live(withFlags(_live.window, 0), hashOf(proof));
        VM.expectEmit(true, true, true, true, address(depository));
        bytes32 hash = next.bodyHash;
        emit Events.DisputeCountered(ids[0], ids[1], 6, next.window, hash, false);
        counterOpenly(_live, proof);
        assertEq(headOf(proof), (commitmentOf(next) << 96) | 6);
    }

    /// @dev A starter may bring what both signed, like anyone: it calls it the newest no more.
    function test_DIS2_AStarterWithBothSignaturesIsAnyone() public {
        Claim memory proof = claim(6, 300);
        Enforcement memory enforcement;
        putCounter(enforcement, _live, proof, 0, 1);
        submit(0, enforcement.alone());
        assertEq(
            headOf(proof) >> 96,
            commitmentOf(Live(withFlags(_live.window, 0), hashOf(proof)))
        );
    }

    /// @dev ENT-3: who delegates its key after signing (EIP-7702) has signed all the same.
    function test_DIS2_DelegatedCodeDoesNotUndoAProof() public {
        bytes memory delegation = abi.encodePacked(hex"ef0100", address(this));
        VM.etch(VM.addr(keys[0]), delegation);
        VM.etch(VM.addr(keys[1]), delegation);
        Claim memory proof = claim(6, -300);
        counterOpenly(_live, proof);
        assertEq(uint64(headOf(proof)), 6);
    }

    // What is refused, or passed over

    function test_DIS2_PartiesUnordered() public {
        Enforcement memory enforcement;
        putCounter(enforcement, _live, claim(6, 0), 0, 1);
        DisputeCounter memory head = enforcement.counters[0];
        (head.left, head.right) = (head.right, head.left);
        bytes4 selector = Errors.PartiesUnordered.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, ids[1], ids[0]));
        depository.enforce(enforcement);
    }

    function test_DIS2_EnforcementMalformed() public {
        for (uint256 field = 0; field < 3; ++field) {
            Enforcement memory enforcement;
            putCounter(enforcement, _live, claim(6, 0), 0, 1);
            if (field == 0) enforcement.counters[0].number = 1 << 64;
            if (field == 1) enforcement.counters[0].leftResponse = 1 << 32;
            if (field == 2) enforcement.counters[0].rightResponse = 1 << 32;
            refuse(2, enforcement, Errors.EnforcementMalformed.selector);
        }
    }

    function test_DIS2_BodyInvalid() public {
        Claim memory junk = claim(6, 0);
        junk.rows[0].token = 3;
        Enforcement memory enforcement;
        putCounter(enforcement, _live, junk, 0, 1);
        refuse(2, enforcement, Errors.TokenUnknown.selector);
    }

    function test_DIS2_NumberUsed() public {
        for (uint64 number = 4; number < 6; ++number) {
            bytes memory reason = abi.encodeWithSelector(Errors.NumberUsed.selector, 5, number);
            _passOver(_live, claim(number, 0), reason);
        }
    }

    function test_DIS5_DisputeChanged() public {
        bytes memory reason = about(Errors.DisputeChanged.selector);
        _passOver(Live(_live.window + 1, _live.bodyHash), claim(6, 0), reason);
        _passOver(Live(_live.window, 0), claim(6, 0), reason);
    }

    function test_DIS2_DisputeNone() public {
        passWindow(_live);
        finalise(_live, claim(5, 100));
        _passOver(_live, claim(6, 0), about(Errors.DisputeNone.selector));
    }

    /// @dev DIS-2: in time at its end, and not a second later.
    function test_DIS2_WindowOver() public {
        VM.warp(endOf(_live) + 1);
        bytes4 selector = Errors.WindowOver.selector;
        bytes memory reason = abi.encodeWithSelector(selector, endOf(_live), endOf(_live) + 1);
        _passOver(_live, claim(6, -300), reason);
        VM.warp(endOf(_live));
        counter(1, _live, claim(6, -300));
        assertEq(uint64(headOf(claim(0, 0))), 6);
    }

    // The window

    /// @dev DIS-2: whatever response times an old or a new body has, the window is the start's.
    function test_DIS2_TheWindowDoesNotRestartOrShrink() public {
        VM.warp(endOf(_live) - 5);
        Claim memory quick = claim(6, -300);
        (quick.leftResponse, quick.rightResponse) = (0, 0);
        Live memory next = counter(1, _live, quick);
        assertEq(endOf(next), endOf(_live));
        assertEq(headOf(quick) >> 96, commitmentOf(next));
        Claim memory slow = claim(7, -400);
        slow.leftResponse = MAX_WINDOW;
        Enforcement memory enforcement;
        putCounter(enforcement, next, slow, 0, 1);
        depository.enforce(enforcement);
        VM.warp(endOf(_live) + 1);
        enforcement = _empty();
        putOvertaking(enforcement, next.window, next.bodyHash, 0, slow);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 400);
    }

    // Many counters

    /// @dev DIS-2: the first counter takes the head; who loses the race to it tries once more, and
    /// then nothing but a newer proof is in the way.
    function test_DIS2_SerialCountersHoldNobodyUp() public {
        Claim memory mine = claim(90, -900);
        Live memory next = counterOpenly(_live, claim(6, 0));
        _passOver(_live, mine, about(Errors.DisputeChanged.selector));
        for (uint64 number = 7; number < 12; ++number) {
            Enforcement memory other;
            putCounter(other, next, claim(number, 0), 0, 1);
            depository.enforce(other);
            (uint256 head, uint256 overtaking) = depository.disputeOf(ids[0], ids[1]);
            assertEq(head, (commitmentOf(next) << 96) | (1 << 95) | 6);
            assertEq(overtaking >> 192, number);
        }
        Enforcement memory enforcement;
        putCounter(enforcement, next, mine, 0, NOBODY);
        Live memory end = Live(withFlags(_live.window, BY_RIGHT), hashOf(mine));
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.DisputeCountered(ids[0], ids[1], 90, end.window, end.bodyHash, true);
        submit(1, enforcement.alone());
        (, uint256 word) = depository.disputeOf(ids[0], ids[1]);
        assertEq(word, overtakingOf(90, end));
        passWindow(_live);
        enforcement = _empty();
        putOvertaking(enforcement, next.window, next.bodyHash, BY_RIGHT, mine);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 900);
        (, word) = depository.disputeOf(ids[0], ids[1]);
        assertEq(word, 0);
    }

    /// @dev The higher number wins, in whatever order they come; one that is not is passed over.
    function test_DIS2_OnlyAboveTheHighest() public {
        Live memory next = counter(1, _live, claim(8, -1));
        _passOver(next, claim(8, 0), abi.encodeWithSelector(Errors.NumberUsed.selector, 8, 8));
        Enforcement memory enforcement;
        putCounter(enforcement, next, claim(10, -2), 0, 1);
        depository.enforce(enforcement);
        for (uint64 number = 9; number < 11; ++number) {
            bytes memory reason = abi.encodeWithSelector(Errors.NumberUsed.selector, 10, number);
            _passOver(next, claim(number, 0), reason);
        }
    }

    function test_DIS2_TwoCountersInOneBatch() public {
        Claim memory second = claim(7, -700);
        Live memory next = Live(withFlags(_live.window, BY_RIGHT), hashOf(claim(6, -600)));
        Enforcement memory enforcement;
        putCounter(enforcement, _live, claim(6, -600), 0, NOBODY);
        putCounter(enforcement, next, second, 0, NOBODY);
        submit(1, enforcement.alone());
        passWindow(_live);
        enforcement = _empty();
        putOvertaking(enforcement, next.window, next.bodyHash, BY_RIGHT, second);
        depository.enforce(enforcement);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 700);
    }

    /// @dev One batch that starts, counters and would end: the last step has to wait.
    function test_DIS3_StartCounterAndEndInOneBatch() public {
        Claim memory first = claim(1, 0);
        (first.left, first.right) = (2, 3);
        Claim memory second = claim(2, 50);
        (second.left, second.right) = (2, 3);
        Enforcement memory enforcement;
        putStart(enforcement, 2, first);
        Live memory live = startedNow(2, first);
        putCounter(enforcement, live, second, 2, 3);
        Live memory next = Live(withFlags(live.window, 0), hashOf(second));
        Enforcement memory whole = _copy(enforcement);
        putFinalisation(whole, next, second);
        bytes4 selector = Errors.WindowOpen.selector;
        bytes memory reason = abi.encodeWithSelector(selector, endOf(live), block.timestamp);
        submitExpecting(2, whole.alone(), reason);
        submit(2, enforcement.alone());
        assertEq(headOf(first), (commitmentOf(next) << 96) | 2);
    }

    /// @dev A dispute without a proof yields to any proof.
    function test_DIS1_AnyProofIsNewerThanNone() public {
        Claim memory bare = nothing();
        (bare.left, bare.right) = (2, 3);
        Live memory live = start(2, bare);
        Claim memory proof = claim(1, -80);
        (proof.left, proof.right) = (2, 3);
        live = counter(3, live, proof);
        passWindow(live);
        finalise(live, proof);
        assertEq(depository.reserveOf(ids[3], 1), HELD + 80);
    }

    // The door for one

    function test_DIS2_TheDoorForOne() public {
        Claim memory proof = claim(6, -300);
        _open(_live, proof, "");
        assertEq(uint64(headOf(proof)), 6);
        Live memory next = Live(withFlags(_live.window, 0), hashOf(proof));
        _open(next, proof, abi.encodeWithSelector(Errors.NumberUsed.selector, 6, 6));
        _open(_live, claim(7, 0), about(Errors.DisputeChanged.selector));
        VM.warp(endOf(_live) + 1);
        bytes4 selector = Errors.WindowOver.selector;
        bytes memory reason = abi.encodeWithSelector(selector, endOf(_live), endOf(_live) + 1);
        _open(next, claim(7, 0), reason);
        finalise(next, proof);
        _open(next, claim(7, 0), about(Errors.DisputeNone.selector));
    }

    function test_DEP8_TheDoorForOneTakesAllItIsGiven() public {
        Enforcement memory e;
        putCounter(e, _live, claim(6, -300), 0, 1);
        e.signatures = bytes.concat(e.signatures, hex"00");
        refuseCall(
            abi.encodeCall(depository.counter, (e.counters[0], e.rows, e.conditions, e.signatures)),
            Errors.ListMismatch.selector
        );
        e.counters[0].rows = 2;
        refuseCall(
            abi.encodeCall(depository.counter, (e.counters[0], e.rows, e.conditions, e.signatures)),
            Errors.ListMismatch.selector
        );
    }

    function _open(Live memory live, Claim memory self, bytes memory reason) private {
        Enforcement memory e;
        putCounter(e, live, self, 0, 1);
        if (reason.length != 0) VM.expectRevert(reason);
        depository.counter(e.counters[0], e.rows, e.conditions, e.signatures);
    }

    function _refuse(
        uint256 carrier,
        Claim memory self,
        uint256 leftSigner,
        uint256 rightSigner,
        bytes memory reason
    ) private {
        Enforcement memory enforcement;
        putCounter(enforcement, _live, self, leftSigner, rightSigner);
        submitExpecting(carrier, enforcement.alone(), reason);
    }

    /// @dev Nothing changes, and the call does not fail.
    function _passOver(Live memory live, Claim memory self, bytes memory reason) private {
        (uint256 head, uint256 word) = depository.disputeOf(ids[0], ids[1]);
        Enforcement memory enforcement;
        putCounter(enforcement, live, self, 0, 1);
        expectSkipped(0, 1, 2, reason);
        depository.enforce(enforcement);
        (uint256 headAfter, uint256 wordAfter) = depository.disputeOf(ids[0], ids[1]);
        assertEq(headAfter, head);
        assertEq(wordAfter, word);
    }

    function _copy(Enforcement memory from) private pure returns (Enforcement memory) {
        return abi.decode(abi.encode(from), (Enforcement));
    }

    function _empty() private pure returns (Enforcement memory enforcement) {}
}
