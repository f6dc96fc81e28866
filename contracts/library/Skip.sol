// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Reason} from "./Reason.sol";

/// @title What becomes of a head that has nothing to do.
library Skip {
    // The kinds of EnforcementSkipped.
    uint256 internal constant START = 1;
    uint256 internal constant COUNTER = 2;
    uint256 internal constant FINALISATION = 3;
    uint256 internal constant FILL = 4;
    /// @dev Of a head that is all of its call: nothing is passed over, the call fails.
    uint256 internal constant ALONE = 0;

    /// @param selector Of an error of two words.
    function passOver(
        uint256 kind,
        bytes32 left,
        bytes32 right,
        bytes4 selector,
        uint256 first,
        uint256 second
    ) internal {
        bytes memory reason = Reason.pack(selector, first, second);
        if (kind == ALONE) Reason.raise(reason);
        emit IDepositoryEvents.EnforcementSkipped(left, right, uint8(kind), reason);
    }
}
