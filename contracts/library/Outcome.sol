// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {Calldata} from "./Calldata.sol";
import {Condition} from "./Condition.sol";
import {Evidence} from "./Evidence.sol";
import {Transformer} from "./Transformer.sol";

/// @title What the conditions of an accepted body make of its deltas (CND-1, CND-2).
library Outcome {
    using Calldata for uint256;

    /// @dev A table of rows in memory, in the order of the body's, and whose deltas they are.
    /// @param table Where it begins: five words a row.
    /// @param cap When every condition counts as past its deadline.
    struct State {
        uint256 table;
        uint256 tableEnd;
        bytes32 accountKey;
        uint256 epoch;
        uint256 cap;
    }

    /// @dev Of one row: its token, the delta, the least and the most that it may be, and the money
    /// that is stored.
    uint256 internal constant ROW_SIZE = 5 * 32;
    uint256 internal constant DELTA = 0x20;
    uint256 internal constant LEAST = 0x40;
    uint256 internal constant MOST = 0x60;
    uint256 internal constant MONEY = 0x80;

    /// @notice Applies conditions to the deltas, slot by slot. What was recorded on chain up to a
    /// condition's deadline decides, whoever asks and whenever.
    /// @param cursor Where the conditions of an accepted body lie.
    /// @return given What transformers were given, in gas.
    function resolve(
        State memory self,
        Evidence.State storage evidence,
        uint256 cursor,
        uint256 end
    ) internal view returns (uint256 given) {
        uint256 cap = self.cap;
        unchecked {
            for (uint256 slot = 0; cursor < end; ++slot) {
                // The length, the kind and the deadline.
                uint256 head = cursor.word();
                cursor += 2;
                uint256 length = head >> 240;
                if (length == 0) continue;
                uint256 kind = uint8(head >> 232);
                uint256 due = uint64(head >> 168);
                if (cap < due) due = cap;
                if (kind <= Condition.PLAN_LOCK) {
                    bytes32 subject = bytes32((cursor + Condition.SUBJECT).word());
                    uint256 time =
                        kind == Condition.HASH_LOCK
                            ? evidence.revealedAt[subject]
                            : evidence.committedAt[subject];
                    if (time == 0) _requirePast(slot, due);
                    else if (time <= due) _moveAmounts(self.table, cursor);
                } else if (kind == Condition.LIMIT_ORDER) {
                    _fill(self, evidence, cursor, slot, due);
                } else {
                    _requirePast(slot, due);
                    given += _transform(self, cursor, length);
                }
                cursor += length;
            }
        }
    }

    /// @dev What the taker recorded, of each amount; rounded against the taker.
    function _fill(
        State memory self,
        Evidence.State storage evidence,
        uint256 start,
        uint256 slot,
        uint256 due
    ) private view {
        unchecked {
            uint256 count = (start + Condition.COUNT).word() >> 248;
            uint256 amount = start + Condition.AMOUNTS;
            uint256 taker = (amount + count * Condition.AMOUNT_SIZE).word() >> 248;
            bytes32 key = Evidence.orderKey(
                self.accountKey,
                self.epoch,
                bytes32((start + Condition.SUBJECT).word()),
                (start + Condition.DEADLINE).word() >> 192,
                taker
            );
            uint256 ratio = evidence.ratios[key];
            if (ratio != Evidence.WHOLE) _requirePast(slot, due);
            if (ratio == 0) return;
            uint256 changes = _amounts(start);
            assembly ("memory-safe") {
                for {
                    let place := changes
                    let last := add(changes, shl(5, count))
                } lt(place, last) {
                    place := add(place, 0x20)
                } {
                    let change := mul(mload(place), ratio)
                    // Left gains the floor if it takes, and the ceiling if right does.
                    switch taker
                    case 0 {
                        change := sar(32, change)
                    }
                    default {
                        change := sub(0, sar(32, sub(0, change)))
                    }
                    mstore(place, change)
                }
            }
            _move(self, start, changes);
        }
    }

    /// @return given What the transformer was given, in gas.
    function _transform(
        State memory self,
        uint256 start,
        uint256 length
    ) private view returns (uint256 given) {
        unchecked {
            uint256 count = (start + Condition.COUNT).word() >> 248;
            uint256 data = start + Condition.AMOUNTS + count * Condition.AMOUNT_SIZE;
            uint256 payload = data + 4 + 16 * count;
            given = data.word() >> 224;
            uint256 changes = _free();
            bool answered = Transformer.ask(
                address(uint160((start + Condition.SUBJECT).word())),
                given,
                payload,
                start + length - payload,
                changes,
                count
            );
            if (!answered) return given;
            for (uint256 i = 0; i < count; ++i) {
                int256 change;
                assembly ("memory-safe") {
                    change := mload(add(changes, shl(5, i)))
                }
                uint256 upper = start + Condition.AMOUNTS + Condition.AMOUNT_SIZE * i + 4;
                if (change > upper.signed() >> 128) return given;
                if (change < (data + 4 + 16 * i).signed() >> 128) return given;
            }
            _move(self, start, changes);
        }
    }

    /// @return changes Where in memory the amounts of a condition lie, a word each, past the free
    /// pointer.
    function _amounts(uint256 start) private pure returns (uint256 changes) {
        changes = _free();
        assembly ("memory-safe") {
            let count := shr(248, calldataload(add(start, 41)))
            let amount := add(start, 46)
            let last := add(changes, shl(5, count))
            for {
                let place := changes
            } lt(place, last) {
                place := add(place, 0x20)
            } {
                mstore(place, sar(128, calldataload(amount)))
                amount := add(amount, 20)
            }
        }
    }

    /// @notice The same with the amounts that the condition itself says.
    /// @param row Where the table begins.
    function _moveAmounts(uint256 row, uint256 start) private pure {
        assembly ("memory-safe") {
            function add_(row_, amount, last, sign) -> fits {
                fits := 1
                for {} lt(amount, last) {
                    amount := add(amount, 20)
                } {
                    let word := calldataload(amount)
                    let token := shr(224, word)
                    for {} xor(mload(row_), token) {} {
                        row_ := add(row_, 0xa0)
                    }
                    let delta := mload(add(row_, 0x20))
                    delta := add(delta, mul(sign, sar(128, shl(32, word))))
                    mstore(add(row_, 0x20), delta)
                    if slt(delta, mload(add(row_, 0x40))) {
                        fits := 0
                    }
                    if sgt(delta, mload(add(row_, 0x60))) {
                        fits := 0
                    }
                }
            }
            let first := add(start, 42)
            let last := add(first, mul(20, shr(248, calldataload(add(start, 41)))))
            if iszero(add_(row, first, last, 1)) {
                pop(add_(row, first, last, not(0)))
            }
        }
    }

    /// @notice Adds the changes to the deltas of a condition's tokens, or none of them if one delta
    /// would leave its bounds.
    /// @dev Every token is in the table, behind the one before it: the body was accepted.
    function _move(State memory self, uint256 start, uint256 changes) private pure {
        assembly ("memory-safe") {
            function add_(row, amount, change, last, sign) -> fits {
                fits := 1
                for {} lt(change, last) {
                    change := add(change, 0x20)
                } {
                    let token := shr(224, calldataload(amount))
                    for {} iszero(eq(mload(row), token)) {} {
                        row := add(row, 0xa0)
                    }
                    let delta := add(mload(add(row, 0x20)), mul(sign, mload(change)))
                    mstore(add(row, 0x20), delta)
                    if slt(delta, mload(add(row, 0x40))) {
                        fits := 0
                    }
                    if sgt(delta, mload(add(row, 0x60))) {
                        fits := 0
                    }
                    amount := add(amount, 20)
                }
            }
            let table := mload(self)
            let last := add(changes, shl(5, shr(248, calldataload(add(start, 41)))))
            if iszero(add_(table, add(start, 42), changes, last, 1)) {
                pop(add_(table, add(start, 42), changes, last, sub(0, 1)))
            }
        }
    }

    function _requirePast(uint256 slot, uint256 due) private view {
        if (block.timestamp <= due) revert IDepositoryErrors.ConditionUndecided(slot, due);
    }

    function _free() private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }
}
