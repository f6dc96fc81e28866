// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Errors as values, so that one check serves a list that fails and one that skips.
/// @dev A reason is an encoded custom error; no bytes mean no objection.
library Reason {
    uint256 internal constant MAX_LENGTH = 256;

    /// @notice Reverts with the reason, if there is one.
    function raise(bytes memory reason) internal pure {
        if (reason.length == 0) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @param most Not above the maximum of reasons, for which room is made.
    /// @return reason The first bytes of what the last call answered, at most so many.
    function answer(uint256 most) internal pure returns (bytes memory reason) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, most) {
                size := most
            }
            reason := mload(0x40)
            mstore(0x40, add(reason, add(0x20, MAX_LENGTH)))
            mstore(reason, size)
            returndatacopy(add(reason, 0x20), 0, size)
        }
    }

    /// @return reason An error of two words, encoded.
    function pack(
        bytes4 selector,
        uint256 first,
        uint256 second
    ) internal pure returns (bytes memory reason) {
        assembly ("memory-safe") {
            reason := mload(0x40)
            mstore(0x40, add(reason, 0x80))
            mstore(reason, 0x44)
            mstore(add(reason, 0x20), selector)
            mstore(add(reason, 0x24), first)
            mstore(add(reason, 0x44), second)
        }
    }

    /// @notice Shortens a reason in place to what an event may carry.
    function cut(bytes memory reason) internal pure returns (bytes memory) {
        if (reason.length > MAX_LENGTH) {
            assembly ("memory-safe") {
                mstore(reason, MAX_LENGTH)
            }
        }
        return reason;
    }
}
