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

    function structHash(
        bytes32 left,
        bytes32 right,
        uint64 epoch,
        uint64 number,
        uint64 deadline,
        bytes32 plan,
        bytes32 diffsHash
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(TYPEHASH, left, right, epoch, number, deadline, plan, diffsHash)
            );
    }

    /// @notice Appends one diff to a packed list; see Packed for what may happen in between.
    function put(
        uint256 pointer,
        uint32 token,
        int128 leftDiff,
        int128 rightDiff,
        int128 collateralDiff,
        int128 ondeltaDiff
    ) internal pure returns (uint256) {
        return
            pointer
                .put32(token)
                .putSigned128(leftDiff)
                .putSigned128(rightDiff)
                .putSigned128(collateralDiff)
                .putSigned128(ondeltaDiff);
    }
}
