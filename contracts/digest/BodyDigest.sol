// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Packed} from "../library/Packed.sol";

/// @title The hash of a proof's body: rows of tokens, and conditions in pages of 16 slots.
library BodyDigest {
    using Packed for uint256;

    uint256 internal constant PAGE = 16;

    /// @param leftLimit What left may owe.
    /// @param rightLimit What right may owe.
    struct Row {
        uint32 token;
        int128 offdelta;
        uint128 leftLimit;
        uint128 rightLimit;
    }

    /// @param kind 1 hash lock, 2 plan lock, 3 limit order, 4 transformer.
    /// @param subject The hash, the plan's hash, or the transformer's address.
    struct Condition {
        uint8 kind;
        uint64 deadline;
        bytes32 subject;
        Amount[] amounts;
        bytes data;
    }

    /// @param amount The change of `delta` if the condition applies.
    struct Amount {
        uint32 token;
        int128 amount;
    }

    /// @notice Thrown when rows or amounts are not strictly ascending by token.
    error TokensUnsorted(uint32 previous, uint32 token);
    /// @notice Thrown when a condition moves more tokens than a byte counts.
    error AmountsTooMany(uint256 count);

    function bodyHash(Row[] memory rows, bytes32 root) internal pure returns (bytes32) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        for (uint256 i = 0; i < rows.length; ++i) {
            Row memory row = rows[i];
            if (i != 0) _requireAscending(rows[i - 1].token, row.token);
            cursor = cursor.put32(row.token).putSigned128(row.offdelta);
            cursor = cursor.put128(row.leftLimit).put128(row.rightLimit);
        }
        return from.hash(cursor.putWord(root));
    }

    function conditionHash(Condition memory condition) internal pure returns (bytes32) {
        uint256 count = condition.amounts.length;
        if (count > type(uint8).max) revert AmountsTooMany(count);
        uint256 from = Packed.start();
        uint256 cursor = from.put8(condition.kind).put64(condition.deadline);
        cursor = cursor.putWord(condition.subject).put8(uint8(count));
        for (uint256 i = 0; i < count; ++i) {
            Amount memory amount = condition.amounts[i];
            if (i != 0) _requireAscending(condition.amounts[i - 1].token, amount.token);
            cursor = cursor.put32(amount.token).putSigned128(amount.amount);
        }
        return from.hash(cursor.putBytes(condition.data));
    }

    /// @param slots The hash of the condition in each slot, zero for an empty one.
    /// @return Zero if no slot is taken.
    function conditionsRoot(bytes32[] memory slots) internal pure returns (bytes32) {
        uint256 pages = (slots.length + PAGE - 1) / PAGE;
        bytes32[] memory hashes = new bytes32[](pages);
        uint256 used = 0;
        for (uint256 p = 0; p < pages; ++p) {
            hashes[p] = _pageHash(slots, p * PAGE);
            if (hashes[p] != 0) used = p + 1;
        }
        if (used == 0) return 0;
        uint256 from = Packed.start();
        uint256 cursor = from;
        for (uint256 p = 0; p < used; ++p) cursor = cursor.putWord(hashes[p]);
        return from.hash(cursor);
    }

    function _pageHash(bytes32[] memory slots, uint256 first) private pure returns (bytes32) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        bool taken = false;
        for (uint256 i = first; i < first + PAGE; ++i) {
            bytes32 slot = i < slots.length ? slots[i] : bytes32(0);
            taken = taken || slot != 0;
            cursor = cursor.putWord(slot);
        }
        return taken ? from.hash(cursor) : bytes32(0);
    }

    function _requireAscending(uint32 previous, uint32 token) private pure {
        if (token <= previous) revert TokensUnsorted(previous, token);
    }
}
