// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Calldata} from "./Calldata.sol";

/// @title The conditions of a body where they lie in calldata: hashed as signed, and checked.
/// @dev For each slot `length:u16 ‖ condition`, length zero for an empty slot. A condition is
/// `kind:u8 ‖ deadline:u64 ‖ subject:bytes32 ‖ count:u8 ‖ count × (token:u32 ‖ amount:i128) ‖
/// data`.
library Condition {
    using Calldata for uint256;

    uint256 internal constant HASH_LOCK = 1;
    uint256 internal constant PLAN_LOCK = 2;
    uint256 internal constant LIMIT_ORDER = 3;
    uint256 internal constant TRANSFORMER = 4;

    uint256 internal constant MAX_SLOTS = 1024;
    /// @dev Of all slots of a body, lengths included: what 1,024 locks of one token take.
    uint256 internal constant MAX_BYTES = 68_000;
    /// @dev What the transformers of one body may be given, in gas.
    uint256 internal constant MAX_GAS = 5_000_000;

    uint256 internal constant DEADLINE = 1;
    uint256 internal constant SUBJECT = 9;
    uint256 internal constant COUNT = 41;
    uint256 internal constant AMOUNTS = 42;
    uint256 internal constant AMOUNT_SIZE = 20;
    /// @dev Of a lock on one token.
    uint256 internal constant LOCK_SIZE = AMOUNTS + AMOUNT_SIZE;

    uint256 private constant ROW_SIZE = 4 * 32;

    /// @return result The hash over the pages' hashes; zero if no slot is taken.
    function root(uint256 cursor, uint256 end) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            // One page of 16 hashes, then the pages' hashes, 32 bytes each, then a condition.
            let page := mload(0x40)
            let pages := add(page, 0x200)
            let scratch := add(pages, shl(1, MAX_SLOTS))
            let place := pages
            let used := 0
            for {} and(lt(cursor, end), lt(place, scratch)) {
                place := add(place, 0x20)
            } {
                let taken := 0
                let slot := page
                for {} and(lt(slot, pages), lt(cursor, end)) {
                    slot := add(slot, 0x20)
                } {
                    let length := shr(240, calldataload(cursor))
                    cursor := add(cursor, 2)
                    mstore(slot, 0)
                    if length {
                        calldatacopy(scratch, cursor, length)
                        mstore(slot, keccak256(scratch, length))
                        taken := 1
                        cursor := add(cursor, length)
                    }
                }
                // What is left of the last page is empty.
                calldatacopy(slot, calldatasize(), sub(pages, slot))
                mstore(place, 0)
                if taken {
                    mstore(place, keccak256(page, 0x200))
                    used := sub(add(place, 0x20), pages)
                }
            }
            if used {
                result := keccak256(pages, used)
            }
        }
        // Slots that are left behind the last page, or a condition that reaches past the end.
        if (cursor != end) revert IDepositoryErrors.BodyInvalid(cursor);
    }

    /// @notice Refuses what no proof may sign, more slots than there may be and a condition that
    /// reaches past the end apart, which `root` refuses. One body has one encoding, so no empty
    /// slots at the end.
    /// @param rows Where the body's rows lie, strictly ascending by token.
    function requireValid(
        uint256 cursor,
        uint256 end,
        uint256 rows,
        uint256 rowsEnd
    ) internal pure {
        if (cursor == end) return;
        uint256 given = 0;
        uint256 length = 0;
        unchecked {
            if (end - cursor > MAX_BYTES) revert IDepositoryErrors.BodyInvalid(cursor);
            while (cursor < end) {
                length = cursor.word() >> 240;
                cursor += 2;
                if (length != 0) given += _requireValid(cursor, length, rows, rowsEnd);
                cursor += length;
            }
        }
        if (length == 0 || given > MAX_GAS) revert IDepositoryErrors.BodyInvalid(cursor);
    }

    /// @return given What a transformer is given, in gas.
    function _requireValid(
        uint256 start,
        uint256 length,
        uint256 row,
        uint256 rowsEnd
    ) private pure returns (uint256 given) {
        unchecked {
            uint256 kind = start.word() >> 248;
            uint256 count = (start + COUNT).word() >> 248;
            uint256 data = start + AMOUNTS + count * AMOUNT_SIZE;
            uint256 size = start + length - data;
            // A length that is too short wraps, and so is too large for anything.
            if (count == 0 || size > type(uint16).max) revert IDepositoryErrors.BodyInvalid(start);
            // Each token is a row's, and the next one's row is a later one.
            for (uint256 amount = start + AMOUNTS; amount < data; amount += AMOUNT_SIZE) {
                uint256 token = amount.word() >> 224;
                while (row < rowsEnd && row.word() != token) row += ROW_SIZE;
                if (row == rowsEnd || _isLowest((amount + 4).signed())) {
                    revert IDepositoryErrors.BodyInvalid(amount);
                }
                row += ROW_SIZE;
            }
            bool fits;
            if (kind == HASH_LOCK || kind == PLAN_LOCK) fits = size == 0;
            if (kind == LIMIT_ORDER) fits = size == 1 && data.word() >> 248 < 2;
            if (kind == TRANSFORMER) {
                given = data.word() >> 224;
                fits = _isTransformer(start, data, size, count);
            }
            if (!fits) revert IDepositoryErrors.BodyInvalid(start);
        }
    }

    /// @dev Its data: `gas:u32 ‖ count × lower:i128 ‖ payload`; amounts are the upper bounds.
    function _isTransformer(
        uint256 start,
        uint256 data,
        uint256 size,
        uint256 count
    ) private pure returns (bool) {
        unchecked {
            if (size < 4 + 16 * count || (start + SUBJECT).word() >> 160 != 0) return false;
            for (uint256 i = 0; i < count; ++i) {
                int256 lower = (data + 4 + 16 * i).signed() >> 128;
                int256 upper = (start + AMOUNTS + AMOUNT_SIZE * i + 4).signed() >> 128;
                if (lower > upper || _isLowest(lower << 128)) return false;
            }
        }
        return true;
    }

    /// @param word An i128 in its high bits.
    /// @return Whether it is −2^127, which is no amount.
    function _isLowest(int256 word) private pure returns (bool) {
        return word >> 128 == type(int128).min;
    }
}
