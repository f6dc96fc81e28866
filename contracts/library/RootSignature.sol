// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Calldata} from "./Calldata.sol";
import {Packed} from "./Packed.sol";

/// @title Sign once (ENT-4): what a key signs is always the root of a tree over leaves that
/// bind an entity to a digest.
/// @dev The domain names no chain and no contract: the digests in the leaves do.
library RootSignature {
    using Calldata for uint256;

    bytes32 internal constant ROOT_TYPEHASH = keccak256("Root(bytes32 root)");

    /// @dev keccak256(abi.encode(keccak256("EIP712Domain(string name,string version)"),
    /// keccak256("XLN"), keccak256("1")))
    bytes32 internal constant DOMAIN =
        0xfbb3fe2d909ac32587ea10c690b71b393a8a444d7b05e78d59823e87e9cd322e;

    /// @dev Half of secp256k1's order: the other half of all `s` are the same signatures again.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    uint256 internal constant MAX_DEPTH = 32;
    uint256 internal constant KEY_LENGTH = 65;

    /// @dev 65 bytes, so that a leaf can never be read as a node of 64.
    function leaf(bytes32 entity, bytes32 digest) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore8(pointer, 0)
            mstore(add(pointer, 1), entity)
            mstore(add(pointer, 33), digest)
            result := keccak256(pointer, 65)
        }
    }

    /// @dev The pair is sorted: a path carries no directions.
    function node(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return Hashes.commutativeKeccak256(a, b);
    }

    /// @param start Where in calldata the path lies; not checked, as is its end.
    function fold(bytes32 first, uint256 start, uint256 end) internal pure returns (bytes32 root) {
        root = first;
        unchecked {
            for (; start < end; start += 32) root = node(root, bytes32(start.word()));
        }
    }

    /// @return What a key signs for a root.
    function signingHash(bytes32 root) internal pure returns (bytes32) {
        bytes32 structHash = Hashes.efficientKeccak256(ROOT_TYPEHASH, root);
        return MessageHashUtils.toTypedDataHash(DOMAIN, structHash);
    }

    /// @param signature `r ‖ s ‖ v`, then the path, 32 bytes a level.
    /// @return signer The key that signed; zero if the signature is malformed, malleable or too
    /// deep.
    function recover(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (address signer) {
        uint256 length = signature.length;
        bytes32 root = leaf(entity, digest);
        uint256 start;
        assembly ("memory-safe") {
            start := signature.offset
        }
        unchecked {
            if (length != KEY_LENGTH) {
                if (length < KEY_LENGTH || (length - KEY_LENGTH) % 32 != 0) return address(0);
                if (length > KEY_LENGTH + 32 * MAX_DEPTH) return address(0);
                root = fold(root, start + KEY_LENGTH, start + length);
            }
        }
        bytes32 signed = signingHash(root);
        assembly ("memory-safe") {
            // The precompile's input is hash, v, r, s; it answers nothing to a bad signature.
            let pointer := mload(0x40)
            mstore(pointer, signed)
            mstore(add(pointer, 0x20), byte(0, calldataload(add(start, 0x40))))
            calldatacopy(add(pointer, 0x40), start, 0x40)
            mstore(0, 0)
            if iszero(gt(mload(add(pointer, 0x60)), HALF_ORDER)) {
                pop(staticcall(gas(), 1, pointer, 0x80, 0, 0x20))
            }
            signer := mload(0)
        }
    }

    /// @notice Writes once what is the same for all who sign one digest, each a tree of one leaf.
    /// @return scratch For `isSignedBy`: from 0 on the leaf, from 0x60 the struct, from 0xa0 the
    /// typed data, from 0x100 the precompile's input.
    function prepare(bytes32 digest) internal pure returns (uint256 scratch) {
        scratch = Packed.allocate(0x180);
        bytes32 typehash = ROOT_TYPEHASH;
        assembly ("memory-safe") {
            mstore8(scratch, 0)
            mstore(add(scratch, 33), digest)
            mstore(add(scratch, 0x60), typehash)
            mstore(add(scratch, 0xa0), shl(240, 0x1901))
            mstore(add(scratch, 0xa2), DOMAIN)
        }
    }

    /// @param position Where a signature of 65 bytes lies in calldata.
    /// @return valid Whether the entity is a key's and that key signed.
    function isSignedBy(
        uint256 scratch,
        bytes32 entity,
        uint256 position
    ) internal view returns (bool valid) {
        assembly ("memory-safe") {
            mstore(add(scratch, 1), entity)
            mstore(add(scratch, 0x80), keccak256(scratch, 65))
            mstore(add(scratch, 0xc2), keccak256(add(scratch, 0x60), 0x40))
            let input := add(scratch, 0x100)
            mstore(input, keccak256(add(scratch, 0xa0), 0x42))
            mstore(add(input, 0x20), byte(0, calldataload(add(position, 0x40))))
            calldatacopy(add(input, 0x40), position, 0x40)
            mstore(0, 0)
            if iszero(gt(mload(add(input, 0x60)), HALF_ORDER)) {
                pop(staticcall(gas(), 1, input, 0x80, 0, 0x20))
            }
            // Identity: what is below 2^64 is a number, and no key's.
            valid := and(eq(mload(0), entity), gt(entity, 0xffffffffffffffff))
        }
    }

    /// @param signed What a key signs for a root.
    /// @return signer The key that signed it; zero if the signature is malformed or malleable.
    function recoverRoot(
        bytes32 signed,
        bytes calldata signature
    ) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(signed, signature);
    }
}
