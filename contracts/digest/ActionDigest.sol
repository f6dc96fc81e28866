// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The struct hashes of what an entity asks of the EntityProvider.
library ActionDigest {
    bytes32 internal constant REPLACEMENT_TYPEHASH = keccak256(
        "Replacement(uint64 number,bytes32 boardHash,uint64 nonce)"
    );
    bytes32 internal constant CANCELLATION_TYPEHASH = keccak256(
        "Cancellation(uint64 number,uint64 nonce)"
    );
    bytes32 internal constant CLAIM_TYPEHASH = keccak256(
        "NameClaim(bytes32 entity,string name,uint64 nonce)"
    );
    bytes32 internal constant TRANSFER_TYPEHASH = keccak256(
        "NameTransfer(bytes32 from,bytes32 to,string name,uint64 nonce)"
    );

    function replacement(
        uint64 number,
        bytes32 boardHash,
        uint64 nonce
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(REPLACEMENT_TYPEHASH, number, boardHash, nonce));
    }

    function cancellation(uint64 number, uint64 nonce) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCELLATION_TYPEHASH, number, nonce));
    }

    function claim(
        bytes32 entity,
        string calldata name,
        uint64 nonce
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM_TYPEHASH, entity, keccak256(bytes(name)), nonce));
    }

    function transfer(
        bytes32 from,
        bytes32 to,
        string calldata name,
        uint64 nonce
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TRANSFER_TYPEHASH, from, to, keccak256(bytes(name)), nonce));
    }
}
