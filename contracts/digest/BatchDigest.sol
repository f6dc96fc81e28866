// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The struct hash of a batch.
library BatchDigest {
    bytes32 internal constant TYPEHASH = keccak256(
        "Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)"
    );

    /// @param operationsHash keccak256(abi.encode(operations)).
    /// @return result keccak256(abi.encode(TYPEHASH, entity, nonce, deadline, operationsHash)).
    function structHash(
        bytes32 entity,
        uint64 nonce,
        uint64 deadline,
        bytes32 operationsHash
    ) internal pure returns (bytes32 result) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, typehash)
            mstore(add(pointer, 0x20), entity)
            mstore(add(pointer, 0x40), and(nonce, 0xffffffffffffffff))
            mstore(add(pointer, 0x60), and(deadline, 0xffffffffffffffff))
            mstore(add(pointer, 0x80), operationsHash)
            result := keccak256(pointer, 0xa0)
        }
    }
}
