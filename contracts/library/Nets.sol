// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Changes of reserves while a list is carried out: words in memory (see Settling).
/// @dev Bounds are the caller's duty: whoever computes a cell has checked entity and token against
/// their tables.
library Nets {
    function read(uint256 cell) internal pure returns (int256 net) {
        assembly ("memory-safe") {
            net := mload(cell)
        }
    }

    /// @dev Cannot overflow: a call has fewer than 2^128 diffs, each below 2^127.
    function add(uint256 cell, int256 change) internal pure {
        assembly ("memory-safe") {
            mstore(cell, add(mload(cell), change))
        }
    }
}
