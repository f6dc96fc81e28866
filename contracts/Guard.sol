// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "./interface/IDepositoryErrors.sol";

/// @title Keeps strangers' code from coming in again while a door is open.
/// @dev OpenZeppelin's guard refuses calls to oneself, too, which is how many batches are carried
/// out in one transaction; and its assembly makes the compiler warn.
abstract contract Guard is IDepositoryErrors {
    /// @dev A whole word, since a narrower one is read before it is written.
    uint256 private transient _entered;

    /// @dev For every door that changes something.
    modifier guarded() {
        _enter();
        _;
        _entered = 0;
    }

    /// @dev For a door that this contract goes through itself, while it holds the guard.
    modifier guardedOrSelf() {
        bool isSelf = msg.sender == address(this);
        if (!isSelf) _enter();
        _;
        if (!isSelf) _entered = 0;
    }

    function _enter() private {
        if (_entered != 0) revert Reentered();
        _entered = 1;
    }
}
