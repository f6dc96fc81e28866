// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {Packed} from "../library/Packed.sol";

/// @title The hashes of a plan, and of what its signers sign when they are prepared (NET-5).
/// @dev A plan's hash is the digest of its struct hash in the Depository's domain.
library PlanDigest {
    using Packed for uint256;

    bytes32 internal constant TYPEHASH = keccak256(
        "Plan(bytes32 signersHash,bytes32 legsHash,bytes32 settlementsHash,bytes32 salt,"
        "uint64 commitBy)"
    );
    bytes32 internal constant PREPARED_TYPEHASH = keccak256("Prepared(bytes32 plan)");

    /// @param left Index into the signers.
    /// @param right Index into the signers, above `left`.
    /// @param amount The change of `delta` in the account of the two.
    struct Leg {
        uint16 left;
        uint16 right;
        uint32 token;
        int128 amount;
    }

    /// @notice Thrown when signers are not strictly ascending.
    error SignersUnsorted(bytes32 previous, bytes32 signer);
    /// @notice Thrown when legs are not strictly ascending by (left, right, token), or a leg's
    /// left is not below its right.
    error LegsUnsorted(uint256 index);

    /// @param commitBy u64.
    function structHash(
        bytes32 signers,
        bytes32 legs,
        bytes32 settlements,
        bytes32 salt,
        uint64 commitBy
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, signers, legs, settlements, salt, commitBy));
    }

    /// @param plan The plan's hash.
    function preparedStructHash(bytes32 plan) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(PREPARED_TYPEHASH, plan);
    }

    function signersHash(bytes32[] memory signers) internal pure returns (bytes32) {
        for (uint256 i = 1; i < signers.length; ++i) {
            if (signers[i] <= signers[i - 1]) revert SignersUnsorted(signers[i - 1], signers[i]);
        }
        return keccak256(abi.encodePacked(signers));
    }

    function legsHash(Leg[] memory legs) internal pure returns (bytes32) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        uint256 next = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            uint256 order = (uint256(leg.left) << 48) | (uint256(leg.right) << 32) | leg.token;
            if (leg.left >= leg.right || order < next) revert LegsUnsorted(i);
            next = order + 1;
            cursor = cursor.put16(leg.left).put16(leg.right).put32(leg.token);
            cursor = cursor.putSigned128(leg.amount);
        }
        return from.hash(cursor);
    }

    /// @param structHashes Of the plan's settlements, whose number and plan are zero.
    function settlementsHash(bytes32[] memory structHashes) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(structHashes));
    }
}
