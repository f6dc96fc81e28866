// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {DebtSweep} from "../../../contracts/type/Enforcement.sol";
import {DebtFixture} from "./DebtFixture.sol";
import {Log} from "./Test.sol";

/// @title DEB-1: debts are paid oldest first, by anyone, whatever somebody else does before.
contract DebtSweepTest is DebtFixture {
    function setUp() public {
        deploy();
        fill();
    }

    // What is refused

    function test_DEB1_ListMismatch_TooFewCreditors() public {
        plan(0, 1, some(1));
        sweeps[0].creditors = 2;
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, 2, 1));
        depository.enforceDebts(sweeps, pool);
        sweeps[0].creditors = type(uint256).max;
        sweeps.push(DebtSweep(ids[1], 1, 2));
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, type(uint256).max, 1));
        depository.enforceDebts(sweeps, pool);
    }

    function test_DEB1_ListMismatch_TooManyCreditors() public {
        plan(0, 1, some(1));
        pool.push(ids[2]);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListMismatch.selector, 1, 2));
        depository.enforceDebts(sweeps, pool);
    }

    function test_DEP8_ListTooLong() public {
        DebtSweep[] memory many = new DebtSweep[](101);
        VM.expectRevert(abi.encodeWithSelector(Errors.ListTooLong.selector, 101, 100));
        depository.enforceDebts(many, new bytes32[](0));
        VM.expectRevert(abi.encodeWithSelector(Errors.ListTooLong.selector, 401, 400));
        depository.enforceDebts(new DebtSweep[](0), new bytes32[](401));
    }

    // Oldest first

    function test_DEB1_OldestFirst() public {
        _threeDebts();
        give(0, 1, 60);
        sweep(0, 1, some(1, 2, 3));
        assertEq(reserve(1, 1), 2 * HELD + 10);
        assertEq(reserve(2, 1), HELD + 20);
        assertEq(reserve(3, 1), HELD + 30);
        assertEq(reserve(0, 1), 0);
        assertQueue(0, 1, 3, 3);
        submit(0, payment(2, ids[1], 1));
    }

    function test_DEB1_NobodyOvertakes() public {
        _threeDebts();
        give(0, 1, 60);
        VM.recordLogs();
        sweep(0, 1, some(2, 3));
        _assertReported(2, 0);
        assertEq(reserve(2, 1), HELD);
        assertQueue(0, 1, 0, 3);
        sweep(0, 1, some(1, 3));
        assertEq(reserve(3, 1), HELD);
        assertQueue(0, 1, 1, 3);
    }

    function test_DEB1_APartialPaymentEndsTheSweep() public {
        _threeDebts();
        give(0, 1, 25);
        sweep(0, 1, some(1, 2, 3));
        assertEq(reserve(2, 1), HELD + 15);
        assertEq(owed(0, 1, 1), 5);
        assertEq(reserve(3, 1), HELD);
        assertQueue(0, 1, 1, 3);
        sweep(0, 1, some(2));
        assertQueue(0, 1, 1, 3);
        give(0, 1, 6);
        sweep(0, 1, some(2, 3));
        assertEq(reserve(2, 1), HELD + 20);
        assertEq(reserve(3, 1), HELD + 1);
        assertEq(owed(0, 1, 2), 29);
        assertQueue(0, 1, 2, 3);
    }

    function test_DEB1_NothingToPayWithIsNoFailure() public {
        _threeDebts();
        sweep(0, 1, some(1, 2, 3));
        assertEq(owed(0, 1, 0), 10);
        assertQueue(0, 1, 0, 3);
        sweep(4, 1, some(1));
        assertEq(reserve(4, 1), HELD);
    }

    /// @dev Two debts of one creditor, and one of another in between: no update is lost.
    function test_DEB1_ACreditorMayRepeat() public {
        bankrupt(0, 1, 1, 10);
        charge(0, 2, 1, 20);
        charge(0, 1, 1, 30);
        charge(0, 1, 1, 40);
        give(0, 1, 100);
        plan(0, 1, some(1, 2, 1));
        plan(0, 1, some(1));
        sweepAll();
        assertEq(reserve(1, 1), 2 * HELD + 80);
        assertEq(reserve(2, 1), HELD + 20);
        assertEq(reserve(0, 1), 0);
        assertQueue(0, 1, 4, 4);
    }

    /// @dev What the first sweep pays, the second pays on; the third finds it there.
    function test_DEB1_ACreditorMayBeADebtor() public {
        for (uint256 i = 0; i < 3; ++i) {
            submit(i, withdrawal(1, address(1), uint128(HELD)));
            charge(i, i + 1, 1, 50);
        }
        give(0, 1, 50);
        for (uint256 i = 0; i < 3; ++i) plan(i, 1, some(i + 1));
        sweepAll();
        for (uint256 i = 0; i < 3; ++i) assertEq(reserve(i, 1), 0);
        assertEq(reserve(3, 1), HELD + 50);
    }

    /// @dev No account has one party on both sides; here the queue is told so, and pays nobody.
    function test_DEB1_NobodyIsItsOwnCreditor() public {
        bankrupt(0, 0, 1, 10);
        give(0, 1, 10);
        uint256 before = reserve(0, 1);
        sweep(0, 1, some(0));
        assertEq(reserve(0, 1), before);
        assertEq(owed(0, 1, 0), 10);
    }

    /// @dev Without money nothing is paid, not even nothing: no row is written or reported.
    function test_DEB1_WithoutMoneyNothingIsPaid() public {
        _threeDebts();
        assertEq(reserve(0, 1), 0);
        plan(0, 1, some(1, 2, 3));
        VM.recordLogs();
        sweepAll();
        assertEq(VM.getRecordedLogs().length, 0);
        assertQueue(0, 1, 0, 3);
    }

    // Forgiven debts

    function test_DEB1_AForgivenDebtIsPassedOver() public {
        _threeDebts();
        forgive(2, 0, 1, 1);
        give(0, 1, 40);
        sweep(0, 1, some(1, 3));
        assertEq(reserve(2, 1), HELD);
        assertEq(reserve(3, 1), HELD + 30);
        assertQueue(0, 1, 3, 3);
    }

    function test_DEB1_AForgivenHeadMovesOn() public {
        _threeDebts();
        forgive(1, 0, 1, 0);
        assertQueue(0, 1, 1, 3);
        give(0, 1, 50);
        sweep(0, 1, some(2, 3));
        assertQueue(0, 1, 3, 3);
    }

    /// @dev The head rests on a hole: any sweep frees the reserve, and needs no money for it.
    function test_DEB1_ForgivenBackToFront() public {
        _threeDebts();
        forgive(3, 0, 1, 2);
        forgive(2, 0, 1, 1);
        forgive(1, 0, 1, 0);
        assertQueue(0, 1, 1, 3);
        sweep(0, 1, some(4));
        assertQueue(0, 1, 2, 3);
        sweep(0, 1, some(4));
        assertQueue(0, 1, 3, 3);
        give(0, 1, 1);
        submit(0, payment(1, ids[1], 1));
    }

    // Who would be in the way

    function test_DEB1_TheDebtorSweepsFirst() public {
        _threeDebts();
        give(0, 1, 60);
        sweep(0, 1, some(1));
        sweep(0, 1, some(1, 2, 3));
        assertEq(reserve(1, 1), 2 * HELD + 10);
        assertEq(reserve(3, 1), HELD + 30);
        assertQueue(0, 1, 3, 3);
    }

    function test_DEB1_TheDebtorSpendsFirst() public {
        _threeDebts();
        give(0, 1, 60);
        bytes memory reason = abi.encodeWithSelector(Errors.DebtsOpen.selector, ids[0], 1);
        submitExpecting(0, withdrawal(1, address(1), 60), reason);
        submitExpecting(0, payment(1, ids[4], 60), reason);
        sweep(0, 1, some(1, 2, 3));
        assertQueue(0, 1, 3, 3);
    }

    function test_DEB1_AStrangerSweeps() public {
        _threeDebts();
        give(0, 1, 60);
        plan(0, 1, some(1, 2, 3));
        VM.prank(address(0xdead));
        depository.enforceDebts(sweeps, pool);
        assertEq(reserve(2, 1), HELD + 20);
        assertQueue(0, 1, 3, 3);
    }

    function test_DEB1_TheHeadIsForgivenFirst() public {
        _threeDebts();
        give(0, 1, 60);
        forgive(1, 0, 1, 0);
        sweep(0, 1, some(1, 2, 3));
        assertEq(reserve(3, 1), HELD + 30);
        assertEq(reserve(0, 1), 10);
        assertQueue(0, 1, 3, 3);
    }

    /// @dev Other sweeps of the call are not touched by one that somebody else has done before.
    function test_DEB1_ASweepThatIsDoneFailsNoOther() public {
        bankrupt(0, 1, 1, 10);
        bankrupt(2, 3, 1, 10);
        give(0, 1, 30);
        give(2, 1, 10);
        sweep(0, 1, some(1));
        charge(0, 4, 1, 40);
        give(0, 1, 1);
        uint256 before = reserve(3, 1);
        plan(0, 1, some(1));
        plan(2, 1, some(3));
        sweepAll();
        assertEq(reserve(3, 1), before + 10);
    }

    /// @dev The debtor puts dust before a debt, owed to its own puppet: each cost it a dispute, and
    /// costs who is behind a place in a call.
    function test_DEB1_DustIsSweptInBoundedCalls() public {
        bankrupt(0, 1, 1, 1);
        for (uint256 i = 1; i < 500; ++i) charge(0, 1, 1, 1);
        charge(0, 2, 1, 1000);
        give(0, 1, 1500);
        sweep(0, 1, repeated(1, 250));
        assertQueue(0, 1, 250, 501);
        plan(0, 1, repeated(1, 250));
        pool.push(ids[2]);
        ++sweeps[0].creditors;
        sweepAll();
        assertEq(reserve(2, 1), HELD + 1000);
        assertQueue(0, 1, 501, 501);
    }

    /// @dev Holes take no creditor, but a call passes no more of them than it has creditors.
    function test_DEB1_HolesAreBounded() public {
        bankrupt(0, 1, 1, 1);
        for (uint256 i = 1; i < 20; ++i) charge(0, 1, 1, 1);
        charge(0, 2, 1, 5);
        for (uint64 i = 1; i < 20; ++i) forgive(1, 0, 1, i);
        give(0, 1, 6);
        sweep(0, 1, repeated(1, 10));
        assertQueue(0, 1, 11, 21);
        sweep(0, 1, repeated(2, 9));
        assertQueue(0, 1, 21, 21);
        assertEq(reserve(2, 1), HELD + 5);
    }

    function test_DEB1_OneTokenAtATime() public {
        bankrupt(0, 1, 1, 10);
        bankrupt(0, 2, 2, 20);
        give(0, 1, 10);
        sweep(0, 2, some(2));
        assertQueue(0, 2, 0, 1);
        sweep(0, 1, some(1));
        assertQueue(0, 1, 1, 1);
        assertQueue(0, 2, 0, 1);
    }

    /// @dev Debts of 10, 20 and 30 to the parties 1, 2 and 3; nothing to pay them with.
    function _threeDebts() private {
        bankrupt(0, 1, 1, 10);
        charge(0, 2, 1, 20);
        charge(0, 3, 1, 30);
    }

    function _assertReported(uint256 creditor, uint64 index) private {
        Log[] memory logs = VM.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], Events.EnforcementSkipped.selector);
        (uint8 kind, bytes memory reason) = abi.decode(logs[0].data, (uint8, bytes));
        assertEq(kind, 6);
        bytes4 selector = Errors.CreditorInvalid.selector;
        assertEq(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(selector, ids[0], 1, index, ids[creditor]))
        );
    }
}
