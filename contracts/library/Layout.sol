// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Operations, Settlements} from "../type/Operation.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";

/// @title Walks a call's lists once, before anything reads them: where they lie, and what they
/// may cost.
/// @dev Operations are hashed as they lie in calldata, so every offset must be the one that
/// `abi.encode` writes: nothing that is read lies outside of what is signed, or twice. Lengths
/// are limited before they are looped over, so no position can overflow.
library Layout {
    uint256 private constant WORD = 32;

    /// @param limit Where the last of what is signed ends: nothing that is read lies beyond it.
    /// @return hash keccak256(abi.encode(operations)).
    /// @return weight What the operations may cost at worst, in gas, enforcements apart: those the
    /// module walks, from here to the limit (see EnforcementLayout).
    function ofOperations(
        Operations calldata operations,
        uint256 limit
    ) internal pure returns (bytes32 hash, uint256 weight) {
        uint256 base;
        assembly ("memory-safe") {
            base := operations
        }
        uint256 end = base + 6 * WORD;
        uint256 cost;
        (end, weight) = _groups(base, 0, end, 2 * WORD, Budget.MAX_TRANSFERS, Budget.TRANSFER);
        (end, cost) = _releaseGroups(base, end);
        weight += cost;
        (end, cost) = _settlementLists(base, end);
        weight += cost;
        (end, cost) = _groups(base, 3, end, 3 * WORD, Budget.MAX_FUNDINGS, Budget.FUNDING);
        weight += cost;
        (end, cost) = _groups(base, 4, end, 2 * WORD, Budget.MAX_WITHDRAWALS, Budget.WITHDRAWAL);
        weight += cost;
        uint256 count = _array(base, base + 5 * WORD, end, Budget.MAX_ENFORCEMENTS);
        end += WORD;
        if (end > limit || (count == 0 && end != limit)) {
            revert IDepositoryErrors.LayoutNotCanonical(end, limit, end);
        }
        hash = _hash(base, limit);
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
        _requireInside(end);
    }

    /// @dev Groups of `{uint32 token, Item[] items}`.
    function _groups(
        uint256 base,
        uint256 field,
        uint256 start,
        uint256 itemSize,
        uint256 maxItems,
        uint256 itemWeight
    ) private pure returns (uint256 end, uint256 weight) {
        unchecked {
            uint256 count = _array(base, base + field * WORD, start, Budget.MAX_GROUPS);
            uint256 heads = start + WORD;
            end = heads + count * WORD;
            uint256 items = 0;
            for (uint256 i = 0; i < count; ++i) {
                _requireOffset(heads, heads + i * WORD, end);
                uint256 length = _array(end, end + WORD, end + 2 * WORD, maxItems);
                items += length;
                end += 3 * WORD + length * itemSize;
            }
            if (items > maxItems) revert IDepositoryErrors.ListTooLong(items, maxItems);
            weight = count * Budget.GROUP + items * itemWeight;
        }
    }

    /// @dev Groups of `{uint32 token, CollateralRelease[] releases, bytes signatures}`.
    function _releaseGroups(
        uint256 base,
        uint256 start
    ) private pure returns (uint256 end, uint256 weight) {
        unchecked {
            uint256 count = _array(base, base + WORD, start, Budget.MAX_GROUPS);
            uint256 heads = start + WORD;
            end = heads + count * WORD;
            for (uint256 i = 0; i < count; ++i) {
                _requireOffset(heads, heads + i * WORD, end);
                uint256 from = end + 3 * WORD;
                uint256 length = _array(end, end + WORD, from, Budget.MAX_RELEASES);
                from += WORD + length * 6 * WORD;
                uint256 signed = _array(end, end + 2 * WORD, from, Budget.MAX_SIGNATURES_LENGTH);
                end = from + WORD + Calldata.padded(signed);
                weight += Budget.GROUP + length * Budget.RELEASE + signed * Budget.SIGNATURE_BYTE;
            }
        }
    }

    function _settlementLists(
        uint256 base,
        uint256 start
    ) private pure returns (uint256 end, uint256 weight) {
        unchecked {
            uint256 count = _array(base, base + 2 * WORD, start, Budget.MAX_SETTLEMENT_LISTS);
            uint256 heads = start + WORD;
            end = heads + count * WORD;
            for (uint256 i = 0; i < count; ++i) {
                _requireOffset(heads, heads + i * WORD, end);
                uint256 cost;
                (end, cost) = _settlements(end);
                weight += cost;
            }
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
        unchecked {
            _requireOffset(base, position, start);
            length = Calldata.word(start);
            if (length > maximum) revert IDepositoryErrors.ListTooLong(length, maximum);
        }
    }

    function _requireOffset(uint256 base, uint256 position, uint256 start) private pure {
        unchecked {
            uint256 given = Calldata.word(position);
            if (given != start - base) {
                revert IDepositoryErrors.LayoutNotCanonical(position, start - base, given);
            }
        }
    }

    function _requireInside(uint256 end) private pure {
        if (end > msg.data.length) {
            revert IDepositoryErrors.LayoutNotCanonical(end, msg.data.length, end);
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
