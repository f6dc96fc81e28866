// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {BodyRow} from "../type/Enforcement.sol";
import {Budget} from "./Budget.sol";
import {Calldata} from "./Calldata.sol";
import {Condition} from "./Condition.sol";
import {Refusal} from "./Refusal.sol";
import {Tokens} from "./Tokens.sol";

/// @title A proof's body where it lies in calldata: hashed as signed (see BodyDigest), and checked
/// so that nothing in it can fail when a dispute is finalised (DIS-2, DIS-4).
library Body {
    using Calldata for uint256;
    using Tokens for Tokens.State;

    /// @dev Positions in calldata.
    struct Place {
        uint256 rows;
        uint256 rowsEnd;
        uint256 conditions;
        uint256 conditionsEnd;
    }

    uint256 internal constant MAX_ROWS = 32;
    /// @dev Of one BodyRow in calldata.
    uint256 internal constant ROW_SIZE = 4 * 32;

    /// @notice The body of a call about one head alone, which states how long both lists are.
    /// @return self Where they lie.
    /// @return weight What the body may cost at worst, in gas.
    function only(
        BodyRow[] calldata rows,
        bytes calldata conditions,
        uint256 rowCount,
        uint256 conditionBytes
    ) internal pure returns (Place memory self, uint256 weight) {
        Refusal.requireUsedUp(rowCount, rows.length);
        Refusal.requireUsedUp(conditionBytes, conditions.length);
        uint256 start;
        assembly ("memory-safe") {
            start := rows.offset
        }
        uint256 conditionsStart = Calldata.startOf(conditions);
        unchecked {
            // Decoded lists lie in calldata, so no length is near 2^64.
            (self.rows, self.rowsEnd) = (start, start + rowCount * ROW_SIZE);
            self.conditions = conditionsStart;
            self.conditionsEnd = conditionsStart + conditionBytes;
            weight = rowCount * Budget.CLOSED_TOKEN + conditionBytes * Budget.CONDITION_BYTE;
        }
    }

    /// @notice Hashes the body. Words that are out of their range are refused: of each only the
    /// low bits are hashed, and all of it is read.
    function hash(Place memory self) internal pure returns (bytes32 result) {
        bytes32 root = Condition.root(self.conditions, self.conditionsEnd);
        (uint256 row, uint256 end) = (self.rows, self.rowsEnd);
        uint256 from;
        uint256 cursor;
        uint256 wrong = 0;
        assembly ("memory-safe") {
            from := mload(0x40)
            cursor := from
            for {} lt(row, end) {
                row := add(row, ROW_SIZE)
            } {
                let token := calldataload(row)
                let offdelta := calldataload(add(row, 0x20))
                let leftLimit := calldataload(add(row, 0x40))
                let rightLimit := calldataload(add(row, 0x60))
                let large := or(shr(32, token), shr(127, or(leftLimit, rightLimit)))
                // From above −2^127 to below 2^127.
                large := or(large, shr(128, add(offdelta, sub(shl(127, 1), 1))))
                large := or(large, eq(offdelta, shl(127, 1)))
                if large {
                    wrong := row
                }
                mstore(cursor, shl(224, token))
                mstore(add(cursor, 4), shl(128, offdelta))
                mstore(add(cursor, 20), shl(128, leftLimit))
                mstore(add(cursor, 36), shl(128, rightLimit))
                cursor := add(cursor, 52)
            }
            mstore(cursor, root)
            result := keccak256(from, sub(add(cursor, 0x20), from))
        }
        if (wrong != 0) revert IDepositoryErrors.BodyInvalid(wrong);
    }

    /// @notice Refuses what a proof may not sign, ranges apart, which `hash` refuses: finalising
    /// with a body that was accepted here and hashed cannot fail.
    function requireValid(Place memory self, Tokens.State storage tokens) internal view {
        (uint256 row, uint256 end) = (self.rows, self.rowsEnd);
        unchecked {
            if (end - row > MAX_ROWS * ROW_SIZE) revert IDepositoryErrors.BodyInvalid(row);
            uint256 previous = 0;
            for (; row < end; row += ROW_SIZE) {
                uint256 token = row.word();
                if (token <= previous) revert IDepositoryErrors.BodyInvalid(row);
                previous = token;
            }
            if (previous != 0) tokens.requireKnown(previous);
        }
        Condition.requireValid(self.conditions, self.conditionsEnd, self.rows, end);
    }

    /// @return Whether the body says nothing but which tokens there are.
    function isBare(Place memory self) internal pure returns (bool) {
        if (self.conditions != self.conditionsEnd) return false;
        uint256 sum = 0;
        unchecked {
            for (uint256 row = self.rows; row < self.rowsEnd; row += ROW_SIZE) {
                sum |= (row + 0x20).word() | (row + 0x40).word() | (row + 0x60).word();
            }
        }
        return sum == 0;
    }
}
