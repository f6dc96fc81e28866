// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";

/// @title The free balances of entities.
/// @dev No credit can overflow: a token's total is below 2^127 (Tokens).
library Reserves {
    /// @dev The ends of the debt queue are laid out here; nothing makes debts yet.
    struct Row {
        uint128 amount;
        uint64 debtHead;
        uint64 debtTail;
    }

    struct State {
        mapping(bytes32 entity => mapping(uint256 token => Row)) rows;
    }

    function amountOf(
        State storage self,
        bytes32 entity,
        uint256 token
    ) internal view returns (uint128) {
        return self.rows[entity][token].amount;
    }

    function credit(State storage self, bytes32 entity, uint256 token, uint256 amount) internal {
        Row storage row = self.rows[entity][token];
        _write(row, entity, token, row.amount + amount);
    }

    function debit(State storage self, bytes32 entity, uint256 token, uint256 amount) internal {
        Row storage row = self.rows[entity][token];
        uint256 reserve = row.amount;
        if (reserve < amount) {
            revert IDepositoryErrors.ReserveInsufficient(entity, token, reserve, amount);
        }
        unchecked {
            _write(row, entity, token, reserve - amount);
        }
    }

    /// @param net The sum of changes, in either direction; zero touches nothing.
    function change(State storage self, bytes32 entity, uint256 token, int256 net) internal {
        if (net > 0) credit(self, entity, token, uint256(net));
        if (net < 0) debit(self, entity, token, uint256(-net));
    }

    function _write(Row storage row, bytes32 entity, uint256 token, uint256 amount) private {
        row.amount = uint128(amount);
        emit IDepositoryEvents.ReserveUpdated(entity, (token << 128) | amount);
    }
}
