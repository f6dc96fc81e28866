// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Body} from "./Body.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";
import {Pool} from "./Pool.sol";

/// @title Walks an enforcement once, before anything reads it: where its lists lie, and what they
/// may cost (see Layout).
library EnforcementLayout {
    using Calldata for uint256;
    using Pool for Pool.State;

    uint256 private constant FIELDS = 10 * 32;

    /// @dev What is to know of each list, the first one in the lowest bits: what an item may cost,
    /// in 15 bits, and its size in bytes, in 10. One word, so that a loop may read it by shifts.
    uint256 private constant UNIT = 20;
    uint256 private constant TABLE =
        (((Budget.START / UNIT) << 10) | Pool.START_SIZE) |
            ((((Budget.COUNTER / UNIT) << 10) | Pool.COUNTER_SIZE) << 25) |
            ((((Budget.PREIMAGE / UNIT) << 10) | Pool.PREIMAGE_SIZE) << 50) |
            ((((Budget.FILL / UNIT) << 10) | Pool.FILL_SIZE) << 75) |
            ((((Budget.FINALISATION / UNIT) << 10) | Pool.FINALISATION_SIZE) << 100) |
            ((((Budget.FORGIVENESS / UNIT) << 10) | Pool.FORGIVENESS_SIZE) << 125) |
            ((((Budget.CLOSED_TOKEN / UNIT) << 10) | Body.ROW_SIZE) << 150) |
            ((((Budget.CONDITION_BYTE / UNIT) << 10) | 1) << 175) |
            ((((Budget.CLOSED_TOKEN / UNIT) << 10) | Pool.TOKEN_SIZE) << 200) |
            ((((Budget.SIGNATURE_BYTE / UNIT) << 10) | 1) << 225);

    /// @notice Writes down where the lists lie.
    /// @param base Where the enforcement lies.
    /// @param pool Its first words are where the items of each list lie, and where all ends.
    /// @return weight What the enforcement may cost at worst, in gas, transformers apart.
    function walk(uint256 base, Pool.State memory pool) internal pure returns (uint256 weight) {
        (uint256 table, uint256 maximum) = (TABLE, Budget.MAX_ENFORCEMENT_LENGTH);
        uint256 position = base;
        uint256 end;
        uint256 length;
        assembly ("memory-safe") {
            let place := sub(pool, base)
            let first := add(base, FIELDS)
            end := first
            for {} lt(position, first) {
                position := add(position, 0x20)
            } {
                length := calldataload(end)
                let skew := xor(calldataload(position), sub(end, base))
                if or(skew, gt(length, maximum)) {
                    break
                }
                end := add(end, 0x20)
                mstore(add(place, position), end)
                // Items are of whole words, bytes are padded to them.
                end := add(end, and(add(mul(length, and(table, 0x3ff)), 0x1f), not(0x1f)))
                weight := add(weight, mul(length, and(shr(10, table), 0x7fff)))
                table := shr(25, table)
            }
            mstore(add(place, position), end)
            weight := mul(weight, UNIT)
        }
        if (position != base + FIELDS) {
            requireOffset(base, position, end);
            revert IDepositoryErrors.ListTooLong(length, maximum);
        }
        pool.close();
    }

    /// @param base What the offset counts from.
    /// @param position Where the offset lies.
    /// @param start What it must lead to.
    function requireOffset(uint256 base, uint256 position, uint256 start) internal pure {
        unchecked {
            uint256 given = position.word();
            if (given != start - base) {
                revert IDepositoryErrors.LayoutNotCanonical(position, start - base, given);
            }
        }
    }

    /// @param limit Where the call, or what was signed, ends.
    function requireEnd(uint256 end, uint256 limit) internal pure {
        if (end != limit) revert IDepositoryErrors.LayoutNotCanonical(end, limit, end);
    }
}
