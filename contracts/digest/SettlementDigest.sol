// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Packed} from "../library/Packed.sol";

/// @title The struct hash of a settlement, and the hash of its diffs.
library SettlementDigest {
    using Packed for uint256;

    bytes32 internal constant TYPEHASH =
        keccak256(
            "Settlement(bytes32 left,bytes32 right,uint64 epoch,uint64 number,uint64 deadline,bytes32 plan,bytes32 diffsHash)"
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
    function put(
        uint256 pointer,
        uint256 token,
        int128 leftDiff,
        int128 rightDiff,
        int128 collateralDiff,
        int128 ondeltaDiff
    ) internal pure returns (uint256) {
        return
            pointer
                .put32(uint32(token))
                .putSigned128(leftDiff)
                .putSigned128(rightDiff)
                .putSigned128(collateralDiff)
                .putSigned128(ondeltaDiff);
    }
}
