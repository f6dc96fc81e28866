// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title The digests of what an entity asks of the EntityProvider.
library ActionDigest {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME = keccak256("XLN EntityProvider");
    bytes32 private constant VERSION = keccak256("1");

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

    /// @dev Of this chain, whatever it was at deployment, and of the contract that runs this.
    function domain() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME, VERSION, block.chainid, address(this)));
    }

    function digest(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain(), structHash);
    }
}
