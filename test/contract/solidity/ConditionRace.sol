// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DebtSweep, Enforcement, Fill} from "../../../contracts/type/Enforcement.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {ConditionDraw} from "./ConditionDraw.sol";
import {ConditionModel} from "./ConditionModel.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";

/// @title What races the disputes of `ConditionHandler`: money, settlements, plans, evidence,
/// boards, and transformers that become something else.
abstract contract ConditionRace is ConditionModel {
    using ConditionDraw for ConditionDraw.Terms;
    using EnforcementBuild for Enforcement;

    enum Kind {
        Settlement,
        SettlementRefused,
        Plan,
        PlanRefused,
        LockPlan,
        Reveal,
        Fill,
        FillRefused,
        Rotation,
        Start,
        BareStart,
        RetiredProof,
        ProofRefused,
        Counter,
        OpenCounter,
        Overtaking,
        Clearing,
        Acceptance,
        Finalisation,
        InABatch,
        Twice,
        TooEarly,
        Undecided,
        Starved,
        Sparing,
        Spared,
        Debt,
        Sweep,
        Probe
    }

    uint256 private constant MOST = 2000;
    uint256 private constant FIRST_BOARD = 3;
    uint64 private constant START = 1_900_000_000;

    mapping(Kind => uint256) public landed;
    uint64 private _number;

    /// @dev Set for ever if a call did not do what the model says.
    bool public wrong;

    constructor() {
        VM.warp(START);
        VM.roll(100);
        deploy();
        _number = registerSole(FIRST_BOARD);
        tenures.push(TenureOf(FIRST_BOARD, 0));
        ids[0] = entityOf(_number);
        castTransformers();
        for (uint256 i = 0; i < ConditionDraw.SUBJECTS; ++i) lockHashes[i] = hashOf(lockPlan(i));
        for (uint32 token = 1; token <= 2; ++token) {
            assets[token - 1].approve(address(depository), type(uint256).max);
            for (uint256 party = 0; party < MEMBERS; ++party) give(party, token, MOST);
        }
    }

    /// @notice One of many small things.
    function race(uint256 kind, uint256 a, uint256 b) external {
        kind %= 9;
        if (kind == 0) _fund(a, b, b >> 16, b >> 8);
        if (kind == 1) _settle(a, b);
        if (kind == 2) _plan(a, b);
        if (kind == 3) _commitLock(a);
        if (kind == 4) _reveal(a);
        if (kind == 5) knob.turn(a);
        if (kind == 6) dressAs(Costume(a % 6 < 4 ? a % 6 : 0));
        if (kind == 7) _sweep(a, b, b >> 8);
        if (kind == 8) fill(a, b, b % 3 != 0);
    }

    function _fund(uint256 pair, uint256 kind, uint256 amount, uint256 side) private {
        (uint256 left, uint256 right) = _pair(pair);
        (uint256 a, uint256 b) = side % 2 == 0 ? (left, right) : (right, left);
        amount = bound(amount, 1, MOST / 2);
        uint32 token = uint32(1 + (kind % 2));
        give(a, token, amount);
        trySubmit(a, funding(token, ids[a], ids[b], uint128(amount)));
    }

    function _settle(uint256 pair, uint256 amount) private {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        (settlementEpoch, signer) = (account.epoch, boardAt(block.timestamp));
        int128 paid = int128(int256(bound(amount, 1, MOST / 4)));
        Settlements memory list = listOf(1, true);
        put(list, 0, left, right, account.number + 1, 1, -paid, paid);
        try depository.settleDiffs(list) {
            ++landed[Kind.Settlement];
            if (account.live) wrong = true;
            ++account.number;
        } catch {
            if (account.live) ++landed[Kind.SettlementRefused];
        }
    }

    /// @dev One account or two in one plan: if one is in a dispute, neither is settled.
    function _plan(uint256 pair, uint256 amount) private {
        signer = boardAt(block.timestamp);
        Draft memory self = draft(MEMBERS);
        self.terms.salt = bytes32(amount);
        bool live = false;
        int128 paid = int128(int256(bound(amount, 1, MOST / 8)));
        for (uint256 i = 0; i < 1 + ((amount >> 16) % 2); ++i) {
            (uint256 left, uint256 right) = _pair((pair % 3) + i);
            Account storage account = accounts[left][right];
            if (account.live) live = true;
            give(left, 1, uint128(paid));
            self = add(self, Move(left, right, 1, -paid, paid, paid), account.epoch, FAR);
        }
        self = certified(self);
        try depository.commitPlan(self.terms, self.list) {
            ++landed[Kind.Plan];
            if (live) wrong = true;
        } catch {
            if (live) ++landed[Kind.PlanRefused];
        }
    }

    function _commitLock(uint256 which) private {
        which %= ConditionDraw.SUBJECTS;
        signer = boardAt(block.timestamp);
        Draft memory self = certified(lockPlan(which));
        try depository.commitPlan(self.terms, self.list) {
            ++landed[Kind.LockPlan];
            if (plannedAt[which] != 0) wrong = true;
            plannedAt[which] = block.timestamp;
        } catch {
            if (plannedAt[which] == 0) wrong = true;
        }
    }

    function _reveal(uint256 which) private {
        which %= ConditionDraw.SUBJECTS;
        Enforcement memory enforcement;
        enforcement.addPreimage(secretOf(which));
        depository.enforce(enforcement);
        ++landed[Kind.Reveal];
        if (revealedAt[which] == 0) revealedAt[which] = block.timestamp;
    }

    /// @dev Of the orders in the newest body, by their takers or by the other side.
    function fill(uint256 pair, uint256 ratio, bool byTaker) internal {
        (uint256 left, uint256 right) = _pair(pair);
        Account storage account = accounts[left][right];
        if (!account.live) return;
        ConditionDraw.Slot[] memory slots = newest(account).slotsOf();
        Closing memory closing = closingOf(left, right);
        for (uint256 i = 0; i < slots.length; ++i) {
            if (slots[i].kind != LIMIT_ORDER) continue;
            ratio = uint256(keccak256(abi.encode(ratio)));
            _fill(closing, slots[i], ratio, byTaker);
        }
    }

    /// @dev The current board hands over to one of parties 2 to 4, after the delay.
    function rotate(uint256 incoming) external {
        incoming = 2 + (incoming % 3);
        if (tenures[tenures.length - 1].since > block.timestamp) return;
        propose(boardAt(block.timestamp), _number, incoming);
        tenures.push(TenureOf(incoming, block.timestamp + DELAY));
        ++landed[Kind.Rotation];
    }

    function pass(uint256 time, uint256 kind) external {
        VM.warp(block.timestamp + bound(time, 1, kind % 4 == 0 ? DELAY / 4 : 40_000));
        VM.roll(block.number + 1);
    }

    function _sweep(uint256 party, uint256 kind, uint256 most) private {
        (party, most) = (party % MEMBERS, 1 + (most % 8));
        uint32 token = uint32(1 + (kind % 2));
        (DebtSweep[] memory sweeps, bytes32[] memory creditors) = sweepOf(party, token, most);
        if (creditors.length == 0) return;
        uint256 reserve = depository.reserveOf(ids[party], token);
        depository.enforceDebts(sweeps, creditors);
        ++landed[Kind.Sweep];
        noteSweep(party, token, creditors, reserve);
    }

    function _fill(
        Closing memory closing,
        ConditionDraw.Slot memory slot,
        uint256 ratio,
        bool byTaker
    ) private {
        ratio = ratio % 3 == 0 ? WHOLE : bound(ratio, 1, WHOLE);
        bool byLeft = (slot.taker == 0) == byTaker;
        (uint256 carrier, uint256 other) = byLeft
            ? (closing.left, closing.right)
            : (closing.right, closing.left);
        slot.taker = byLeft ? 0 : 1;
        bytes32 key = ratioKey(closing, slot);
        Enforcement memory enforcement;
        enforcement.add(Fill(ids[other], closing.epoch, orderOf(slot.which), slot.deadline, ratio));
        trySubmit(carrier, enforcement.alone());
        bool should = block.timestamp <= slot.deadline && ratio > ratios[key];
        ++landed[should ? Kind.Fill : Kind.FillRefused];
        if (should) ratios[key] = ratio;
        bytes32 account = keccak256(abi.encode(ids[closing.left], ids[closing.right]));
        bytes32 stored = keccak256(
            abi.encodePacked(account, closing.epoch, orderOf(slot.which), slot.deadline, slot.taker)
        );
        if (depository.ratioOf(stored) != ratios[key]) wrong = true;
    }

    function _pair(uint256 pair) internal pure returns (uint256 left, uint256 right) {
        left = pair % 3 == 2 ? 1 : 0;
        right = pair % 3 == 0 ? 1 : 2;
    }
}
