// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Finalisation as Head} from "../type/Enforcement.sol";
import {Accounts} from "./Accounts.sol";
import {Body} from "./Body.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
import {DebtRun} from "./DebtRun.sol";
import {Dispute} from "./Dispute.sol";
import {Outcome} from "./Outcome.sol";
import {Pool} from "./Pool.sol";
import {Reserves} from "./Reserves.sol";
import {Skip} from "./Skip.sol";

/// @title Ends disputes: pays out what the winning body says (DIS-3, DIS-4).
/// @dev A body that a start or a counter accepted cannot fail here. What the caller chooses is
/// when, after the window, and which tokens beside the body's are closed as well.
library Finalisation {
    using Body for Body.Place;
    using Calldata for uint256;
    using Dispute for uint256;
    using Outcome for Outcome.State;
    using Pool for Pool.State;
    using Reserves for Reserves.State;

    /// @param flags Of the winning proof.
    /// @param epochNumber What the account's rows are reported with.
    struct Run {
        bytes32 left;
        bytes32 right;
        uint256 flags;
        uint256 epochNumber;
    }

    /// @notice See `finalise`, with a head of the pool's.
    function finaliseNext(
        Book.State storage book,
        Pool.State memory pool,
        bytes32 carrier,
        uint256 longest
    ) internal returns (uint256 given) {
        Head calldata head = pool.takeFinalisation();
        Body.Place memory body = pool.takeBody(head.rows, head.conditionBytes);
        uint256 tokens = pool.takeTokens(head.tokens);
        return finalise(book, head, body, tokens, carrier, longest, Skip.FINALISATION);
    }

    /// @param tokens Where in calldata the tokens lie that are closed beside the body's.
    /// @param longest Window, in seconds.
    /// @param kind See Skip.
    /// @return given What transformers were given, in gas.
    function finalise(
        Book.State storage book,
        Head calldata head,
        Body.Place memory body,
        uint256 tokens,
        bytes32 carrier,
        uint256 longest,
        uint256 kind
    ) internal returns (uint256 given) {
        bytes32 key = Accounts.keyOf(head.left, head.right);
        Accounts.Account storage account = book.accounts.accounts[key];
        uint256 stored = account.head;
        bytes4 reason = _objection(book, stored, key, head, body.hash());
        if (reason != 0) {
            (uint256 left, uint256 right) = (uint256(head.left), uint256(head.right));
            Skip.passOver(kind, head.left, head.right, reason, left, right);
            return 0;
        }
        Run memory run;
        (run.left, run.right) = (head.left, head.right);
        run.flags = head.headBody == 0 ? head.window.flagsOf() : head.overtakingFlags;
        _requireTime(run, head.window.end(), carrier);
        uint256 closed = Accounts.closed(stored);
        run.epochNumber = closed;
        Outcome.State memory outcome = _load(account, body);
        if (body.conditions != body.conditionsEnd) {
            (outcome.accountKey, outcome.epoch) = (key, Accounts.epochOf(stored));
            outcome.cap = head.window.startedAt() + longest;
            given = outcome.resolve(book.evidence, body.conditions, body.conditionsEnd);
        }
        _closeRows(book, account, run, outcome);
        _closeTokens(book, account, run, tokens, head.tokens);
        account.head = closed;
        if (Accounts.isOvertaken(stored)) delete book.accounts.overtaking[key];
        emit IDepositoryEvents.DisputeFinalised(
            head.left,
            head.right,
            uint64(Accounts.epochOf(closed))
        );
    }

    /// @return reason The selector of an error about the two sides; zero if there is none.
    function _objection(
        Book.State storage book,
        uint256 stored,
        bytes32 key,
        Head calldata head,
        bytes32 bodyHash
    ) private view returns (bytes4 reason) {
        if (!Accounts.isDisputed(stored)) return IDepositoryErrors.DisputeNone.selector;
        bool overtaken = head.headBody != 0;
        uint256 dispute = Dispute.commitment(head.window, overtaken ? head.headBody : bodyHash);
        bool matches = dispute == Accounts.disputeOf(stored);
        if (overtaken != Accounts.isOvertaken(stored)) matches = false;
        if (overtaken && matches) {
            uint256 word = book.accounts.overtaking[key];
            uint256 number = Dispute.numberOfOvertaking(word);
            uint256 window = head.window.withFlags(uint8(head.overtakingFlags));
            matches = word == Dispute.overtaking(number, window, bodyHash);
        }
        if (!matches) return IDepositoryErrors.DisputeChanged.selector;
    }

    /// @dev Until the window is over only who did not bring the winning proof may say that it is
    /// the newest: who brought it has said so. A proof that neither side's batch brought, nobody
    /// has called the newest.
    function _requireTime(Run memory run, uint256 end, bytes32 carrier) private view {
        if (block.timestamp > end) return;
        bool accepted = run.flags & Dispute.BY_LEFT != 0 && carrier == run.right;
        if (run.flags & Dispute.BY_RIGHT != 0 && carrier == run.left) accepted = true;
        if (!accepted) revert IDepositoryErrors.WindowOpen(end, block.timestamp);
    }

    /// @return outcome With a row for each of the body's.
    function _load(
        Accounts.Account storage account,
        Body.Place memory body
    ) private view returns (Outcome.State memory outcome) {
        uint256 size = ((body.rowsEnd - body.rows) / Body.ROW_SIZE) * Outcome.ROW_SIZE;
        uint256 row;
        assembly ("memory-safe") {
            row := mload(0x40)
            mstore(0x40, add(row, size))
        }
        (outcome.table, outcome.tableEnd) = (row, row + size);
        unchecked {
            for (uint256 from = body.rows; from < body.rowsEnd; from += Body.ROW_SIZE) {
                uint256 token = from.word();
                uint256 money = account.money[token];
                assembly ("memory-safe") {
                    // Each is a 128-bit integer: no sum of a few can leave 256 bits.
                    mstore(row, token)
                    mstore(add(row, 0x20), add(sar(128, money), calldataload(add(from, 0x20))))
                    mstore(add(row, 0x40), sub(0, calldataload(add(from, 0x40))))
                    let collateral := shr(128, shl(128, money))
                    mstore(add(row, 0x60), add(collateral, calldataload(add(from, 0x60))))
                    mstore(add(row, 0x80), money)
                }
                row += Outcome.ROW_SIZE;
            }
        }
    }

    /// @dev Credit limits are enforced here: a delta ends within what the body's limits allow.
    function _closeRows(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        Outcome.State memory outcome
    ) private {
        for (uint256 row = outcome.table; row < outcome.tableEnd; row += Outcome.ROW_SIZE) {
            uint256 token;
            int256 delta;
            uint256 money;
            assembly ("memory-safe") {
                token := mload(row)
                delta := mload(add(row, 0x20))
                money := mload(add(row, 0x80))
                let least := mload(add(row, 0x40))
                let most := mload(add(row, 0x60))
                if slt(delta, least) {
                    delta := least
                }
                if sgt(delta, most) {
                    delta := most
                }
            }
            _close(book, account, run, token, money, delta);
        }
    }

    /// @dev Neither side may owe anything in a token that the body does not list.
    function _closeTokens(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        uint256 cursor,
        uint256 count
    ) private {
        uint256 previous = 0;
        for (; count != 0; --count) {
            uint256 token = cursor.word();
            cursor += Calldata.WORD;
            if (token <= previous) revert IDepositoryErrors.Unsorted(previous, token);
            previous = token;
            uint256 money = account.money[token];
            (int256 delta, uint128 collateral) = Accounts.unpack(money);
            if (delta < 0) delta = 0;
            if (delta > int256(uint256(collateral))) delta = int256(uint256(collateral));
            _close(book, account, run, token, money, delta);
        }
    }

    /// @notice Pays the collateral out by RCP-2, and what a side owes beyond it out of that side's
    /// reserve; what is missing becomes a debt.
    /// @param delta Within what may be owed.
    function _close(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        uint256 token,
        uint256 money,
        int256 delta
    ) private {
        uint256 collateral = uint128(money);
        unchecked {
            if (delta < 0) {
                uint256 paid =
                    run.flags & Dispute.LEFT_RETIRED == 0
                        ? DebtRun.charge(book, run.left, run.right, token, uint256(-delta))
                        : 0;
                _credit(book, run.right, token, collateral + paid);
            } else if (uint256(delta) > collateral) {
                uint256 paid =
                    run.flags & Dispute.RIGHT_RETIRED == 0
                        ? DebtRun.charge(
                            book,
                            run.right,
                            run.left,
                            token,
                            uint256(delta) - collateral
                        )
                        : 0;
                _credit(book, run.left, token, collateral + paid);
            } else {
                _credit(book, run.left, token, uint256(delta));
                _credit(book, run.right, token, collateral - uint256(delta));
            }
        }
        if (money == 0) return;
        account.money[token] = 0;
        Accounts.report(run.left, run.right, token, run.epochNumber, 0);
    }

    function _credit(
        Book.State storage book,
        bytes32 entity,
        uint256 token,
        uint256 amount
    ) private {
        if (amount != 0) book.reserves.credit(entity, token, amount);
    }
}
