// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The struct hash of a settlement, and the hash of its diffs.
library SettlementDigest {
    /// @dev Of one packed diff, in bytes.
    uint256 internal constant DIFF_SIZE = 4 + 4 * 16;

    bytes32 internal constant TYPEHASH = keccak256(
        "Settlement(bytes32 left,bytes32 right,uint64 epoch,uint64 number,"
        "uint64 deadline,bytes32 plan,bytes32 diffsHash)"
    );

    /// @dev What is hashed, laid out as `abi.encode` would, so that it is hashed where it lies.
    struct Terms {
        bytes32 typehash;
        bytes32 left;
        bytes32 right;
        uint256 epoch;
        uint256 number;
        uint256 deadline;
        bytes32 plan;
        bytes32 diffsHash;
    }

    /// @param terms With `typehash` set to TYPEHASH.
    function structHash(Terms memory terms) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            result := keccak256(terms, 0x100)
        }
    }

    /// @notice Appends one diff to a packed list; see Packed for what may happen in between.
    /// @dev Of each number the low 32 or 128 bits; a store's tail is overwritten by the next.
    function put(
        uint256 pointer,
        uint256 token,
        int256 leftDiff,
        int256 rightDiff,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) internal pure returns (uint256 next) {
        assembly ("memory-safe") {
            mstore(pointer, shl(224, token))
            mstore(add(pointer, 4), shl(128, leftDiff))
            mstore(add(pointer, 20), shl(128, rightDiff))
            mstore(add(pointer, 36), shl(128, collateralDiff))
            mstore(add(pointer, 52), shl(128, ondeltaDiff))
            next := add(pointer, 68)
        }
    }

    /// @notice The same, of a diff whose first two numbers lie in one word.
    /// @param diff `leftDiff:i128 | rightDiff:i128`.
    function put(
        uint256 pointer,
        uint256 token,
        uint256 diff,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) internal pure returns (uint256 next) {
        assembly ("memory-safe") {
            mstore(pointer, shl(224, token))
            mstore(add(pointer, 4), diff)
            mstore(add(pointer, 36), shl(128, collateralDiff))
            mstore(add(pointer, 52), shl(128, ondeltaDiff))
            next := add(pointer, 68)
        }
    }
}
