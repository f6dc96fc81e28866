// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";

/// @title Errors that are raised in many places, so that each is encoded in one.
library Refusal {
    function listTooLong(uint256 length, uint256 maximum) internal pure {
        revert IDepositoryErrors.ListTooLong(length, maximum);
    }

    function requireUsedUp(uint256 stated, uint256 present) internal pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }

    /// @dev What happens at a deadline is in time.
    function requireInTime(uint256 deadline) internal view {
        if (block.timestamp > deadline) {
            revert IDepositoryErrors.DeadlinePassed(deadline, block.timestamp);
        }
    }
}
