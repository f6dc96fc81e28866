// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Board, Member, MemberSignature} from "../type/Board.sol";
import {Identity} from "./Identity.sol";
import {Packed} from "./Packed.sol";
import {RootSignature} from "./RootSignature.sol";

/// @title Boards of weighted keys, their hash, and what counts as their signature (ENT-2, ENT-3).
library BoardSignature {
    using Packed for uint256;

    uint256 internal constant MAX_MEMBERS = 64;
    uint256 internal constant MAX_SIGNATURES = 64;

    /// @notice Checks that a board is valid, and hashes it.
    /// @return keccak256(threshold:u32 ‖ n × (member:bytes32 ‖ weight:u32)).
    function hash(Board memory board) internal pure returns (bytes32) {
        uint256 size = board.members.length;
        if (size == 0 || size > MAX_MEMBERS) revert IEntityProvider.BoardSizeInvalid(size);

        uint256 from = Packed.start();
        uint256 cursor = from.put32(board.threshold);
        bytes32 previous = 0;
        uint256 weight = 0;
        for (uint256 i = 0; i < size; ++i) {
            Member memory member = board.members[i];
            _checkMember(member, previous);
            previous = member.id;
            weight += member.weight;
            cursor = cursor.putWord(member.id).put32(member.weight);
        }
        _checkThreshold(board.threshold, weight, size);
        return from.hash(cursor);
    }

    /// @notice Reverts unless members of at least the threshold's weight signed the leaf's root.
    /// @param board Already checked by `hash`.
    function check(
        Board memory board,
        bytes32 leaf,
        bytes32[] memory path,
        MemberSignature[] memory signatures
    ) internal pure {
        bytes32 root = _fold(leaf, path);
        uint256 count = signatures.length;
        if (count > MAX_SIGNATURES) revert IEntityProvider.SignaturesTooMany(count);

        uint256 weight = 0;
        uint256 next = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 index = signatures[i].member;
            if (index < next || index >= board.members.length) {
                revert IEntityProvider.SignatureMisplaced(index);
            }
            next = index + 1;
            Member memory member = board.members[index];
            address signer = RootSignature.recoverRoot(root, signatures[i].signature);
            if (signer != Identity.toAddress(member.id)) {
                revert IEntityProvider.MemberSignatureInvalid(member.id, root);
            }
            weight += member.weight;
        }
        if (weight < board.threshold) {
            revert IEntityProvider.ThresholdNotReached(weight, board.threshold);
        }
    }

    function _fold(bytes32 leaf, bytes32[] memory path) private pure returns (bytes32 root) {
        uint256 depth = path.length;
        if (depth > RootSignature.MAX_DEPTH) revert IEntityProvider.PathTooDeep(depth);
        root = leaf;
        for (uint256 i = 0; i < depth; ++i) root = RootSignature.node(root, path[i]);
    }

    function _checkMember(Member memory member, bytes32 previous) private pure {
        if (member.id <= previous) revert IEntityProvider.BoardUnsorted(previous, member.id);
        if (!Identity.isAddress(member.id)) {
            revert IEntityProvider.MemberClassUnsupported(member.id);
        }
        if (member.weight == 0) revert IEntityProvider.MemberWeightZero(member.id);
    }

    /// @dev A threshold of zero would let a board sign without a signature.
    function _checkThreshold(uint256 threshold, uint256 weight, uint256 size) private pure {
        bool enough = size == 1 || 3 * threshold > 2 * weight;
        if (threshold == 0 || threshold > weight || !enough) {
            revert IEntityProvider.ThresholdInvalid(threshold, weight);
        }
    }
}
