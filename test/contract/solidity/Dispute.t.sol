// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title DIS-1, DIS-2, DIS-5: how disputes start. Reverts first, then what is passed over.
contract DisputeTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
    }

    // What fails the batch

    function test_DIS1_CarrierNeeded() public {
        Enforcement memory enforcement;
        putStart(enforcement, 0, claim(1, 0));
        VM.expectRevert(abi.encodeWithSelector(Errors.CarrierNeeded.selector));
        depository.enforce(enforcement);
    }

    function test_DIS1_SignatureInvalid() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        enforcement.rows[0].offdelta = 101;
        proof.rows[0].offdelta = 101;
        submitExpecting(0, enforcement.alone(), invalid(1, proof));
    }

    /// @dev DIS-1: what one side alone signed is no proof against the other.
    function test_DIS1_StarterCannotSignForTheOther() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        enforcement.signatures = signClaim(0, proof);
        submitExpecting(0, enforcement.alone(), invalid(1, proof));
    }

    /// @dev DIS-1: a proof is of one account, one epoch, one number, one chain, one Depository.
    function test_DIS1_AProofIsOfOnePlaceAndTime() public {
        Claim memory proof = claim(5, 100);
        bytes memory signature = signClaim(1, proof);
        for (uint256 field = 0; field < 8; ++field) {
            Claim memory other = claim(5, 100);
            if (field == 0) (other.left, other.right) = (1, 2);
            if (field == 1) other.number = 6;
            if (field == 2) other.leftResponse = 1;
            if (field == 3) other.rightResponse = 1;
            if (field == 4) other.frameHash = 0;
            if (field == 5) other.rows[0].leftLimit = 1001;
            if (field == 6) other.rows[0].rightLimit = 1001;
            if (field == 7) other.rows[0].token = 2;
            uint256 carrier = field == 0 ? 2 : 0;
            Enforcement memory enforcement;
            putStart(enforcement, carrier, other);
            enforcement.signatures = signature;
            submitExpecting(carrier, enforcement.alone(), invalid(1, other));
        }
    }

    function test_DIS1_AProofIsOfOneChain() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        VM.chainId(77);
        submitExpecting(0, enforcement.alone(), invalid(1, proof));
    }

    function test_DIS1_AProofIsOfOneDepository() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        deployContracts();
        for (uint256 t = 0; t < 2; ++t) depository.registerToken(1, address(assets[t]), 0);
        submitExpecting(0, enforcement.alone(), invalid(1, proof));
    }

    /// @dev ENT-3: a side's key may delegate to code that denies all: its proofs stay good.
    function test_DIS1_DelegatedCodeDoesNotUndoAProof() public {
        Claim memory proof = claim(5, 100);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        // EIP-7702: what stands at the address of a key that delegated.
        bytes memory delegation = abi.encodePacked(hex"ef0100", address(this));
        VM.etch(VM.addr(keys[1]), delegation);
        submit(0, enforcement.alone());
        assertTrue(headOf(proof) >> 96 != 0, "started");
    }

    function test_DIS1_PartiesUnordered() public {
        Enforcement memory enforcement;
        putStart(enforcement, 0, claim(5, 100));
        enforcement.starts[0].counterparty = ids[0];
        bytes4 selector = Errors.PartiesUnordered.selector;
        bytes memory reason = abi.encodeWithSelector(selector, ids[0], ids[0]);
        submitExpecting(0, enforcement.alone(), reason);
    }

    /// @dev DIS-1: an epoch that has not begun may begin: nobody may spoil the batch till then.
    function test_DIS1_EpochInvalid() public {
        Claim memory proof = claim(5, 100);
        proof.epoch = 1;
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        bytes memory reason = abi.encodeWithSelector(Errors.EpochInvalid.selector, 0, 1);
        submitExpecting(0, enforcement.alone(), reason);
    }

    function test_DIS1_TheLastEpochCannotBeClosed() public {
        Claim memory proof = claim(5, 100);
        uint64 last = type(uint32).max >> 1;
        submit(0, funding(1, ids[0], ids[1], 1));
        _storeHead(proof, uint256(last) << 64);
        assertEq(epochOf(proof), last);
        proof.epoch = last;
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        bytes memory reason = abi.encodeWithSelector(Errors.EpochInvalid.selector, last, last);
        submitExpecting(0, enforcement.alone(), reason);
        _storeHead(proof, uint256(last - 1) << 64);
        proof.epoch = last - 1;
        enforcement = _empty();
        putStart(enforcement, 0, proof);
        submit(0, enforcement.alone());
        passWindow(startedNow(0, proof));
    }

    function test_DIS1_EnforcementMalformed() public {
        for (uint256 field = 0; field < 3; ++field) {
            Enforcement memory enforcement;
            putStart(enforcement, 0, claim(5, 100));
            if (field == 0) enforcement.starts[0].number = 1 << 64;
            if (field == 1) enforcement.starts[0].leftResponse = 1 << 32;
            if (field == 2) enforcement.starts[0].rightResponse = 1 << 255;
            refuse(0, enforcement, Errors.EnforcementMalformed.selector);
        }
    }

    // Without a proof

    /// @dev DIS-1: nothing is signed by the other side, so nothing but tokens may be said.
    function test_DIS1_WithoutAProofNothingIsClaimed() public {
        for (uint256 field = 0; field < 8; ++field) {
            Claim memory bare = nothing();
            bare.rows = row(1, 0, 0, 0);
            if (field == 0) bare.leftResponse = 1;
            if (field == 1) bare.rightResponse = 1;
            if (field == 2) bare.frameHash = bytes32(uint256(1));
            if (field == 3) bare.rows[0].offdelta = 1;
            if (field == 4) bare.rows[0].leftLimit = 1;
            if (field == 5) bare.rows[0].rightLimit = 1;
            if (field == 6)
                bare = withSlot(
                    bare,
                    abi.encodePacked(uint8(1), FAR, bytes32(0), uint8(1), uint32(1), int128(1))
                );
            Enforcement memory enforcement;
            putStart(enforcement, 0, bare);
            if (field == 7) {
                enforcement.starts[0].signatureLength = 65;
                enforcement.signatures = new bytes(65);
            }
            refuse(0, enforcement, Errors.EnforcementMalformed.selector);
        }
    }

    function test_ENT1_WithoutAProofTheOtherSideMustExist() public {
        for (uint256 id = 0; id < 2; ++id) {
            Enforcement memory enforcement;
            putStart(enforcement, 0, nothing());
            enforcement.starts[0].counterparty = bytes32(id);
            bytes4 selector = Errors.EntityInvalid.selector;
            bytes memory reason = abi.encodeWithSelector(selector, bytes32(id));
            submitExpecting(0, enforcement.alone(), reason);
        }
    }

    /// @dev DIS-1: collateral that was paid in before any proof exists is not lost.
    function test_DIS1_WithoutAProofForTheLongestWindow() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        Claim memory bare = nothing();
        bare.rows = row(1, 0, 0, 0);
        Live memory live = start(0, bare);
        assertEq(endOf(live), block.timestamp + MAX_WINDOW);
        assertEq(headOf(bare), commitmentOf(live) << 96);
        passWindow(live);
        finalise(live, bare);
        assertEq(depository.reserveOf(ids[0], 1), HELD);
    }

    // What is passed over

    function test_DIS1_ALiveDisputeIsNotStartedAgain() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        uint256 head = headOf(proof);
        Claim memory newer = claim(6, 0);
        expectSkipped(0, 1, 1, about(Errors.DisputeLive.selector));
        start(1, newer);
        assertEq(headOf(proof), head);
        assertEq(commitmentOf(live), head >> 96);
    }

    /// @dev DIS-1: a settlement of a higher number has voided the proof.
    function test_DIS1_NumberUsed() public {
        depository.settleDiffs(one(5, 1, -1));
        for (uint64 number = 4; number < 6; ++number) {
            bytes4 selector = Errors.NumberUsed.selector;
            expectSkipped(0, 1, 1, abi.encodeWithSelector(selector, 5, number));
            start(0, claim(number, 100));
        }
        expectSkipped(0, 1, 1, abi.encodeWithSelector(Errors.NumberUsed.selector, 5, 0));
        start(0, nothing());
        assertEq(headOf(claim(0, 0)), 5);
        start(0, claim(6, 100));
        assertTrue(headOf(claim(0, 0)) >> 96 != 0, "a newer one starts");
    }

    /// @dev DIS-4: proofs of a closed epoch are void for good.
    function test_DIS4_AnEpochThatIsOver() public {
        Claim memory proof = claim(5, 100);
        Live memory live = start(0, proof);
        passWindow(live);
        finalise(live, proof);
        Claim memory newer = claim(6, 900);
        expectSkipped(0, 1, 1, abi.encodeWithSelector(Errors.EpochInvalid.selector, 1, 0));
        start(0, newer);
        assertEq(headOf(proof), 1 << 64);
        // Nor does it help to name the epoch: the proof signs it.
        Enforcement memory enforcement;
        putStart(enforcement, 0, newer);
        enforcement.starts[0].epoch = 1;
        Claim memory moved = claim(6, 900);
        moved.epoch = 1;
        submitExpecting(0, enforcement.alone(), invalid(1, moved));
    }

    // What starts

    function test_DIS5_StartsAndCommits() public {
        for (uint256 carrier = 0; carrier < 2; ++carrier) {
            Claim memory proof = claim(5, 100);
            (proof.left, proof.right) = (carrier, carrier + 1);
            uint256 by = carrier == 0 ? 0 : 2;
            Live memory live = startedNow(by, proof);
            Enforcement memory enforcement;
            putStart(enforcement, by, proof);
            VM.expectEmit(true, true, true, true, address(depository));
            emit Events.DisputeStarted(
                ids[proof.left],
                ids[proof.right],
                5,
                live.window,
                live.bodyHash
            );
            submit(by, enforcement.alone());
            assertEq(headOf(proof), (commitmentOf(live) << 96) | 5);
        }
    }

    /// @dev DIS-2: the window is the sum of both response times, clamped.
    function testFuzz_DIS2_Window(uint32 left, uint32 right) public {
        Claim memory proof = claim(5, 100);
        (proof.leftResponse, proof.rightResponse) = (left, right);
        uint256 length = uint256(left) + right;
        if (length < MIN_WINDOW) length = MIN_WINDOW;
        if (length > MAX_WINDOW) length = MAX_WINDOW;
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        submit(0, enforcement.alone());
        Live memory live = Live(windowOf(BY_LEFT, length), hashOf(proof));
        assertEq(headOf(proof) >> 96, commitmentOf(live));
    }

    /// @dev DEP-4, DEP-2: while a dispute is live nothing is settled; a batch is not held up.
    function test_DIS1_NothingIsSettledMeanwhile() public {
        submit(0, funding(1, ids[0], ids[1], 500));
        start(0, claim(5, 100));
        bytes memory reason = about(Errors.DisputeLive.selector);
        Settlements memory list = one(6, 1, -1);
        VM.expectRevert(reason);
        depository.settleDiffs(list);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.SettlementSkipped(ids[0], ids[1], 0, 6, reason);
        submit(1, release(1, 0, 1, 6, 10));
        (, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(collateral, 500);
    }

    /// @dev DIS-1: ids of boards hold accounts like any other.
    function test_ENT2_ALazySideIsJudgedByItsBoard() public {
        bytes32 lazy = boardHash(boardOf(3, 3));
        Claim memory proof = claim(5, 100);
        ids[4] = lazy;
        (proof.left, proof.right) = (0, 4);
        Enforcement memory enforcement;
        putStart(enforcement, 0, proof);
        bytes memory signature = signBoard(boardOf(3, 3), lazy, digestOf(proof), 3);
        enforcement.starts[0].signatureLength = signature.length;
        enforcement.signatures = signature;
        submit(0, enforcement.alone());
        assertTrue(headOf(proof) >> 96 != 0, "started");
    }

    function _empty() private pure returns (Enforcement memory enforcement) {}

    /// @dev The accounts' mapping lies in the fifth slot, and a head in the first of an account.
    function _storeHead(Claim memory self, uint256 head) private {
        bytes32 slot = keccak256(abi.encode(keyOf(self), uint256(4)));
        VM.store(address(depository), slot, bytes32(head));
    }
}
