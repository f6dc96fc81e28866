// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {Board, MemberSignature} from "../../../contracts/type/Board.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {Batch, Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Head} from "./Fixture.sol";

/// @title What was signed for one chain, contract, entity, account, epoch or number is of no use in
/// another. Starts of disputes are in Dispute.t.sol, plans in PlanAttack.t.sol, deposits in
/// SignedDeposit.t.sol, actions of boards in Tenure.t.sol.
contract ReplayTest is DisputeFixture {
    using EnforcementBuild for Enforcement;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(1_000_000);
    }

    // Batches

    function test_DEP2_ABatchIsOfOneChain() public {
        (Batch memory batch, bytes memory signature) = _payment();
        VM.chainId(77);
        _refuse(batch, signature);
    }

    function test_DEP2_ABatchIsOfOneDepository() public {
        (Batch memory batch, bytes memory signature) = _payment();
        deployContracts();
        _refuse(batch, signature);
    }

    /// @dev DEP-2, ENT-4: nor does it sign for a board that its key sits on.
    function test_DEP2_ABatchIsOfOneEntity() public {
        (Batch memory batch, bytes memory signature) = _payment();
        batch.entity = ids[1];
        _refuse(batch, signature);
        Board memory board = boardOf(1, 1);
        batch.entity = boardHash(board);
        MemberSignature[] memory members = new MemberSignature[](1);
        members[0] = MemberSignature(0, signature);
        bytes memory whole = abi.encode(board, new bytes32[](0), members);
        refuseCall(
            abi.encodeCall(depository.processBatch, (batch, whole)),
            IEntityProvider.MemberSignatureInvalid.selector
        );
    }

    function test_DEP2_ABatchIsOfOneNonce() public {
        (Batch memory batch, bytes memory signature) = _payment();
        depository.processBatch(batch, signature);
        bytes4 selector = Errors.NonceInvalid.selector;
        VM.expectRevert(abi.encodeWithSelector(selector, ids[0], uint64(1), uint64(0)));
        depository.processBatch(batch, signature);
        batch.nonce = 1;
        _refuse(batch, signature);
        assertEq(depository.reserveOf(ids[1], 1), HELD + 5);
    }

    function test_DEP2_EveryFieldOfABatchIsSigned() public {
        (Batch memory batch, bytes memory signature) = _payment();
        ++batch.deadline;
        _refuse(batch, signature);
        --batch.deadline;
        batch.operations.reserveToReserve[0].transfers[0].to = ids[2];
        _refuse(batch, signature);
        batch.operations = payment(1, ids[1], 6);
        _refuse(batch, signature);
        batch.operations = payment(2, ids[1], 5);
        _refuse(batch, signature);
        batch.operations = payment(1, ids[1], 5);
        batch.operations.enforcements = new Enforcement[](1);
        _refuse(batch, signature);
    }

    // Settlements

    function test_DEP4_ASettlementIsOfOneChain() public {
        Settlements memory list = one(1, -5, 5);
        VM.chainId(77);
        _refuse(list, 0, 1, 1);
    }

    function test_DEP4_ASettlementIsOfOneDepository() public {
        Settlements memory list = one(1, -5, 5);
        deployContracts();
        for (uint256 t = 0; t < 2; ++t) depository.registerToken(1, address(assets[t]), 0);
        _refuse(list, 0, 1, 1);
    }

    function test_DEP4_ASettlementIsOfOneAccount() public {
        Settlements memory list = one(1, -5, 5);
        list.heads[0] = packHead(Head(0, 2, 0, 1, FAR, 1, 65, 65));
        _refuse(list, 0, 2, 1);
    }

    function test_DEP4_ASettlementIsOfOneNumber() public {
        Settlements memory list = one(1, -5, 5);
        depository.settleDiffs(list);
        list.heads[0] = packHead(Head(0, 1, 0, 2, FAR, 1, 65, 65));
        _refuse(list, 0, 1, 2);
    }

    /// @dev DIS-4: what was agreed for an epoch that is over is void, under any epoch's name.
    function test_DIS4_ASettlementOfAClosedEpoch() public {
        Settlements memory list = one(9, -5, 5);
        _close();
        VM.expectRevert(abi.encodeWithSelector(Errors.EpochInvalid.selector, 1, 0));
        depository.settleDiffs(list);
        list.heads[0] = packHead(Head(0, 1, 1, 9, FAR, 1, 65, 65));
        settlementEpoch = 1;
        _refuse(list, 0, 1, 9);
    }

    /// @dev The same in short form; the batch that carries it goes on.
    function test_DIS4_AReleaseOfAClosedEpoch() public {
        Operations memory operations = release(1, 0, 1, 9, 5);
        _close();
        submit(0, funding(1, ids[0], ids[1], 50));
        bytes memory reason = abi.encodeWithSelector(Errors.EpochInvalid.selector, 1, 0);
        VM.expectEmit(true, true, true, true, address(depository));
        emit Events.SettlementSkipped(ids[0], ids[1], 0, 9, reason);
        submit(1, operations);
        operations.collateralToReserve[0].releases[0].epoch = 1;
        settlementEpoch = 1;
        bytes32 digest = settlementDigest(0, 1, 9, FAR, 1, 0, 5);
        submitExpecting(1, operations, _invalid(0, digest));
    }

    // Proofs

    /// @dev DIS-4: the highest number of an epoch that is over beats nothing in the next one.
    function test_DIS4_AProofOfAClosedEpochCountersNothing() public {
        Claim memory old = claim(900, -1000);
        _close();
        Claim memory proof = claim(1, 0);
        proof.epoch = 1;
        Live memory live = start(0, proof);
        Enforcement memory enforcement;
        putCounter(enforcement, live, old, 0, 1);
        old.epoch = 1;
        VM.expectRevert(invalid(0, old));
        depository.enforce(enforcement);
    }

    /// @dev DIS-5: nor does a body that won once end a dispute that came later.
    function test_DIS5_AWindowOfAClosedEpochEndsNothing() public {
        Live memory first = _close();
        Claim memory proof = claim(1, 300);
        proof.epoch = 1;
        VM.roll(101);
        Live memory live = start(0, proof);
        passWindow(live);
        expectSkipped(0, 1, 3, about(Errors.DisputeChanged.selector));
        finalise(first, nothing());
        assertEq(epochOf(proof), 1);
        finalise(live, proof);
        assertEq(epochOf(proof), 2);
    }

    function _payment() private view returns (Batch memory batch, bytes memory signature) {
        batch = batchOf(0, payment(1, ids[1], 5));
        signature = signBatch(0, batch);
    }

    function _refuse(Batch memory batch, bytes memory signature) private {
        bytes4 selector = Errors.SignatureInvalid.selector;
        bytes32 digest = depository.batchDigest(batch);
        VM.expectRevert(abi.encodeWithSelector(selector, batch.entity, digest));
        depository.processBatch(batch, signature);
    }

    /// @dev Left's signature is the first that is judged.
    function _refuse(Settlements memory list, uint256 left, uint256 right, uint64 number) private {
        bytes32 digest = settlementDigest(left, right, number, FAR, 1, -5, 5);
        VM.expectRevert(_invalid(left, digest));
        depository.settleDiffs(list);
    }

    function _invalid(uint256 party, bytes32 digest) private view returns (bytes memory) {
        return abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[party], digest);
    }

    /// @dev The account of parties 0 and 1 ends with nothing owed.
    function _close() private returns (Live memory live) {
        live = start(0, nothing());
        passWindow(live);
        finalise(live, nothing());
    }
}
