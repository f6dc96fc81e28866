// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {
    Batch,
    Operations,
    ReserveTransfer,
    SignedBatch,
    Withdrawal
} from "../../../contracts/type/Operation.sol";
import {ProcessingFixture} from "./ProcessingFixture.sol";
import {Log} from "./Test.sol";
import {ReentrantToken, StrangeToken} from "./Token.sol";

/// @title DEP-3: many batches in one call. What fails is undone, reported, and no other's affair.
contract ProcessingTest is ProcessingFixture {
    function setUp() public {
        deploy();
        fill();
    }

    function test_DEP3_WhatFailsIsUndoneAndReported_TheOthersLand() public {
        SignedBatch[] memory batches = new SignedBatch[](3);
        batches[0] = signed(0, payment(1, ids[3], 5));
        // It pays first, and fails when it withdraws: nothing of it stays.
        Operations memory operations = payment(1, ids[3], 100);
        operations.withdrawals = withdrawal(1, address(1), uint128(HELD)).withdrawals;
        batches[1] = signed(1, operations);
        batches[2] = signed(2, payment(1, ids[3], 7));

        VM.recordLogs();
        depository.processBatches(batches);
        bytes memory reason = abi.encodeWithSelector(
            Errors.ReserveInsufficient.selector,
            ids[1],
            1,
            HELD - 100,
            HELD
        );
        expectFailure(1, 0, reason);
        assertEq(depository.reserveOf(ids[3], 1), HELD + 12);
        assertEq(depository.reserveOf(ids[1], 1), HELD);
        expectNonces(1, 0, 1);
    }

    function test_DEP3_NoBatches() public {
        depository.processBatches(new SignedBatch[](0));
    }

    function test_DEP3_ListTooLong() public {
        VM.expectRevert(abi.encodeWithSelector(Errors.ListTooLong.selector, 257, 256));
        depository.processBatches(new SignedBatch[](257));
    }

    function test_DEP3_CallerNotSelf() public {
        SignedBatch memory first = signed(0, empty);
        VM.expectRevert(abi.encodeWithSelector(Errors.CallerNotSelf.selector, address(this)));
        depository.processBatchInTurn(first.batch, first.signature);
    }

    function test_DEP3_TheSameBatchTwice_LandsOnce() public {
        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = signed(0, payment(1, ids[3], 5));
        batches[1] = batches[0];
        VM.recordLogs();
        depository.processBatches(batches);
        expectFailure(0, 0, abi.encodeWithSelector(Errors.NonceInvalid.selector, ids[0], 1, 0));
        assertEq(depository.reserveOf(ids[3], 1), HELD + 5);
    }

    function test_DEP3_OneEntityInSequence() public {
        SignedBatch[] memory batches = new SignedBatch[](32);
        for (uint64 i = 0; i < 32; ++i) batches[i] = signedAt(0, i, payment(1, ids[3], i + 1));
        depository.processBatches(batches);
        assertEq(depository.nonceOf(ids[0]), 32);
        assertEq(depository.reserveOf(ids[3], 1), HELD + 528);
    }

    /// @dev Those behind one that failed are out of sequence, and wait for it.
    function test_DEP3_OneEntityInSequence_UpToTheFirstThatFails() public {
        SignedBatch[] memory batches = new SignedBatch[](3);
        batches[0] = signedAt(0, 0, empty);
        batches[1] = signedAt(0, 1, payment(1, ids[3], uint128(HELD + 1)));
        batches[2] = signedAt(0, 2, empty);
        depository.processBatches(batches);
        assertEq(depository.nonceOf(ids[0]), 1);
    }

    /// @dev In their order: what one pays the next can spend.
    function test_DEP3_WhatOnePaysTheNextSpends() public {
        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = signed(0, payment(1, ids[1], 10));
        batches[1] = signed(1, payment(1, ids[3], uint128(HELD + 10)));
        depository.processBatches(batches);
        assertEq(depository.reserveOf(ids[3], 1), 2 * HELD + 10);
    }

    /// @dev The module reads the arguments of the call that it runs in: a batch among many is one.
    function test_DEP3_EnforcementsRunInTheirOwnBatch() public {
        SignedBatch[] memory batches = new SignedBatch[](3);
        for (uint256 i = 0; i < 3; ++i) {
            batches[i] = signed(i, _preimage(bytes32(i + 1)));
        }
        // A preimage that is known already is no failure, of its batch or of the others.
        batches[1] = signed(1, _preimage(bytes32(uint256(1))));
        depository.processBatches(batches);
        expectNonces(1, 1, 1);
        assertEq(depository.revealedAt(keccak256(abi.encode(1))), block.timestamp);
        assertEq(depository.revealedAt(keccak256(abi.encode(2))), 0);
        assertEq(depository.revealedAt(keccak256(abi.encode(3))), block.timestamp);
    }

    function test_DEP3_SomebodyElsesSignature() public {
        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = signed(0, payment(1, ids[3], 5));
        batches[1] = signed(1, payment(1, ids[3], 5));
        (batches[0].signature, batches[1].signature) = (batches[1].signature, batches[0].signature);
        VM.recordLogs();
        depository.processBatches(batches);
        bytes32 digest = depository.batchDigest(batches[0].batch);
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs.length, 2);
        bytes4 selector = Errors.SignatureInvalid.selector;
        expectReport(logs[0], 0, 0, abi.encodeWithSelector(selector, ids[0], digest));
        expectNonces(0, 0, 0);
    }

    function test_DEP3_DeadlineAndBudgetAreEachBatchsOwn() public {
        SignedBatch[] memory batches = new SignedBatch[](3);
        batches[0] = signed(0, empty);
        batches[0].batch.deadline = 99;
        batches[0].signature = signBatch(0, batches[0].batch);
        Operations memory heavy = payment(1, ids[3], 1);
        heavy.reserveToReserve[0].transfers = new ReserveTransfer[](480);
        heavy.withdrawals = withdrawal(1, address(1), 1).withdrawals;
        heavy.withdrawals[0].items = new Withdrawal[](100);
        batches[1] = SignedBatch(batchOf(1, heavy), new bytes(65));
        batches[2] = signed(2, empty);
        VM.warp(100);
        VM.recordLogs();
        depository.processBatches(batches);
        Log[] memory logs = VM.getRecordedLogs();
        bytes memory late = abi.encodeWithSelector(Errors.DeadlinePassed.selector, 99, 100);
        expectReport(logs[0], 0, 0, late);
        (, bytes memory reason) = abi.decode(logs[1].data, (uint64, bytes));
        assertTrue(bytes4(reason) == Errors.BudgetExceeded.selector, "budget");
        expectNonces(0, 0, 1);
    }

    /// @dev A token that comes back in the middle finds every door shut, these two included.
    function test_DEP3_ATokenThatReenters() public {
        ReentrantToken asset = new ReentrantToken();
        uint32 token = register(address(asset));
        asset.mint(address(this), 10);
        asset.approve(address(depository), 10);
        depository.deposit(ids[0], token, 10);
        SignedBatch[] memory inner = new SignedBatch[](1);
        inner[0] = signed(1, payment(1, ids[3], 5));
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(depository.processBatches, (inner));
        calls[1] = abi.encodeCall(depository.processBatch, (inner[0].batch, inner[0].signature));
        bytes4 inTurn = depository.processBatchInTurn.selector;
        calls[2] = abi.encodeWithSelector(inTurn, inner[0].batch, inner[0].signature);
        asset.arm(depository, calls, false);

        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = signed(0, withdrawal(token, address(1), 10));
        batches[1] = signed(2, empty);
        depository.processBatches(batches);
        bytes[] memory answers = asset.answers();
        assertEq(answers.length, 6);
        bytes memory stranger = abi.encodeWithSelector(Errors.CallerNotSelf.selector, asset);
        for (uint256 i = 0; i < 6; ++i) {
            assertEq(keccak256(answers[i]), keccak256(i % 3 == 2 ? stranger : REENTERED));
        }
        expectNonces(1, 0, 1);
        // The guard is given back: what was refused lands now.
        depository.processBatches(inner);
        expectNonces(1, 1, 1);
    }

    /// @dev The longest error that anybody can cause is quoted, and cut.
    function test_DEP3_AReturnBombAsAnError() public {
        (StrangeToken asset, uint32 token) = strange();
        asset.act(IERC20.transfer.selector, StrangeToken.Manner.Revert, 7, 1_000_000);
        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = signed(0, withdrawal(token, address(1), 10));
        batches[1] = signed(1, empty);
        VM.recordLogs();
        depository.processBatches(batches);
        expectFailure(0, 0, refused(token, bytes.concat(abi.encode(7), new bytes(96))));
        expectNonces(0, 1, 0);
    }

    /// @dev Even a provider whose errors have no end, which none that is deployed is.
    function test_DEP3_TheErrorIsCutTo256Bytes() public {
        VM.etch(address(provider), address(new BombProvider()).code);
        SignedBatch[] memory batches = new SignedBatch[](2);
        batches[0] = SignedBatch(Batch(bytes32(type(uint256).max), 0, FAR, empty), "");
        batches[1] = signed(1, empty);
        VM.recordLogs();
        depository.processBatches(batches);
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs[0].topics[1], bytes32(type(uint256).max));
        (uint64 nonce, bytes memory reason) = abi.decode(logs[0].data, (uint64, bytes));
        assertEq(nonce, 0);
        assertEq(reason.length, 256);
        assertEq(bytes32(reason), bytes32(type(uint256).max));
        expectNonces(0, 1, 0);
    }

    /// @dev The first errors of all: what a stranger puts into a list is decoded in its own call.
    function test_DEP3_AnyoneCanReportAnything_AndNothingHappens() public {
        SignedBatch[] memory batches = new SignedBatch[](1);
        batches[0] = SignedBatch(Batch(ids[0], 77, FAR, empty), "");
        VM.recordLogs();
        depository.processBatches(batches);
        expectFailure(0, 77, abi.encodeWithSelector(Errors.NonceInvalid.selector, ids[0], 0, 77));
        assertEq(depository.nonceOf(ids[0]), 0);
    }

    function _preimage(bytes32 preimage) private pure returns (Operations memory operations) {
        operations.enforcements = new Enforcement[](1);
        operations.enforcements[0].preimages = new bytes32[](1);
        operations.enforcements[0].preimages[0] = preimage;
    }
}

/// @dev Stands where the EntityProvider stood: refuses every signature with a megabyte of ones.
contract BombProvider {
    fallback() external {
        assembly {
            mstore(0, not(0))
            revert(0, 1000000)
        }
    }
}
