// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The struct hash of a proof: what both sides sign with every frame (DIS-1).
library ProofDigest {
    bytes32 internal constant TYPEHASH = keccak256(
        "Proof(bytes32 account,uint64 epoch,uint64 number,uint32 leftResponse,"
        "uint32 rightResponse,bytes32 frameHash,bytes32 bodyHash)"
    );

    /// @param account The account key, keccak256(left ‖ right).
    /// @param leftResponse Left's response time in seconds.
    /// @param rightResponse Right's response time in seconds.
    struct Proof {
        bytes32 account;
        uint64 epoch;
        uint64 number;
        uint32 leftResponse;
        uint32 rightResponse;
        bytes32 frameHash;
        bytes32 bodyHash;
    }

    function structHash(Proof memory proof) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, proof));
    }
}
