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
        unchecked {
            for (uint256 slot = 0; ; ++slot) {
                (cursor, slot) = _passLocks(self, evidence, cursor, end, slot);
                if (cursor == end) return given;
                uint256 length = cursor.word() >> 240;
                cursor += 2;
                if (length == 0) continue;
                uint256 due = (cursor + Condition.DEADLINE).word() >> 192;
                uint256 cap = self.cap;
                if (cap < due) due = cap;
                uint256 kind = cursor.word() >> 248;
                if (kind <= Condition.PLAN_LOCK) {
                    bytes32 subject = bytes32((cursor + Condition.SUBJECT).word());
                    uint256 time =
                        kind == Condition.HASH_LOCK
                            ? evidence.revealedAt[subject]
                            : evidence.committedAt[subject];
                    if (time == 0) _requirePast(slot, due);
                    else if (time <= due) _move(self, cursor, _amounts(cursor));
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

    /// @notice Applies locks on one token, which are what most bodies have, up to the first slot
    /// that is anything else, or is a lock that is not decided yet.
    /// @return The position of that slot, or the end.
    /// @return Its index.
    function _passLocks(
        State memory self,
        Evidence.State storage evidence,
        uint256 cursor,
        uint256 end,
        uint256 slot
    ) private view returns (uint256, uint256) {
        uint256 cap = self.cap;
        uint256 table = self.table;
        (uint256 first, uint256 size) = (Condition.LOCK_SIZE << 8, Condition.LOCK_SIZE + 2);
        assembly ("memory-safe") {
            // A hash lock, 1, looks into the first field of the evidence, a plan lock, 2, into the
            // second.
            let place := sub(evidence.slot, 1)
            for {} lt(cursor, end) {
                cursor := add(cursor, size)
                slot := add(slot, 1)
            } {
                // length:u16 ‖ kind:u8 ‖ deadline:u64 ‖ subject ‖ count:u8 ‖ token:u32 ‖ amount.
                let word := calldataload(cursor)
                let kind := sub(shr(232, word), first)
                if gt(sub(kind, 1), 1) {
                    break
                }
                mstore(0, calldataload(add(cursor, 11)))
                mstore(0x20, add(place, kind))
                let due := and(shr(168, word), 0xffffffffffffffff)
                // Nothing but times is written there. Less one, so that no time is a late one.
                let time := sub(sload(keccak256(0, 0x40)), 1)
                if iszero(and(lt(time, due), lt(time, cap))) {
                    let past := or(gt(timestamp(), due), gt(timestamp(), cap))
                    if or(add(time, 1), past) {
                        continue
                    }
                    break
                }
                word := calldataload(add(cursor, 44))
                let row := table
                for {
                    let token := shr(224, word)
                } xor(mload(row), token) {} {
                    row := add(row, 0xa0)
                }
                let delta := add(mload(add(row, 0x20)), sar(128, shl(32, word)))
                if or(slt(delta, mload(add(row, 0x40))), sgt(delta, mload(add(row, 0x60)))) {
                    continue
                }
                mstore(add(row, 0x20), delta)
            }
        }
        return (cursor, slot);
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

    /// @notice Adds the changes to the deltas of a condition's tokens, or none of them if one delta
    /// would leave its bounds.
    /// @dev Every token is in the table, behind the one before it: the body was accepted. What is
    /// looked for once is kept behind the changes, which become the new deltas.
    function _move(State memory self, uint256 start, uint256 changes) private pure {
        assembly ("memory-safe") {
            let size := shl(5, shr(248, calldataload(add(start, 41))))
            let last := add(changes, size)
            let row := mload(self)
            let amount := add(start, 42)
            let fits := 1
            for {
                let change := changes
            } lt(change, last) {
                change := add(change, 0x20)
            } {
                let token := shr(224, calldataload(amount))
                for {} iszero(eq(mload(row), token)) {} {
                    row := add(row, 0xa0)
                }
                let delta := add(mload(add(row, 0x20)), mload(change))
                if slt(delta, mload(add(row, 0x40))) {
                    fits := 0
                }
                if sgt(delta, mload(add(row, 0x60))) {
                    fits := 0
                }
                mstore(change, delta)
                mstore(add(change, size), row)
                amount := add(amount, 20)
            }
            if fits {
                for {
                    let change := changes
                } lt(change, last) {
                    change := add(change, 0x20)
                } {
                    mstore(add(mload(add(change, size)), 0x20), mload(change))
                }
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
