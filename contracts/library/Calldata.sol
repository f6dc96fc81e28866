// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reads calldata by position, where Layout has checked that it is all there.
/// @dev What is read is a raw word: ranges are the reader's to check.
library Calldata {
    uint256 internal constant WORD = 32;

    function word(uint256 position) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(position)
        }
    }

    function signed(uint256 position) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            value := calldataload(position)
        }
    }

    function slice(uint256 position, uint256 size) internal pure returns (bytes calldata result) {
        assembly ("memory-safe") {
            result.offset := position
            result.length := size
        }
    }

    /// @return result Of so many bytes from there on.
    function hashed(uint256 position, uint256 size) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            calldatacopy(pointer, position, size)
            result := keccak256(pointer, size)
        }
    }

    /// @return position Where the bytes themselves begin, behind their length.
    function startOf(bytes calldata data) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := data.offset
        }
    }

    /// @return Where the next thing lies after that many bytes, padded to words.
    function padded(uint256 size) internal pure returns (uint256) {
        unchecked {
            return (size + 31) & ~uint256(31);
        }
    }
}
