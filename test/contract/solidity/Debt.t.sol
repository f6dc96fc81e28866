// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors as Errors} from "../../../contracts/interface/IDepositoryErrors.sol";
import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Enforcement, Forgiveness} from "../../../contracts/type/Enforcement.sol";
import {Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {DebtFixture} from "./DebtFixture.sol";
import {Log} from "./Test.sol";

/// @title DEB-1: what a reserve with an open debt may do, and how debts are made and given up.
contract DebtTest is DebtFixture {
    uint256 private constant DEBT = 700;

    function setUp() public {
        deploy();
        fill();
    }

    // What is refused

    function test_DEB1_DebtsOpen_Withdrawal() public {
        _owe(0);
        submitExpecting(0, withdrawal(1, address(1), 1), _debtsOpen(0));
        submit(0, withdrawal(2, address(1), 1));
    }

    function test_DEB1_DebtsOpen_Payment() public {
        _owe(0);
        submitExpecting(0, payment(1, ids[2], 1), _debtsOpen(0));
        submit(0, payment(2, ids[2], 1));
    }

    function test_DEB1_DebtsOpen_Funding() public {
        _owe(0);
        submitExpecting(0, funding(1, ids[0], ids[2], 1), _debtsOpen(0));
        submit(0, funding(2, ids[0], ids[2], 1));
    }

    function test_DEB1_DebtsOpen_SettlementOnBalance() public {
        _owe(0);
        Settlements memory list = one(1, -1, 1);
        VM.expectRevert(_debtsOpen(0));
        depository.settleDiffs(list);
    }

    /// @dev Half of the list makes the debtor richer, the other half poorer by less.
    function test_DEB1_AReserveMayRiseOnBalance() public {
        _owe(0);
        uint256 before = reserve(0, 1);
        Settlements memory list = listOf(2, true);
        put(list, 0, 0, 1, 1, 1, -300, 300);
        put(list, 1, 0, 2, 1, 1, 301, -301);
        depository.settleDiffs(list);
        assertEq(reserve(0, 1), before + 1);
        list = listOf(2, true);
        put(list, 0, 0, 1, 2, 1, -300, 300);
        put(list, 1, 0, 2, 2, 1, 299, -299);
        VM.expectRevert(_debtsOpen(0));
        depository.settleDiffs(list);
    }

    /// @dev Each in its turn: nothing is spendable, whatever came in before.
    function test_DEB1_DebtsOpen_SkippedAndReported() public {
        _owe(0);
        uint256 before = reserve(0, 1);
        Settlements memory list = listOf(3, false);
        put(list, 0, 0, 2, 1, 1, 301, -301);
        put(list, 1, 0, 1, 1, 1, -300, 300);
        put(list, 2, 0, 1, 2, 2, -300, 300);
        VM.recordLogs();
        depository.settleDiffs(list);
        assertEq(reserve(0, 1), before + 301);
        assertEq(reserve(0, 2), HELD - 300);
        Log memory skipped = _logOf(Events.SettlementSkipped.selector);
        (, , bytes memory reason) = abi.decode(skipped.data, (uint64, uint64, bytes));
        assertEq(keccak256(reason), keccak256(_debtsOpen(0)));
    }

    function test_DEB1_AReserveMayRise() public {
        submit(0, funding(1, ids[0], ids[2], 50));
        _owe(0);
        uint256 before = reserve(0, 1);
        submit(2, payment(1, ids[0], 10));
        submit(0, release(0, 2, 1, 1, 50));
        give(0, 1, 7);
        assertEq(reserve(0, 1), before + 67);
        assertQueue(0, 1, 0, 1);
    }

    function test_DEB1_OtherReservesAreFree() public {
        _owe(0);
        submit(1, payment(1, ids[0], 10));
        submit(0, payment(2, ids[1], 10));
        assertQueue(0, 2, 0, 0);
    }

    // How debts are made

    function test_DEB1_PaidWhileThereIsEnough() public {
        charge(0, 1, 1, HELD);
        assertEq(reserve(0, 1), 0);
        assertEq(reserve(1, 1), 2 * HELD);
        assertQueue(0, 1, 0, 0);
    }

    function test_DEB1_TheRestBecomesADebt() public {
        VM.recordLogs();
        charge(0, 1, 1, HELD + DEBT);
        Log memory log = _logOf(Events.DebtUpdated.selector);
        assertEq(log.topics[1], ids[0]);
        assertEq(log.topics[2], ids[1]);
        (uint256 tokenAndIndex, uint256 amount) = abi.decode(log.data, (uint256, uint256));
        assertEq(tokenAndIndex, uint256(1) << 64);
        assertEq(amount, DEBT);
        (uint128 creditor, uint128 stored) = depository.debtAt(ids[0], 1, 0);
        assertEq(creditor, uint128(uint256(keccak256(abi.encode(ids[1])))));
        assertEq(stored, DEBT);
        assertQueue(0, 1, 0, 1);
    }

    /// @dev What is in the reserve is an older creditor's: a later one takes none of it.
    function test_DEB1_NothingIsTakenWhileADebtIsOpen() public {
        bankrupt(0, 1, 1, DEBT);
        give(0, 1, 5);
        charge(0, 2, 1, 3);
        assertEq(reserve(0, 1), 5);
        assertEq(reserve(2, 1), HELD);
        assertEq(owed(0, 1, 1), 3);
        assertQueue(0, 1, 0, 2);
    }

    function testFuzz_DEB1_ChargeConserves(uint128 held, uint256 amount, bool open) public {
        uint256 limit = type(uint128).max >> 1;
        uint256 given = bound(held, 0, limit - PARTIES * HELD);
        amount = bound(amount, 1, limit);
        bankrupt(0, 1, 1, open ? 1 : 0);
        if (given != 0) give(0, 1, given);
        uint256 before = reserve(2, 1);
        uint64 next = open ? 1 : 0;
        charge(0, 2, 1, amount);
        uint256 paid =
            open
                ? 0
                : amount < given
                    ? amount
                    : given;
        assertEq(reserve(0, 1), given - paid);
        assertEq(reserve(2, 1), before + paid);
        assertEq(owed(0, 1, next), amount - paid);
        assertQueue(0, 1, 0, paid == amount ? next : next + 1);
    }

    // How debts are given up

    function test_DEB1_CreditorInvalid() public {
        bankrupt(0, 1, 1, DEBT);
        bytes4 selector = Errors.CreditorInvalid.selector;
        Operations memory operations = forgiveness(0, 1, 0);
        submitExpecting(2, operations, abi.encodeWithSelector(selector, ids[0], 1, 0, ids[2]));
        submitExpecting(0, operations, abi.encodeWithSelector(selector, ids[0], 1, 0, ids[0]));
        assertEq(owed(0, 1, 0), DEBT);
    }

    function test_DEB1_CarrierNeeded() public {
        bankrupt(0, 1, 1, DEBT);
        Enforcement memory enforcement;
        enforcement.forgivenesses = new Forgiveness[](1);
        enforcement.forgivenesses[0] = Forgiveness(ids[0], 1, 0);
        VM.expectRevert(abi.encodeWithSelector(Errors.CarrierNeeded.selector));
        depository.enforce(enforcement);
    }

    function test_DEB1_AForgivenDebtFreesTheReserve() public {
        bankrupt(0, 1, 1, DEBT);
        give(0, 1, 5);
        VM.recordLogs();
        forgive(1, 0, 1, 0);
        (uint256 tokenAndIndex, uint256 amount) = abi.decode(
            _logOf(Events.DebtUpdated.selector).data,
            (uint256, uint256)
        );
        assertEq(tokenAndIndex, uint256(1) << 64);
        assertEq(amount, 0);
        assertQueue(0, 1, 1, 1);
        submit(0, payment(1, ids[2], 5));
    }

    function test_DEB1_AForgivenDebtIsReportedTheSecondTime() public {
        bankrupt(0, 1, 1, DEBT);
        forgive(1, 0, 1, 0);
        VM.recordLogs();
        forgive(1, 0, 1, 0);
        (uint8 kind, bytes memory reason) = abi.decode(
            _logOf(Events.EnforcementSkipped.selector).data,
            (uint8, bytes)
        );
        assertEq(kind, 5);
        assertEq(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(Errors.CreditorInvalid.selector, ids[0], 1, 0, ids[1]))
        );
        assertQueue(0, 1, 1, 1);
    }

    /// @dev A debtor with a reserve and a debt that is open.
    function _owe(uint256 debtor) private {
        bankrupt(debtor, 1, 1, DEBT);
        give(debtor, 1, 500);
    }

    function _debtsOpen(uint256 debtor) private view returns (bytes memory) {
        return abi.encodeWithSelector(Errors.DebtsOpen.selector, ids[debtor], 1);
    }

    function _logOf(bytes32 topic) private returns (Log memory) {
        Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) return logs[i];
        }
        revert NotTrue("the event is there");
    }
}
