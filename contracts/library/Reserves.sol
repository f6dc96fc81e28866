// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";

/// @title The free balances of entities, and the ends of the queues of what they owe (DEP-7).
/// @dev No credit can overflow: a token's total is below 2^127 (Tokens).
/// @dev While a debt is open nothing of its debtor's reserve in that token may be spent (DEB-1):
/// every debit looks, in the word that it loads anyway.
library Reserves {
    /// @param rows One slot each: `debtTail:64 | debtHead:64 | amount:128`. The oldest open debt is
    /// at the head, the next one will be at the tail; none is open where they are equal.
    struct State {
        mapping(bytes32 entity => mapping(uint256 token => uint256)) rows;
    }

    uint256 internal constant ONE_DEBT_MADE = 1 << 192;
    uint256 internal constant ONE_DEBT_CLOSED = 1 << 128;

    function amountOf(
        State storage self,
        bytes32 entity,
        uint256 token
    ) internal view returns (uint128) {
        return uint128(self.rows[entity][token]);
    }

    function headOf(uint256 row) internal pure returns (uint64) {
        return uint64(row >> 128);
    }

    function tailOf(uint256 row) internal pure returns (uint64) {
        return uint64(row >> 192);
    }

    /// @param row Of a reserve.
    /// @return Whether a debt is open, or forgiven ones have not been passed over yet.
    function hasDebts(uint256 row) internal pure returns (bool) {
        return headOf(row) != tailOf(row);
    }

    function credit(State storage self, bytes32 entity, uint256 token, uint256 amount) internal {
        mapping(uint256 => uint256) storage rows = self.rows[entity];
        unchecked {
            // No carry into the ends of the queue: the sum of all reserves is below 2^127.
            write(rows, entity, token, rows[token] + amount);
        }
    }

    function debit(State storage self, bytes32 entity, uint256 token, uint256 amount) internal {
        mapping(uint256 => uint256) storage rows = self.rows[entity];
        uint256 row = rows[token];
        uint256 reserve = uint128(row);
        if (hasDebts(row)) revert IDepositoryErrors.DebtsOpen(entity, token);
        if (reserve < amount) {
            revert IDepositoryErrors.ReserveInsufficient(entity, token, reserve, amount);
        }
        unchecked {
            write(rows, entity, token, row - amount);
        }
    }

    /// @param net The sum of changes, in either direction; zero touches nothing.
    function change(State storage self, bytes32 entity, uint256 token, int256 net) internal {
        if (net > 0) credit(self, entity, token, uint256(net));
        if (net < 0) debit(self, entity, token, uint256(-net));
    }

    /// @param net What the reserve changed by before, and is not written yet.
    /// @param amount What is to leave it.
    /// @return reason The error that a debit in its turn would fail with; empty if it would not.
    function objectionToDebit(
        State storage self,
        bytes32 entity,
        uint256 token,
        int256 net,
        uint256 amount
    ) internal view returns (bytes memory reason) {
        uint256 row = self.rows[entity][token];
        if (hasDebts(row)) {
            return abi.encodeWithSelector(IDepositoryErrors.DebtsOpen.selector, entity, token);
        }
        int256 reserve = int256(uint256(uint128(row))) + net;
        if (reserve >= int256(amount)) return reason;
        bytes4 selector = IDepositoryErrors.ReserveInsufficient.selector;
        return abi.encodeWithSelector(selector, entity, token, reserve, amount);
    }

    /// @param rows The entity's.
    function write(
        mapping(uint256 token => uint256) storage rows,
        bytes32 entity,
        uint256 token,
        uint256 row
    ) internal {
        rows[token] = row;
        emit IDepositoryEvents.ReserveUpdated(entity, (token << 128) | uint128(row));
    }
}
