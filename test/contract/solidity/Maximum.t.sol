// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {BodyRow, DisputeCounter, Enforcement} from "../../../contracts/type/Enforcement.sol";
import {
    Batch,
    CollateralToReserve,
    Operations,
    ReserveToReserve,
    Settlements,
    Withdrawals
} from "../../../contracts/type/Operation.sol";
import {Fixture} from "./Fixture.sol";

/// @title DEP-8: the longest lists of a batch, which get as far as the signature, and ones that
/// are longer by one, which do not.
contract MaximumTest is Fixture {
    function setUp() public {
        deploy();
    }

    function test_DEP8_GroupsOfEachKind() public {
        Operations memory operations;
        operations.reserveToReserve = new ReserveToReserve[](32);
        _expectRead(operations);
        operations.reserveToReserve = new ReserveToReserve[](33);
        _expectTooLong(operations, 33, 32);

        Operations memory releases;
        releases.collateralToReserve = new CollateralToReserve[](33);
        _expectTooLong(releases, 33, 32);

        Operations memory withdrawals;
        withdrawals.withdrawals = new Withdrawals[](33);
        _expectTooLong(withdrawals, 33, 32);
    }

    function test_DEP8_ListsOfSettlements() public {
        Operations memory operations;
        operations.settlements = new Settlements[](8);
        _expectRead(operations);
        operations.settlements = new Settlements[](9);
        _expectTooLong(operations, 9, 8);
    }

    function test_DEP8_Enforcements() public {
        Operations memory operations;
        operations.enforcements = new Enforcement[](2);
        _expectRead(operations);
        operations.enforcements = new Enforcement[](3);
        _expectTooLong(operations, 3, 2);
    }

    /// @dev 240,000 bytes are read, and are nobody's.
    function test_DEP8_TheSignatureOfABatch() public {
        Operations memory operations = payment(1, ids[1], 1);
        bytes memory signature = new bytes(240_000);
        assertEq(_answerTo(operations, signature), Errors.SignatureInvalid.selector);
        Batch memory batch = batchOf(0, operations);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListTooLong.selector, 240_001, 240_000));
        depository.processBatch(batch, new bytes(240_001));
    }

    /// @dev Left's signature would reach behind what is brought.
    function test_DIS2_ALoneCountersSignaturesAreUsedUp() public {
        DisputeCounter memory head;
        (head.left, head.right, head.leftSignature) = (ids[0], ids[1], 66);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, 66, 65));
        depository.counter(head, new BodyRow[](0), "", new bytes(65));
        (head.leftSignature, head.rightSignature) = (64, 2);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, 2, 1));
        depository.counter(head, new BodyRow[](0), "", new bytes(65));
    }

    function test_DEP1_TokensAreCounted() public {
        assertEq(depository.tokenCount(), 2);
        depository.registerToken(2, address(assets[0]), 7);
        assertEq(depository.tokenCount(), 3);
    }

    function _expectRead(Operations memory operations) private {
        assertEq(_answerTo(operations, new bytes(65)), Errors.SignatureInvalid.selector);
    }

    function _expectTooLong(Operations memory operations, uint256 length, uint256 maximum) private {
        Batch memory batch = batchOf(0, operations);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListTooLong.selector, length, maximum));
        depository.processBatch(batch, new bytes(65));
    }

    /// @return selector Of the error with which the batch is refused.
    function _answerTo(
        Operations memory operations,
        bytes memory signature
    ) private returns (bytes32 selector) {
        Batch memory batch = batchOf(0, operations);
        try depository.processBatch(batch, signature) {
            return 0;
        } catch (bytes memory reason) {
            return bytes4(reason);
        }
    }
}
