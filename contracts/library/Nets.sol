// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Changes of reserves while a list is carried out: a table in memory, entities by tokens.
/// @dev Bounds are the caller's duty: both indices must have been checked against their tables.
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

    function get(
        State memory self,
        uint256 entity,
        uint256 token
    ) internal pure returns (int256 net) {
        assembly ("memory-safe") {
            let row := add(mload(self), mul(entity, mload(add(self, 0x20))))
            net := mload(add(row, shl(5, token)))
        }
    }

    /// @param cell entity × number of tokens + token.
    function cellAt(State memory self, uint256 cell) internal pure returns (int256 net) {
        assembly ("memory-safe") {
            net := mload(add(mload(self), shl(5, cell)))
        }
    }

    /// @dev Cannot overflow: a call has fewer than 2^128 diffs, each below 2^127.
    function add(State memory self, uint256 entity, uint256 token, int256 change) internal pure {
        assembly ("memory-safe") {
            let row := add(mload(self), mul(entity, mload(add(self, 0x20))))
            let cell := add(row, shl(5, token))
            mstore(cell, add(mload(cell), change))
        }
    }
}
