// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {BoardSignature} from "./library/BoardSignature.sol";
import {Identity} from "./library/Identity.sol";
import {RootSignature} from "./library/RootSignature.sol";
import {Board, MemberSignature} from "./type/Board.sol";

/// @title EntityProvider: numbers and the hashes of their boards (see IEntityProvider).
contract EntityProvider is IEntityProvider {
    /// @inheritdoc IEntityProvider
    uint64 public entityCount;

    mapping(uint64 number => bytes32 boardHash) private _boardHashes;

    /// @inheritdoc IEntityProvider
    function registerEntity(bytes32 boardHash) external returns (uint64 number) {
        if (boardHash == 0) revert BoardHashZero();
        number = ++entityCount;
        _boardHashes[number] = boardHash;
        emit EntityRegistered(number, boardHash);
    }

    /// @inheritdoc IEntityProvider
    function boardHashOf(uint64 number) public view returns (bytes32 boardHash) {
        boardHash = _boardHashes[number];
        if (boardHash == 0) revert NumberNotGiven(number);
    }

    /// @inheritdoc IEntityProvider
    function verify(bytes32 entity, bytes32 digest, bytes calldata signature) external view {
        if (Identity.isAddress(entity)) {
            address signer = RootSignature.recover(entity, digest, signature);
            if (signer != Identity.toAddress(entity)) revert KeySignatureInvalid(entity, digest);
            return;
        }
        _verifyBoard(entity, digest, signature);
    }

    function _verifyBoard(bytes32 entity, bytes32 digest, bytes calldata signature) private view {
        if (entity == 0) revert EntityInvalid(entity);
        bytes32 expected = Identity.isLazy(entity) ? entity : boardHashOf(uint64(uint256(entity)));

        (Board memory board, bytes32[] memory path, MemberSignature[] memory signatures) = abi
            .decode(signature, (Board, bytes32[], MemberSignature[]));
        bytes32 boardHash = BoardSignature.hash(board);
        if (boardHash != expected) revert BoardNotOfEntity(entity, boardHash);
        // One encoding for one meaning: what is not read must not be there.
        if (keccak256(abi.encode(board, path, signatures)) != keccak256(signature)) {
            revert SignatureNotCanonical();
        }
        BoardSignature.check(board, RootSignature.leaf(entity, digest), path, signatures);
    }
}
