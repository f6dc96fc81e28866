// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Operations, Settlements} from "../type/Operation.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";
import {Refusal} from "./Refusal.sol";

/// @title Walks a call's lists once, before anything reads them: where they lie, and what they
/// may cost.
/// @dev Operations are hashed as they lie in calldata, so every offset must be the one that
/// `abi.encode` writes: nothing that is read lies outside of what is signed, or twice. Lengths
/// are limited before they are looped over, so no position can overflow.
library Layout {
    using Calldata for uint256;

    uint256 private constant WORD = 32;

    // The fields of Operations, by their place.
    uint256 internal constant PAYMENTS = 0;
    uint256 internal constant RELEASES = 1;
    uint256 internal constant SETTLEMENTS = 2;
    uint256 internal constant FUNDINGS = 3;
    uint256 internal constant WITHDRAWALS = 4;
    uint256 internal constant ENFORCEMENTS = 5;

    /// @dev Most batches have one kind of operation or two: a list that is empty is only looked at.
    /// @param limit Where the last of what is signed ends: nothing that is read lies beyond it.
    /// @return hash keccak256(abi.encode(operations)).
    /// @return weight What the operations may cost at worst, in gas, enforcements apart: those the
    /// module walks, from here to the limit (see EnforcementLayout).
    /// @return kinds A bit for each list that is not empty, the lowest for the first.
    function ofOperations(
        Operations calldata operations,
        uint256 limit
    ) internal pure returns (bytes32 hash, uint256 weight, uint256 kinds) {
        uint256 base;
        assembly ("memory-safe") {
            base := operations
        }
        unchecked {
            (uint256 position, uint256 heads) = (base, base + 6 * WORD);
            uint256 end = heads;
            while (true) {
                assembly ("memory-safe") {
                    for {} lt(position, heads) {
                        position := add(position, 0x20)
                        end := add(end, 0x20)
                    } {
                        // Its offset leads to where it must lie, and its length is zero.
                        let leads := eq(calldataload(position), sub(end, base))
                        if iszero(gt(leads, calldataload(end))) {
                            break
                        }
                    }
                }
                if (position == heads) break;
                _requireOffset(base, position, end);
                uint256 count = end.word();
                uint256 field = (position - base) / WORD;
                kinds |= 1 << field;
                position += WORD;
                end += WORD;
                if (field == ENFORCEMENTS) {
                    if (count > Budget.MAX_ENFORCEMENTS) {
                        Refusal.listTooLong(count, Budget.MAX_ENFORCEMENTS);
                    }
                } else {
                    uint256 cost;
                    (end, cost) = _lists(field, end, count);
                    weight += cost;
                }
            }
            // Enforcements, the last of the lists, reach to the limit.
            if (kinds >> ENFORCEMENTS == 0 ? end != limit : end > limit) {
                revert IDepositoryErrors.LayoutNotCanonical(end, limit, end);
            }
        }
        hash = _hash(base, limit);
    }

    /// @param field Of operations whose layout was checked.
    /// @return position Where the first item's offset lies.
    /// @return count How many items there are.
    function listOf(
        Operations calldata operations,
        uint256 field
    ) internal pure returns (uint256 position, uint256 count) {
        assembly ("memory-safe") {
            position := add(operations, calldataload(add(operations, shl(5, field))))
            count := calldataload(position)
            position := add(position, 0x20)
        }
    }

    /// @return weight What the settlements may cost at worst, in gas.
    function ofSettlements(
        Settlements calldata settlements
    ) internal pure returns (uint256 weight) {
        uint256 base;
        uint256 end;
        assembly ("memory-safe") {
            base := settlements
        }
        (end, weight) = _settlements(base);
        if (end > msg.data.length) {
            revert IDepositoryErrors.LayoutNotCanonical(end, msg.data.length, end);
        }
    }

    /// @dev Items of varying length: their offsets, then they themselves.
    function _lists(
        uint256 field,
        uint256 heads,
        uint256 count
    ) private pure returns (uint256 end, uint256 weight) {
        uint256 maximum = Budget.MAX_GROUPS;
        if (field == SETTLEMENTS) maximum = Budget.MAX_SETTLEMENT_LISTS;
        if (count > maximum) Refusal.listTooLong(count, maximum);
        unchecked {
            uint256 head = heads;
            end = heads + count * WORD;
            for (uint256 headsEnd = end; head < headsEnd; head += WORD) {
                _requireOffset(heads, head, end);
                uint256 cost;
                if (field == SETTLEMENTS) (end, cost) = _settlements(end);
                else if (field == RELEASES) (end, cost) = _releases(end);
                else (end, cost) = _group(field, end);
                weight += cost;
            }
        }
    }

    /// @dev One group of `{uint32 token, Item[] items}`.
    function _group(
        uint256 field,
        uint256 base
    ) private pure returns (uint256 end, uint256 weight) {
        uint256 itemWords = 2;
        (uint256 maximum, uint256 itemWeight) = (Budget.MAX_TRANSFERS, Budget.TRANSFER);
        if (field == FUNDINGS) {
            (itemWords, maximum, itemWeight) = (3, Budget.MAX_FUNDINGS, Budget.FUNDING);
        }
        if (field == WITHDRAWALS) {
            (maximum, itemWeight) = (Budget.MAX_WITHDRAWALS, Budget.WITHDRAWAL);
        }
        unchecked {
            end = base + 2 * WORD;
            uint256 length = _array(base, base + WORD, end, maximum);
            end += WORD + length * itemWords * WORD;
            weight = Budget.GROUP + length * itemWeight;
        }
    }

    /// @dev One group of `{uint32 token, CollateralRelease[] releases, bytes signatures}`.
    function _releases(uint256 base) private pure returns (uint256 end, uint256 weight) {
        unchecked {
            end = base + 3 * WORD;
            uint256 length = _array(base, base + WORD, end, Budget.MAX_RELEASES);
            end += WORD + length * 6 * WORD;
            uint256 signed = _array(base, base + 2 * WORD, end, Budget.MAX_SIGNATURES_LENGTH);
            end += WORD + Calldata.padded(signed);
            weight = Budget.GROUP + length * Budget.RELEASE + signed * Budget.SIGNATURE_BYTE;
        }
    }

    /// @dev One `Settlements`: a word, then five lists.
    function _settlements(uint256 base) private pure returns (uint256 end, uint256 weight) {
        unchecked {
            end = base + 6 * WORD;
            uint256 entities = _array(base, base + WORD, end, Budget.MAX_ENTITIES);
            end += WORD + entities * WORD;
            uint256 tokens = _array(base, base + 2 * WORD, end, Budget.MAX_TOKENS);
            end += WORD + tokens * WORD;
            uint256 heads = _array(base, base + 3 * WORD, end, Budget.MAX_SETTLEMENTS);
            end += WORD + heads * WORD;
            uint256 diffs = _array(base, base + 4 * WORD, end, Budget.MAX_DIFFS);
            end += WORD + diffs * WORD;
            uint256 signed = _array(base, base + 5 * WORD, end, Budget.MAX_SIGNATURES_LENGTH);
            end += WORD + Calldata.padded(signed);
            weight = Budget.ofSettlements(entities, tokens, heads, diffs, signed);
        }
    }

    /// @param base What the offset counts from.
    /// @param position Where the offset lies.
    /// @param start Where the array's length must lie.
    /// @return length Of the array, not above the maximum.
    function _array(
        uint256 base,
        uint256 position,
        uint256 start,
        uint256 maximum
    ) private pure returns (uint256 length) {
        _requireOffset(base, position, start);
        length = start.word();
        if (length > maximum) Refusal.listTooLong(length, maximum);
    }

    function _requireOffset(uint256 base, uint256 position, uint256 start) private pure {
        unchecked {
            uint256 given = position.word();
            if (given != start - base) {
                revert IDepositoryErrors.LayoutNotCanonical(position, start - base, given);
            }
        }
    }

    /// @dev abi.encode of one dynamic value begins with its offset, 32.
    function _hash(uint256 base, uint256 end) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            let length := sub(end, base)
            mstore(pointer, 0x20)
            calldatacopy(add(pointer, 0x20), base, length)
            result := keccak256(pointer, add(length, 0x20))
        }
    }
}
