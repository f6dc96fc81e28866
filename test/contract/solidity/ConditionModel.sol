// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BodyRow} from "../../../contracts/type/Enforcement.sol";
import {Batch} from "../../../contracts/type/Operation.sol";
import {BoardFixture} from "./BoardFixture.sol";
import {ConditionDraw} from "./ConditionDraw.sol";
import {DebtModel} from "./DebtModel.sol";
import {Fixture} from "./Fixture.sol";
import {PlanFixture} from "./PlanFixture.sol";
import {TransformerCast} from "./TransformerCast.sol";

/// @title What conditions should make of a closing, and when, kept by its own arithmetic.
/// @dev Accounts are those of the first `MEMBERS` parties. Party 0 is a number whose board goes
/// from party to party; under proofs `signer` signs for it.
abstract contract ConditionModel is DebtModel, TransformerCast, BoardFixture, PlanFixture {
    using ConditionDraw for ConditionDraw.Terms;

    struct Account {
        uint64 epoch;
        uint64 number;
        bool live;
        bool countered;
        bool overtaken;
        uint256 window;
        uint256 overtakingFlags;
        ConditionDraw.Terms head;
        ConditionDraw.Terms over;
        bytes32 headBody;
        bytes32 overBody;
    }

    struct TenureOf {
        uint256 party;
        uint256 since;
    }

    /// @param cap When every condition counts as past its deadline.
    struct Closing {
        Money[2] money;
        uint256 left;
        uint256 right;
        uint64 epoch;
        uint256 cap;
    }

    uint256 internal constant MEMBERS = 3;
    uint256 internal constant LEFT_RETIRED = 8;

    mapping(uint256 left => mapping(uint256 right => Account)) internal accounts;
    mapping(uint256 lock => uint256) internal revealedAt;
    mapping(uint256 plan => uint256) internal plannedAt;
    /// @dev Of the plans that bodies wait for.
    mapping(uint256 plan => bytes32) internal lockHashes;
    mapping(bytes32 order => uint256) internal ratios;
    TenureOf[] internal tenures;
    uint256 internal signer;

    mapping(ConditionDraw.Role => uint256) public asked;
    mapping(ConditionDraw.Role => uint256) public answered;
    /// @dev How many conditions of each kind moved something.
    mapping(uint8 kind => uint256) public applied;
    /// @dev How many would have left the credit limits.
    uint256 public heldBack;
    uint256 public pastCap;

    // Who signs

    function signAs(uint256 party, bytes32 digest) internal view override returns (bytes memory) {
        return party == 0 ? signSole(signer, ids[0], digest) : super.signAs(party, digest);
    }

    /// @dev Always by the current board.
    function signBatch(
        uint256 party,
        Batch memory batch
    ) internal view override(Fixture) returns (bytes memory) {
        if (party != 0) return super.signBatch(party, batch);
        return signSole(boardAt(block.timestamp), ids[0], depository.batchDigest(batch));
    }

    function boardAt(uint256 time) internal view returns (uint256) {
        return tenures[tenureAt(time)].party;
    }

    function tenureAt(uint256 time) internal view returns (uint256 index) {
        index = tenures.length - 1;
        while (tenures[index].since > time) --index;
    }

    /// @return 0 if a board does not count under proofs of that time, 1 if it does, 2 if it was
    /// replaced.
    function standingOf(uint256 board, uint256 asOf) internal view returns (uint256) {
        uint256 index = tenureAt(asOf);
        if (tenures[index].party == board) return 1;
        if (index == 0 || asOf >= tenures[index].since + GRACE) return 0;
        return tenures[index - 1].party == board ? 2 : 0;
    }

    // What is signed

    function secretOf(uint256 lock) internal pure returns (bytes32) {
        return bytes32(lock + 1);
    }

    function orderOf(uint256 order) internal pure returns (bytes32) {
        return keccak256(abi.encode("order", order));
    }

    /// @dev Without settlements, so that it can be committed at any time.
    function lockPlan(uint256 plan) internal view returns (Draft memory self) {
        self = draft(MEMBERS);
        self.terms.salt = bytes32(plan);
    }

    function ratioKey(
        Closing memory closing,
        ConditionDraw.Slot memory slot
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    closing.left,
                    closing.right,
                    closing.epoch,
                    slot.which,
                    slot.deadline,
                    slot.taker
                )
            );
    }

    function claimOf(
        uint256 left,
        uint256 right,
        ConditionDraw.Terms memory terms
    ) internal view returns (Claim memory result) {
        if (terms.number != 0) {
            result = claim(terms.number, 0);
            result.rows = new BodyRow[](2);
            for (uint32 t = 0; t < 2; ++t) {
                ConditionDraw.Row memory drawn = terms.rowOf(t);
                result.rows[t] = BodyRow(t + 1, drawn.offdelta, drawn.leftLimit, drawn.rightLimit);
            }
            ConditionDraw.Slot[] memory slots = terms.slotsOf();
            result.slots = new bytes[](slots.length);
            for (uint256 i = 0; i < slots.length; ++i) result.slots[i] = _pack(slots[i], left);
        }
        (result.left, result.right) = (left, right);
        result.epoch = accounts[left][right].epoch;
    }

    // What should come of it

    function newest(Account storage account) internal view returns (ConditionDraw.Terms memory) {
        return account.overtaken ? account.over : account.head;
    }

    function winningFlags(Account storage account) internal view returns (uint256) {
        return account.overtaken ? account.overtakingFlags : flagsOf(account.window);
    }

    /// @dev The money before anything is paid.
    function closingOf(uint256 left, uint256 right) internal view returns (Closing memory closing) {
        Account storage account = accounts[left][right];
        (closing.left, closing.right, closing.epoch) = (left, right, account.epoch);
        closing.cap = uint64(account.window >> 64) + MAX_WINDOW;
        for (uint32 t = 0; t < 2; ++t) {
            closing.money[t] = moneyBefore(left, right, t + 1);
            closing.money[t].leftRetired = winningFlags(account) & LEFT_RETIRED != 0;
        }
    }

    /// @return Whether every condition is decided or strictly past its deadline.
    function isDecided(
        Closing memory closing,
        ConditionDraw.Terms memory terms
    ) internal view returns (bool) {
        ConditionDraw.Slot[] memory slots = terms.slotsOf();
        for (uint256 i = 0; i < slots.length; ++i) {
            ConditionDraw.Slot memory slot = slots[i];
            if (slot.kind == 0 || block.timestamp > _due(closing, slot)) continue;
            if (slot.kind == HASH_LOCK && revealedAt[slot.which] != 0) continue;
            if (slot.kind == PLAN_LOCK && plannedAt[slot.which] != 0) continue;
            if (slot.kind == LIMIT_ORDER && ratios[ratioKey(closing, slot)] == WHOLE) continue;
            return false;
        }
        return true;
    }

    /// @return total What the body's transformers are given, in gas.
    function gasOf(ConditionDraw.Terms memory terms) internal pure returns (uint256 total) {
        ConditionDraw.Slot[] memory slots = terms.slotsOf();
        for (uint256 i = 0; i < slots.length; ++i) {
            if (slots[i].kind == TRANSFORMER) total += givenTo(slots[i].role);
        }
    }

    /// @notice Applies what is decided, in order; then clamps into the credit limits.
    function resolve(Closing memory closing, ConditionDraw.Terms memory terms) internal {
        if (terms.number != 0) {
            for (uint256 t = 0; t < 2; ++t) {
                ConditionDraw.Row memory drawn = terms.rowOf(t);
                closing.money[t].delta += drawn.offdelta;
                limit(closing.money[t], drawn.leftLimit, drawn.rightLimit);
            }
        } else {
            for (uint256 t = 0; t < 2; ++t) limit(closing.money[t], 0, 0);
        }
        ConditionDraw.Slot[] memory slots = terms.slotsOf();
        for (uint256 i = 0; i < slots.length; ++i) {
            ConditionDraw.Slot memory slot = slots[i];
            if (slot.kind == 0) continue;
            if (slot.kind == TRANSFORMER) ++asked[slot.role];
            if (slot.deadline > closing.cap) ++pastCap;
            (bool moves, int256[2] memory changes) = _changesOf(closing, slot);
            if (!moves) continue;
            if (slot.kind == TRANSFORMER) ++answered[slot.role];
            if (_apply(closing, slot, changes)) ++applied[slot.kind];
            else ++heldBack;
        }
        clamp(closing.money[0]);
        clamp(closing.money[1]);
    }

    /// @dev All tokens of the slot, or none.
    function _apply(
        Closing memory closing,
        ConditionDraw.Slot memory slot,
        int256[2] memory changes
    ) private pure returns (bool) {
        for (uint256 t = 0; t < 2; ++t) {
            Money memory money = closing.money[t];
            if (slot.tokens & (1 << t) == 0) changes[t] = 0;
            else if (!fits(money, money.delta + changes[t])) return false;
        }
        for (uint256 t = 0; t < 2; ++t) closing.money[t].delta += changes[t];
        return true;
    }

    function _changesOf(
        Closing memory closing,
        ConditionDraw.Slot memory slot
    ) private view returns (bool moves, int256[2] memory changes) {
        (changes[0], changes[1]) = (slot.upper[0], slot.upper[1]);
        if (slot.kind == TRANSFORMER) return answerOf(slot, closing.money[0].leftReserve);
        if (slot.kind == LIMIT_ORDER) {
            uint256 ratio = ratios[ratioKey(closing, slot)];
            for (uint256 t = 0; t < 2; ++t) changes[t] = _share(changes[t], ratio, slot.taker);
            return (ratio != 0, changes);
        }
        uint256 time = slot.kind == HASH_LOCK ? revealedAt[slot.which] : plannedAt[slot.which];
        return (time != 0 && time <= _due(closing, slot), changes);
    }

    /// @dev Rounded against the taker: down for left, up for right.
    function _share(int256 amount, uint256 ratio, uint8 taker) private pure returns (int256 share) {
        int256 whole = amount * int256(ratio);
        share = whole / int256(WHOLE);
        int256 rest = whole % int256(WHOLE);
        if (taker == 0 && rest < 0) --share;
        if (taker == 1 && rest > 0) ++share;
    }

    function _due(
        Closing memory closing,
        ConditionDraw.Slot memory slot
    ) private pure returns (uint256) {
        return slot.deadline < closing.cap ? slot.deadline : closing.cap;
    }

    function _pack(
        ConditionDraw.Slot memory slot,
        uint256 left
    ) private view returns (bytes memory) {
        if (slot.kind == 0) return "";
        bytes32 subject;
        bytes memory data;
        if (slot.kind == HASH_LOCK) subject = keccak256(abi.encode(secretOf(slot.which)));
        if (slot.kind == PLAN_LOCK) subject = lockHashes[slot.which];
        if (slot.kind == LIMIT_ORDER) {
            (subject, data) = (orderOf(slot.which), abi.encodePacked(slot.taker));
        }
        if (slot.kind == TRANSFORMER) {
            subject = idOf(cast[slot.role]);
            data = abi.encodePacked(givenTo(slot.role));
        }
        bytes memory moves;
        for (uint32 t = 0; t < 2; ++t) {
            if (slot.tokens & (1 << t) == 0) continue;
            moves = bytes.concat(moves, move(t + 1, slot.upper[t]));
            if (slot.kind == TRANSFORMER) data = abi.encodePacked(data, slot.lower[t]);
        }
        if (slot.kind == TRANSFORMER) data = bytes.concat(data, payloadOf(slot, ids[left]));
        return condition(slot.kind, slot.deadline, subject, moves, data);
    }
}
