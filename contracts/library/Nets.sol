// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Changes of reserves while a list is carried out: a table in memory, entities by tokens.
/// @dev Bounds are the caller's duty: indices must have been checked against their tables.
library Nets {
    /// @param cells Where row 0 begins.
    /// @param width Bytes a row, 32 for each token.
    struct State {
        uint256 cells;
        uint256 width;
    }

    function create(uint256 entities, uint256 tokens) internal pure returns (State memory self) {
        int256[] memory table = new int256[](entities * tokens);
        assembly ("memory-safe") {
            mstore(self, add(table, 0x20))
        }
        self.width = tokens << 5;
    }

    /// @return row Where the entity's cells begin, 32 bytes for each token.
    function rowOf(State memory self, uint256 entity) internal pure returns (uint256 row) {
        unchecked {
            return self.cells + entity * self.width;
        }
    }

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
