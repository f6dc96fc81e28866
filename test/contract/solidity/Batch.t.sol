// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IEntityProvider} from "../../../contracts/interface/IEntityProvider.sol";
import {Board} from "../../../contracts/type/Board.sol";
import {
    Batch,
    Operations,
    ReserveToReserve,
    ReserveTransfer,
    Settlements
} from "../../../contracts/type/Operation.sol";
import {Fixture} from "./Fixture.sol";

/// @title DEP-2, DEP-5, DEP-6, DEP-8: batches and their kinds. Reverts first.
contract BatchTest is Fixture {
    Operations private _empty;

    function setUp() public {
        deploy();
        fill();
    }

    function test_DEP2_DeadlinePassed() public {
        Batch memory batch = batchOf(0, _empty);
        batch.deadline = 99;
        bytes memory signature = signBatch(0, batch);
        VM.warp(100);
        VM.expectRevert(abi.encodeWithSelector(Errors.DeadlinePassed.selector, 99, 100));
        depository.processBatch(batch, signature);
        VM.warp(99);
        depository.processBatch(batch, signature);
    }

    function test_DEP2_NonceInvalid() public {
        Batch memory batch = batchOf(0, _empty);
        bytes memory signature = signBatch(0, batch);
        depository.processBatch(batch, signature);
        VM.expectRevert(abi.encodeWithSelector(Errors.NonceInvalid.selector, ids[0], 1, 0));
        depository.processBatch(batch, signature);
    }

    function test_DEP2_SignatureInvalid() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 5));
        bytes memory signature = signBatch(0, batch);
        batch.operations.reserveToReserve[0].transfers[0].amount = 6;
        bytes32 digest = depository.batchDigest(batch);
        VM.expectRevert(abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[0], digest));
        depository.processBatch(batch, signature);
    }

    function test_ENT1_EntityZeroSignsNothing() public {
        Batch memory batch = batchOf(0, _empty);
        batch.entity = 0;
        VM.expectRevert(abi.encodeWithSelector(IEntityProvider.EntityInvalid.selector, 0));
        depository.processBatch(batch, "");
    }

    function test_ENT3_GasTooLow() public {
        Board memory board = boardOf(3, 3);
        Batch memory batch = batchOf(0, _empty);
        batch.entity = boardHash(board);
        bytes memory signature = signBoard(board, batch.entity, depository.batchDigest(batch), 3);
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, signature));
        (bool success, bytes memory reason) = address(depository).call{gas: 90_000}(data);
        assertTrue(!success && bytes4(reason) == Errors.GasTooLow.selector, "gas too low");
        (success, ) = address(depository).call(data);
        assertTrue(success, "with enough gas");
    }

    function test_DEP2_ReserveInsufficient() public {
        submitExpecting(
            0,
            payment(1, ids[1], uint128(HELD + 1)),
            abi.encodeWithSelector(Errors.ReserveInsufficient.selector, ids[0], 1, HELD, HELD + 1)
        );
    }

    function test_RCP5_AmountInvalid() public {
        bytes memory reason = abi.encodeWithSelector(Errors.AmountInvalid.selector, 0);
        submitExpecting(0, payment(1, ids[1], 0), reason);
        submitExpecting(0, funding(1, ids[0], ids[1], 0), reason);
        submitExpecting(0, withdrawal(1, address(1), 0), reason);
        submitExpecting(0, release(0, 1, 1, 1, 0), reason);
    }

    function test_ENT1_EntityInvalid() public {
        bytes memory reason = abi.encodeWithSelector(Errors.EntityInvalid.selector, 7);
        submitExpecting(0, payment(1, bytes32(uint256(7)), 1), reason);
        submitExpecting(0, funding(1, ids[0], bytes32(uint256(7)), 1), reason);
    }

    function test_DEP6_PartiesUnordered() public {
        submitExpecting(
            0,
            funding(1, ids[1], ids[1], 1),
            abi.encodeWithSelector(Errors.PartiesUnordered.selector, ids[1], ids[1])
        );
    }

    /// @dev Credits come before the debit: who could pay itself would be reported with money that
    /// nobody has, in amounts that no keeper can read.
    function test_RCP5_NobodyPaysItself() public {
        Operations memory operations = payment(1, ids[0], (1 << 127) - 1);
        ReserveToReserve memory group = operations.reserveToReserve[0];
        group.transfers = new ReserveTransfer[](2);
        group.transfers[0] = ReserveTransfer(ids[0], (1 << 127) - 1);
        group.transfers[1] = ReserveTransfer(ids[0], 2);
        submit(0, payment(1, ids[1], uint128(HELD)));
        bytes memory reason = abi.encodeWithSelector(
            Errors.PartiesUnordered.selector,
            ids[0],
            ids[0]
        );
        submitExpecting(0, operations, reason);
        group.token = 3;
        submitExpecting(0, operations, reason);
    }

    function test_DEP8_Unsorted() public {
        Operations memory operations = payment(1, ids[1], 1);
        ReserveToReserve memory group = operations.reserveToReserve[0];
        operations.reserveToReserve = new ReserveToReserve[](2);
        operations.reserveToReserve[0] = group;
        operations.reserveToReserve[1] = group;
        submitExpecting(0, operations, abi.encodeWithSelector(Errors.Unsorted.selector, 1, 1));
    }

    function test_DEP8_ListTooLong() public {
        Operations memory operations = payment(1, ids[1], 1);
        operations.reserveToReserve[0].transfers = new ReserveTransfer[](481);
        _expectUnsigned(operations, abi.encodeWithSelector(Errors.ListTooLong.selector, 481, 480));
    }

    function test_DEP8_BudgetExceeded() public {
        Operations memory operations = payment(1, ids[1], 1);
        operations.reserveToReserve[0].transfers = new ReserveTransfer[](480);
        operations.withdrawals = withdrawal(1, address(1), 1).withdrawals;
        uint256 weight = 120_000 + 480 * 30_000 + 2 * 32_000 + 120_000 + 65 * 60;
        operations.reserveToCollateral = funding(1, ids[0], ids[1], 1).reserveToCollateral;
        weight += 32_000 + 34_000;
        operations.collateralToReserve = release(0, 1, 1, 1, 1).collateralToReserve;
        weight += 32_000 + 76_000 + 65 * 60;
        operations.settlements = new Settlements[](1);
        operations.settlements[0] = one(1, 1, -1);
        weight += 5 * 1000 + 10 * 100 + 2 * 28_000 + 66_000 + 34_000 + 130 * 60;
        _expectUnsigned(
            operations,
            abi.encodeWithSelector(Errors.BudgetExceeded.selector, weight, 15_000_000)
        );
    }

    function test_DEP8_LayoutNotCanonical() public {
        Batch memory batch = batchOf(0, payment(1, ids[1], 1));
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, new bytes(65)));
        // The first of the operations' offsets, behind: selector, 2 words, 4 words of the batch.
        uint256 position = 4 + 6 * 32;
        assembly {
            let place := add(add(data, 0x20), position)
            mstore(place, add(mload(place), 0x20))
        }
        (bool success, bytes memory reason) = address(depository).call(data);
        assertTrue(!success, "refused");
        assertEq(
            keccak256(reason),
            keccak256(
                abi.encodeWithSelector(Errors.LayoutNotCanonical.selector, position, 6 * 32, 7 * 32)
            )
        );
    }

    function test_DEP8_LayoutNotCanonical_CutShort() public {
        Batch memory batch = batchOf(0, _empty);
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, ""));
        assembly {
            mstore(data, sub(mload(data), 0x40))
        }
        (bool success, ) = address(depository).call(data);
        assertTrue(!success, "refused");
    }

    function test_DEP2_ReleaseNeedsTheOtherSide() public {
        submit(0, funding(1, ids[0], ids[1], 100));
        Operations memory operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].releases[0].amount = 11;
        bytes32 digest = settlementDigest(0, 1, 1, FAR, 1, 11, 0);
        submitExpecting(
            0,
            operations,
            abi.encodeWithSelector(Errors.SignatureInvalid.selector, ids[1], digest)
        );
    }

    function test_DEP2_ReleaseOfAnEpochThatHasNotBegun_EpochInvalid() public {
        Operations memory operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].releases[0].epoch = 1;
        submitExpecting(0, operations, abi.encodeWithSelector(Errors.EpochInvalid.selector, 0, 1));
    }

    function test_DEP2_Release_DeadlinePassed() public {
        Operations memory operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].releases[0].deadline = 0;
        submitExpecting(
            0,
            operations,
            abi.encodeWithSelector(Errors.DeadlinePassed.selector, 0, block.timestamp)
        );
    }

    function test_DEP2_Release_ListMismatch() public {
        Operations memory operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].releases[0].signatureLength = 66;
        bytes4 selector = Errors.ListMismatch.selector;
        submitExpecting(0, operations, abi.encodeWithSelector(selector, 66, 65));
        operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].signatures = new bytes(66);
        bytes memory signature = sign(keys[1], ids[1], settlementDigest(0, 1, 1, FAR, 1, 10, 0));
        submit(0, funding(1, ids[0], ids[1], 100));
        operations.collateralToReserve[0].signatures = bytes.concat(signature, hex"00");
        submitExpecting(0, operations, abi.encodeWithSelector(selector, 65, 66));
    }

    function test_DEP2_Release_SettlementMalformed() public {
        Operations memory operations = release(0, 1, 1, 1, 10);
        operations.collateralToReserve[0].releases[0].number = 1 << 64;
        submitExpecting(
            0,
            operations,
            abi.encodeWithSelector(Errors.SettlementMalformed.selector, 0)
        );
    }

    function test_RCP_CollateralInvalid() public {
        submit(0, funding(1, ids[0], ids[1], 9));
        submitExpecting(
            0,
            release(0, 1, 1, 1, 10),
            abi.encodeWithSelector(Errors.CollateralInvalid.selector, 1, int256(-1))
        );
    }

    function test_DEP2_UsedNumberIsSkippedAndChangesNothing() public {
        submit(0, funding(1, ids[0], ids[1], 100));
        submit(0, release(0, 1, 1, 7, 10));
        submit(0, release(0, 1, 1, 7, 10));
        submit(0, release(0, 1, 1, 6, 10));
        (, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(collateral, 90);
        assertEq(depository.nonceOf(ids[0]), 4);
    }

    /// @dev DEP-2: an earlier kind pays for a later one: all of this begins with an empty reserve.
    function test_DEP2_MoneyFreedFundsWhatFollows() public {
        submit(0, funding(1, ids[0], ids[1], uint128(HELD)));
        assertEq(depository.reserveOf(ids[0], 1), 0);
        Operations memory operations = release(0, 1, 1, 1, uint128(HELD));
        operations.reserveToCollateral = funding(1, ids[0], ids[2], 400).reserveToCollateral;
        operations.withdrawals = withdrawal(1, address(1), uint128(HELD - 400)).withdrawals;
        submit(0, operations);
        assertEq(depository.reserveOf(ids[0], 1), 0);
        assertEq(assets[0].balanceOf(address(1)), HELD - 400);
    }

    /// @dev ENT-3: a board's batch, judged by the EntityProvider.
    function test_ENT2_ABoardSubmits() public {
        Board memory board = boardOf(3, 3);
        bytes32 entity = boardHash(board);
        submit(0, payment(1, entity, 50));
        Batch memory batch = batchOf(0, payment(1, ids[1], 20));
        (batch.entity, batch.nonce) = (entity, 0);
        bytes32 digest = depository.batchDigest(batch);
        depository.processBatch(batch, signBoard(board, entity, digest, 3));
        assertEq(depository.reserveOf(entity, 1), 30);
    }

    /// @dev DEP-6: only left's funding moves `ondelta`; neither moves the number.
    function testFuzz_DEP6_Funding(uint128 left, uint128 right) public {
        left = uint128(bound(left, 1, HELD));
        right = uint128(bound(right, 1, HELD));
        submit(0, funding(1, ids[0], ids[1], left));
        submit(1, funding(1, ids[1], ids[0], right));
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[0], ids[1], 1);
        assertEq(int256(ondelta), int256(uint256(left)));
        assertEq(collateral, uint256(left) + right);
        (, uint64 number) = depository.accountOf(ids[0], ids[1]);
        assertEq(number, 0);
    }

    function _expectUnsigned(Operations memory operations, bytes memory reason) private {
        Batch memory batch = batchOf(0, operations);
        VM.expectRevert(reason);
        depository.processBatch(batch, new bytes(65));
    }
}
