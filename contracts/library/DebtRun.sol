// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {DebtSweep, Forgiveness} from "../type/Enforcement.sol";
import {Book} from "./Book.sol";
import {Debts} from "./Debts.sol";
import {Reserves} from "./Reserves.sol";

/// @title Makes debts, pays them oldest first, and gives them up (DEB-1).
/// @dev Nobody owes itself: a debt is made between the two sides of an account, which differ, and
/// is paid to nobody who is its debtor. So a debtor's row may wait in memory while creditors' rows
/// are written; two debts of one creditor are two reads and two writes of its row.
library DebtRun {
    using Debts for uint256;
    using Reserves for Reserves.State;
    using Reserves for uint256;

    uint8 private constant FORGIVENESS = 5;
    uint8 private constant SWEEP = 6;

    /// @notice Takes what is owed out of the debtor's reserve, and makes the rest a debt. While an
    /// older debt is open nothing of the reserve is taken: it is the older creditor's.
    /// @param creditor Not the debtor.
    /// @param amount Below 2^127.
    /// @return paid What was taken; the caller credits the creditor with it.
    function charge(
        Book.State storage book,
        bytes32 debtor,
        bytes32 creditor,
        uint256 token,
        uint256 amount
    ) internal returns (uint256 paid) {
        mapping(uint256 => uint256) storage rows = book.reserves.rows[debtor];
        uint256 row = rows[token];
        if (!row.hasDebts()) paid = _lesser(uint128(row), amount);
        unchecked {
            // What is paid is neither more than the reserve nor than what is owed.
            row -= paid;
            if (paid != amount) {
                uint256 index = row.tailOf();
                book.debts.slots[debtor][token][index] = Debts.pack(creditor, amount - paid);
                row += Reserves.ONE_DEBT_MADE;
                _report(debtor, creditor, token, index, amount - paid);
            }
        }
        if (paid != 0) Reserves.write(rows, debtor, token, row);
        else rows[token] = row;
    }

    /// @notice Pays debts out of their debtors' reserves.
    /// @param creditors A pool: of each sweep in turn, in the order of its debts. One to whom the
    /// oldest open debt is not owed is passed over, so that nobody makes a sweep fail by paying
    /// its first debts before it.
    function sweep(
        Book.State storage book,
        DebtSweep[] calldata sweeps,
        bytes32[] calldata creditors
    ) internal {
        uint256 cursor = 0;
        for (uint256 i = 0; i < sweeps.length; ++i) {
            uint256 count = sweeps[i].creditors;
            if (count > creditors.length - cursor) {
                revert IDepositoryErrors.ListMismatch(count, creditors.length - cursor);
            }
            _sweep(book, sweeps[i].debtor, sweeps[i].token, creditors[cursor:cursor + count]);
            cursor += count;
        }
        if (cursor != creditors.length) {
            revert IDepositoryErrors.ListMismatch(cursor, creditors.length);
        }
    }

    /// @notice Gives a debt up. One that was paid or given up before is passed over and reported.
    /// @param creditor Whose batch this is.
    function forgive(
        Book.State storage book,
        Forgiveness calldata forgiveness,
        bytes32 creditor
    ) internal {
        (bytes32 debtor, uint256 token) = (forgiveness.debtor, forgiveness.token);
        uint256 index = forgiveness.index;
        mapping(uint256 => uint256) storage slots = book.debts.slots[debtor][token];
        uint256 debt = slots[index];
        if (debt == 0) return _reportSkipped(FORGIVENESS, debtor, creditor, token, index);
        if (!debt.isOwedTo(creditor)) {
            revert IDepositoryErrors.CreditorInvalid(debtor, token, index, creditor);
        }
        slots[index] = 0;
        _report(debtor, creditor, token, index, 0);
        mapping(uint256 => uint256) storage rows = book.reserves.rows[debtor];
        uint256 row = rows[token];
        if (row.headOf() == index) rows[token] = row + Reserves.ONE_DEBT_CLOSED;
    }

    /// @dev Forgiven debts take no creditor, but are bounded by their count, too: so many dust
    /// debts that were forgiven cost no call more than it was weighed for.
    function _sweep(
        Book.State storage book,
        bytes32 debtor,
        uint256 token,
        bytes32[] calldata creditors
    ) private {
        mapping(uint256 => uint256) storage slots = book.debts.slots[debtor][token];
        mapping(uint256 => uint256) storage rows = book.reserves.rows[debtor];
        uint256 before = rows[token];
        uint256 row = before;
        uint256 next = 0;
        uint256 holes = 0;
        while (row.hasDebts()) {
            uint256 debt = slots[row.headOf()];
            unchecked {
                if (debt == 0) {
                    if (holes == creditors.length) break;
                    ++holes;
                    row += Reserves.ONE_DEBT_CLOSED;
                    continue;
                }
                // So it ends with a debt of which more is owed than what was there.
                if (uint128(row) == 0) break;
                next = _find(debt, debtor, creditors, next);
                if (next == creditors.length) break;
                row = _pay(book, slots, row, debt, debtor, creditors[next], token);
                ++next;
            }
        }
        if (uint128(row) != uint128(before)) Reserves.write(rows, debtor, token, row);
        else if (row != before) rows[token] = row;
        else if (row.hasDebts() && creditors.length != 0 && uint128(row) != 0) {
            _reportSkipped(SWEEP, debtor, creditors[0], token, row.headOf());
        }
    }

    /// @return The place of the next creditor to whom the debt is owed; the length if none is.
    function _find(
        uint256 debt,
        bytes32 debtor,
        bytes32[] calldata creditors,
        uint256 next
    ) private pure returns (uint256) {
        unchecked {
            for (; next < creditors.length; ++next) {
                bytes32 creditor = creditors[next];
                if (debt.isOwedTo(creditor) && creditor != debtor) break;
            }
        }
        return next;
    }

    /// @return The debtor's row: less by what was paid, the debt closed if nothing is owed still.
    function _pay(
        Book.State storage book,
        mapping(uint256 => uint256) storage slots,
        uint256 row,
        uint256 debt,
        bytes32 debtor,
        bytes32 creditor,
        uint256 token
    ) private returns (uint256) {
        uint256 index = row.headOf();
        uint256 paid = _lesser(uint128(row), debt.amountOf());
        unchecked {
            uint256 rest = debt.amountOf() - paid;
            slots[index] = rest == 0 ? 0 : debt - paid;
            _report(debtor, creditor, token, index, rest);
            book.reserves.credit(creditor, token, paid);
            row -= paid;
            return rest == 0 ? row + Reserves.ONE_DEBT_CLOSED : row;
        }
    }

    function _lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _report(
        bytes32 debtor,
        bytes32 creditor,
        uint256 token,
        uint256 index,
        uint256 amount
    ) private {
        emit IDepositoryEvents.DebtUpdated(debtor, creditor, (token << 64) | index, amount);
    }

    function _reportSkipped(
        uint8 kind,
        bytes32 debtor,
        bytes32 creditor,
        uint256 token,
        uint256 index
    ) private {
        bytes memory reason = abi.encodeWithSelector(
            IDepositoryErrors.CreditorInvalid.selector,
            debtor,
            token,
            index,
            creditor
        );
        emit IDepositoryEvents.EnforcementSkipped(debtor, creditor, kind, reason);
    }
}
