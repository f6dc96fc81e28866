// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The struct hash of a batch.
library BatchDigest {
    bytes32 internal constant TYPEHASH = keccak256(
        "Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)"
    );

    /// @param operationsHash keccak256(abi.encode(operations)).
    function structHash(
        bytes32 entity,
        uint64 nonce,
        uint64 deadline,
        bytes32 operationsHash
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, entity, nonce, deadline, operationsHash));
    }
}
