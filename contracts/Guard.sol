// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "./interface/IDepositoryErrors.sol";

/// @title Keeps strangers' code from coming in again while a door is open.
/// @dev OpenZeppelin's does the same by assembly, of which the compiler warns.
abstract contract Guard is IDepositoryErrors {
    /// @dev A whole word, since a narrower one is read before it is written.
    uint256 private transient _entered;

    /// @dev For every door that changes something.
    modifier guarded() {
        if (_entered != 0) revert Reentered();
        _entered = 1;
        _;
        _entered = 0;
    }
}
