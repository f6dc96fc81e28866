// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Batch} from "../type/Operation.sol";

/// @title The struct hash of a batch.
library BatchDigest {
    bytes32 internal constant TYPEHASH =
        keccak256("Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)");

    /// @dev The operations are encoded anew: whatever offsets the calldata used, what is hashed is
    /// what is carried out, and in one encoding only.
    function structHash(Batch calldata batch) internal pure returns (bytes32) {
        bytes32 operationsHash = keccak256(abi.encode(batch.operations));
        return
            keccak256(
                abi.encode(TYPEHASH, batch.entity, batch.nonce, batch.deadline, operationsHash)
            );
    }
}
