// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The three classes of entity id, told apart by range (ENT-1).
/// @dev Zero is no id. Every other 256-bit value belongs to exactly one class.
library Identity {
    uint256 private constant FIRST_ADDRESS = 1 << 64;
    uint256 private constant FIRST_LAZY = 1 << 160;

    /// @dev 1 … 2^64 − 1: registered, its board is replaceable.
    function isNumbered(bytes32 id) internal pure returns (bool) {
        return id != 0 && uint256(id) < FIRST_ADDRESS;
    }

    /// @dev 2^64 … 2^160 − 1: a single key.
    function isAddress(bytes32 id) internal pure returns (bool) {
        unchecked {
            // What is lower wraps, and so is higher than any.
            return uint256(id) - FIRST_ADDRESS < FIRST_LAZY - FIRST_ADDRESS;
        }
    }

    /// @dev From 2^160: the hash of a board, usable without registration.
    function isLazy(bytes32 id) internal pure returns (bool) {
        return uint256(id) >= FIRST_LAZY;
    }

    /// @dev Only for ids of the address class.
    function toAddress(bytes32 id) internal pure returns (address) {
        return address(uint160(uint256(id)));
    }
}
