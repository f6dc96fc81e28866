// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Writes tightly packed integers one after the other, to be hashed.
/// @dev The bytes lie past the free memory pointer, which is not moved: nothing may allocate
/// between `start` and `hash`. Each `put` writes a whole word; the next one overwrites its tail.
library Packed {
    /// @return pointer Where the first value goes.
    function start() internal pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }

    /// @notice For lists between whose items other memory is allocated.
    /// @return pointer Where the first of that many bytes goes; a last word may reach past them.
    function allocate(uint256 size) internal pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(0x40, and(add(add(pointer, size), 0x3f), not(0x1f)))
        }
    }

    /// @notice Gives back what was allocated since `start` gave the pointer: nothing may read it
    /// any more.
    function release(uint256 pointer) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, pointer)
        }
    }

    /// @return pointer Where so many zero bytes lie.
    function zeroed(uint256 size) internal pure returns (uint256 pointer) {
        pointer = allocate(size);
        assembly ("memory-safe") {
            // What lies past the end of calldata is zero.
            calldatacopy(pointer, calldatasize(), size)
        }
    }

    function put8(uint256 pointer, uint8 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value) << 248, 1);
    }

    function put16(uint256 pointer, uint16 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value) << 240, 2);
    }

    function put32(uint256 pointer, uint32 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value) << 224, 4);
    }

    function put64(uint256 pointer, uint64 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value) << 192, 8);
    }

    function put128(uint256 pointer, uint128 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value) << 128, 16);
    }

    /// @dev Two's complement, big-endian.
    function putSigned128(uint256 pointer, int128 value) internal pure returns (uint256) {
        return put128(pointer, uint128(value));
    }

    function putWord(uint256 pointer, bytes32 value) internal pure returns (uint256) {
        return _put(pointer, uint256(value), 32);
    }

    function putBytes(uint256 pointer, bytes memory value) internal pure returns (uint256) {
        uint256 length = value.length;
        assembly ("memory-safe") {
            mcopy(pointer, add(value, 0x20), length)
        }
        return pointer + length;
    }

    /// @return result The hash of the bytes from `from` to `pointer`.
    function hash(uint256 from, uint256 pointer) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(from, sub(pointer, from))
        }
    }

    function _put(uint256 pointer, uint256 word, uint256 size) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            mstore(pointer, word)
            next := add(pointer, size)
        }
    }
}
