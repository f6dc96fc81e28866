// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Calldata} from "./Calldata.sol";
import {ContractSignature} from "./ContractSignature.sol";
import {Identity} from "./Identity.sol";
import {Packed} from "./Packed.sol";
import {RootSignature} from "./RootSignature.sol";
import {Tenures} from "./Tenures.sol";

/// @title Boards of weighted members, their hash, and what counts as their signature (ENT-2,
/// ENT-3).
/// @dev Read where it lies in calldata. Every offset has one right value and padding is zero, so
/// that a meaning has one encoding; where the parts end must be where the bytes end, so nothing
/// outside of them is read. Counts are bounded before positions are computed from them.
library BoardSignature {
    using Calldata for uint256;
    using Packed for uint256;
    using Tenures for Tenures.State;

    uint256 internal constant MAX_MEMBERS = 64;
    uint256 internal constant MAX_SIGNATURES = 64;
    uint256 internal constant MAX_LENGTH = 32_768;

    uint256 private constant WORD = 32;
    /// @dev A board is its threshold, the offset of its members, their count, the members.
    uint256 private constant BOARD_HEAD = 3 * WORD;
    uint256 private constant MEMBER_SIZE = 2 * WORD;
    /// @dev A member's signature is its index, the offset and the length of its bytes, the bytes.
    uint256 private constant SIGNATURE_HEAD = 3 * WORD;

    /// @param root What all members sign, whatever board they sit on.
    /// @param signed What a key signs for it.
    /// @param time Boards of numbers are those that count at this time.
    /// @param grace How long a replaced board still counts; zero if it does not.
    /// @param contracts Whether contracts may be asked.
    /// @param asked How many were.
    /// @param signatures How many members' signatures were brought so far, nested ones included.
    /// @param retired Whether one of the boards was a replaced one.
    struct Run {
        bytes32 root;
        bytes32 signed;
        uint256 time;
        uint256 grace;
        bool contracts;
        uint256 asked;
        uint256 signatures;
        bool retired;
    }

    /// @dev One board's list of signatures. In memory, since boards nest as deep as 63 levels and
    /// the stack would not hold them.
    /// @param board Where the board lies.
    /// @param size How many members it has.
    /// @param offsets Where the list's offsets begin.
    /// @param offset The next one.
    /// @param cursor Where the next signature lies; after the last one, where the list ends.
    /// @param end Where all of it must end.
    /// @param next The lowest index that the next member may have.
    /// @param weight Of those who signed.
    struct Frame {
        uint256 board;
        uint256 size;
        uint256 offsets;
        uint256 offset;
        uint256 cursor;
        uint256 end;
        uint256 next;
        uint256 weight;
    }

    /// @notice Reverts unless members of at least the threshold's weight signed the leaf's root.
    /// @param run With time, grace and contracts set; the rest is set here.
    /// @param signature abi.encode(Board, bytes32[] path, MemberSignature[]).
    function check(
        Tenures.State storage tenures,
        Run memory run,
        bytes32 entity,
        bytes32 leaf,
        bytes calldata signature
    ) internal view {
        uint256 length = signature.length;
        if (length > MAX_LENGTH) revert IEntityProvider.SignatureTooLong(length);
        uint256 base;
        assembly ("memory-safe") {
            base := signature.offset
        }
        unchecked {
            uint256 board = base + 3 * WORD;
            uint256 path = board + BOARD_HEAD + sizeOf(board) * MEMBER_SIZE;
            _requireWord(base, 3 * WORD);
            _requireWord(base + WORD, path - base);
            uint256 list = _fold(run, leaf, path);
            _requireWord(base + 2 * WORD, list - base);
            _checkBoard(tenures, run, entity, board, list, base + length);
        }
    }

    /// @notice Checks that a board is valid, and hashes it.
    /// @param board Where it lies in calldata.
    /// @return keccak256(threshold:u32 ‖ n × (member:bytes32 ‖ weight:u32)).
    function hash(uint256 board) internal pure returns (bytes32) {
        uint256 size = sizeOf(board);
        _requireWord(board + WORD, 2 * WORD);
        uint256 threshold = board.word();
        uint256 from = Packed.start();
        uint256 cursor = from.put32(uint32(threshold));
        uint256 total = 0;
        uint256 previous = 0;
        uint256 wide = threshold;
        unchecked {
            uint256 position = board + BOARD_HEAD;
            uint256 end = position + size * MEMBER_SIZE;
            for (; position < end; position += MEMBER_SIZE) {
                uint256 id = position.word();
                uint256 weight = (position + WORD).word();
                if (id <= previous) {
                    revert IEntityProvider.BoardUnsorted(bytes32(previous), bytes32(id));
                }
                if (weight == 0) revert IEntityProvider.MemberWeightZero(bytes32(id));
                previous = id;
                wide |= weight;
                total += weight;
                cursor = cursor.putWord(bytes32(id)).put32(uint32(weight));
            }
            if (wide >> 32 != 0) revert IEntityProvider.SignatureNotCanonical();
            // A threshold of zero would let a board sign without a signature.
            bool enough = size == 1 || 3 * threshold > 2 * total;
            if (threshold == 0 || threshold > total || !enough) {
                revert IEntityProvider.ThresholdInvalid(threshold, total);
            }
        }
        return from.hash(cursor);
    }

    /// @param board Where it lies in calldata.
    /// @return size How many members it has, 1 to 64.
    function sizeOf(uint256 board) internal pure returns (uint256 size) {
        size = (board + 2 * WORD).word();
        if (size == 0 || size > MAX_MEMBERS) revert IEntityProvider.BoardSizeInvalid(size);
    }

    /// @return end Where the path ends.
    function _fold(Run memory run, bytes32 leaf, uint256 path) private pure returns (uint256 end) {
        uint256 depth = path.word();
        if (depth > RootSignature.MAX_DEPTH) revert IEntityProvider.PathTooDeep(depth);
        unchecked {
            end = path + WORD + depth * WORD;
            run.root = RootSignature.fold(leaf, path + WORD, end);
        }
        run.signed = RootSignature.signingHash(run.root);
    }

    /// @param list Where its list of signatures lies, which ends at `end`.
    function _checkBoard(
        Tenures.State storage tenures,
        Run memory run,
        bytes32 entity,
        uint256 board,
        uint256 list,
        uint256 end
    ) private view {
        _requireStanding(tenures, run, entity, hash(board));
        Frame memory frame = _open(run, board, list, end);
        uint256 first = frame.cursor;
        while (frame.offset < first) _checkNext(tenures, run, frame);
        if (frame.cursor != frame.end) revert IEntityProvider.SignatureNotCanonical();
        uint256 threshold = frame.board.word();
        if (frame.weight < threshold) {
            revert IEntityProvider.ThresholdNotReached(frame.weight, threshold);
        }
    }

    function _requireStanding(
        Tenures.State storage tenures,
        Run memory run,
        bytes32 entity,
        bytes32 boardHash
    ) private view {
        bool stands = entity == boardHash;
        if (Identity.isNumbered(entity)) {
            bool retired;
            uint64 number = uint64(uint256(entity));
            (stands, retired) = tenures.standing(number, boardHash, run.time, run.grace);
            if (retired) run.retired = true;
        }
        if (!stands) revert IEntityProvider.BoardNotOfEntity(entity, boardHash);
    }

    function _open(
        Run memory run,
        uint256 board,
        uint256 list,
        uint256 end
    ) private pure returns (Frame memory frame) {
        uint256 count = list.word();
        if (count > MAX_SIGNATURES - run.signatures) {
            revert IEntityProvider.SignaturesTooMany(count);
        }
        unchecked {
            run.signatures += count;
            frame.board = board;
            frame.size = sizeOf(board);
            frame.offsets = list + WORD;
            frame.offset = list + WORD;
            frame.cursor = frame.offset + count * WORD;
            frame.end = end;
        }
    }

    function _checkNext(
        Tenures.State storage tenures,
        Run memory run,
        Frame memory frame
    ) private view {
        (bytes32 member, uint256 start, uint256 length) = _read(frame);
        if (Identity.isAddress(member)) {
            _checkKey(run, member, start.slice(length));
            return;
        }
        unchecked {
            // abi.encode(Board, MemberSignature[]): the path is the outermost board's.
            uint256 board = start + 2 * WORD;
            uint256 list = board + BOARD_HEAD + sizeOf(board) * MEMBER_SIZE;
            _requireWord(start, 2 * WORD);
            _requireWord(start + WORD, list - start);
            _checkBoard(tenures, run, member, board, list, start + length);
        }
    }

    /// @notice Reads the next signature, moves on behind it, and adds its member's weight.
    /// @return member Who is said to have signed.
    /// @return start Where the bytes of the signature lie, all of them before the frame's end.
    /// @return length How many.
    function _read(
        Frame memory frame
    ) private pure returns (bytes32 member, uint256 start, uint256 length) {
        unchecked {
            uint256 cursor = frame.cursor;
            _requireWord(frame.offset, cursor - frame.offsets);
            frame.offset += WORD;
            uint256 index = cursor.word();
            if (index < frame.next || index >= frame.size) {
                revert IEntityProvider.SignatureMisplaced(index);
            }
            frame.next = index + 1;
            uint256 place = frame.board + BOARD_HEAD + index * MEMBER_SIZE;
            member = bytes32(place.word());
            frame.weight += (place + WORD).word();

            _requireWord(cursor + WORD, 2 * WORD);
            length = (cursor + 2 * WORD).word();
            start = cursor + SIGNATURE_HEAD;
            uint256 end = start + Calldata.padded(length);
            bool outside = length > MAX_LENGTH || end > frame.end;
            uint256 rest = length % WORD;
            if (outside || (rest != 0 && (end - WORD).word() << (8 * rest) != 0)) {
                revert IEntityProvider.SignatureNotCanonical();
            }
            frame.cursor = end;
        }
    }

    /// @dev What recovers to the address is valid whatever code it has (EIP-7702).
    function _checkKey(Run memory run, bytes32 member, bytes calldata signature) private view {
        address signer = Identity.toAddress(member);
        if (RootSignature.recoverRoot(run.signed, signature) == signer) return;
        if (run.contracts && ContractSignature.isValid(signer, run.signed, signature)) {
            ++run.asked;
            return;
        }
        revert IEntityProvider.MemberSignatureInvalid(member, run.root);
    }

    function _requireWord(uint256 position, uint256 value) private pure {
        if (position.word() != value) revert IEntityProvider.SignatureNotCanonical();
    }
}
