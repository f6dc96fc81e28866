// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {Settlements} from "../../../contracts/type/Operation.sol";
import {PlanFixture} from "./PlanFixture.sol";

/// @title What the invariants of plans let happen: plans of two to five signers with up to four
/// settlements, whole ones and such as must not land, between settlements of the usual sort.
/// @dev A plan is made anew out of its seed, so that it can be brought a second time.
contract PlanHandler is PlanFixture {
    enum Kind {
        Settlement,
        Plan,
        BarePlan,
        LongPlan,
        Unsigned,
        Late,
        Misplaced,
        Short,
        Again
    }

    enum Flaw {
        None,
        Unsigned,
        Late,
        Misplaced
    }

    struct Brought {
        bytes32 hash;
        uint256 seed;
        uint64 commitBy;
    }

    struct Money {
        int256 ondelta;
        int256 collateral;
    }

    mapping(Kind => uint256) public landed;
    mapping(uint256 party => mapping(uint32 token => int256)) public reserves;
    mapping(uint256 left => mapping(uint256 right => mapping(uint32 token => Money))) public moneys;
    mapping(uint256 left => mapping(uint256 right => uint64)) public numbers;
    mapping(bytes32 plan => uint256) public marks;
    Brought[] public plans;
    /// @dev Set if a plan landed that should not.
    bool public wrong;

    constructor() {
        deploy();
        fill();
        for (uint256 party = 0; party < PARTIES; ++party) {
            (reserves[party][1], reserves[party][2]) = (int256(HELD), int256(HELD));
        }
    }

    function target() external view returns (IDepository) {
        return depository;
    }

    function partyOf(uint256 party) external view returns (bytes32) {
        return ids[party];
    }

    function planCount() external view returns (uint256) {
        return plans.length;
    }

    /// @notice Left pays right, or puts into their collateral, under the next number.
    function settle(uint256 pair, uint256 amount, bool funds) external {
        (uint256 left, uint256 right) = _pair(pair, PARTIES);
        int128 paid = int128(int256(bound(amount, 1, HELD / 4)));
        uint64 number = numbers[left][right] + 1;
        Settlements memory list = listOf(1, true);
        put(list, 0, left, right, number, 1, -paid, funds ? int128(0) : paid);
        try depository.settleDiffs(list) {
            ++landed[Kind.Settlement];
            numbers[left][right] = number;
            _apply(left, right, Move(0, 0, 1, -paid, funds ? int128(0) : paid, paid));
        } catch {}
    }

    function commitNext(uint256 seed, uint256 manner) external {
        Flaw flaw = Flaw(manner % 8 < 4 ? manner % 4 : 0);
        uint64 commitBy = uint64(block.timestamp + (seed % 3));
        if (flaw == Flaw.Late) commitBy = uint64(block.timestamp - 1);
        uint64 epoch = flaw == Flaw.Misplaced ? 1 : 0;
        Draft memory plan = _planOf(seed, commitBy, epoch);
        if (flaw == Flaw.Misplaced && plan.list.heads.length == 0) return;
        bytes32 hash = hashOf(plan);
        if (flaw == Flaw.Unsigned) _forge(plan);
        plans.push(Brought(hash, seed, commitBy));
        bool landable = flaw == Flaw.None && marks[hash] == 0;
        try depository.commitPlan(plan.terms, plan.list) {
            if (!landable) wrong = true;
            marks[hash] = block.timestamp;
            _noteLanded(seed);
        } catch {
            _noteRefused(flaw);
        }
    }

    /// @notice A plan that landed before, or did not for want of money, is brought once more.
    function commitAgain(uint256 which) external {
        if (plans.length == 0) return;
        Brought storage brought = plans[which % plans.length];
        Draft memory plan = _planOf(brought.seed, brought.commitBy, 0);
        bytes32 hash = hashOf(plan);
        try depository.commitPlan(plan.terms, plan.list) {
            bool late = block.timestamp > brought.commitBy;
            if (late || marks[hash] != 0) wrong = true;
            if (hash != brought.hash) plans.push(Brought(hash, brought.seed, brought.commitBy));
            marks[hash] = block.timestamp;
            _noteLanded(brought.seed);
        } catch {
            if (marks[hash] != 0) ++landed[Kind.Again];
        }
    }

    function pass(uint256 time) external {
        VM.warp(block.timestamp + bound(time, 0, 2));
    }

    function _noteLanded(uint256 seed) private {
        uint256 count = _moveCount(seed);
        ++landed[
            count == 0
                ? Kind.BarePlan
                : count < 3
                    ? Kind.Plan
                    : Kind.LongPlan
        ];
        for (uint256 i = 0; i < count; ++i) {
            Move memory move = _moveOf(seed, i);
            _apply(move.left, move.right, move);
        }
    }

    function _noteRefused(Flaw flaw) private {
        Kind[4] memory kinds = [Kind.Short, Kind.Unsigned, Kind.Late, Kind.Misplaced];
        ++landed[kinds[uint256(flaw)]];
    }

    function _apply(uint256 left, uint256 right, Move memory move) private {
        reserves[left][move.token] += move.leftDiff;
        reserves[right][move.token] += move.rightDiff;
        Money storage money = moneys[left][right][move.token];
        money.ondelta += move.ondeltaDiff;
        money.collateral -= int256(move.leftDiff) + move.rightDiff;
    }

    /// @param epoch Of the last settlement; the others are of the accounts' own.
    function _planOf(
        uint256 seed,
        uint64 commitBy,
        uint64 epoch
    ) private view returns (Draft memory plan) {
        plan = draft(_signerCount(seed));
        (plan.terms.salt, plan.terms.commitBy) = (bytes32(seed), commitBy);
        uint256 count = _moveCount(seed);
        for (uint256 i = 0; i < count; ++i) {
            plan = add(plan, _moveOf(seed, i), i + 1 == count ? epoch : 0, FAR);
        }
        return certified(plan);
    }

    /// @dev The last signer's signature is another's.
    function _forge(Draft memory plan) private view {
        uint256 last = plan.list.entities.length - 1;
        bytes32 prepared = preparedOf(plan);
        plan.list.signatures = "";
        for (uint256 i = 0; i <= last; ++i) {
            bytes memory signature = sign(keys[i == last ? 0 : i], ids[i], prepared);
            plan.list.signatures = bytes.concat(plan.list.signatures, withLength(signature));
        }
    }

    function _signerCount(uint256 seed) private pure returns (uint256) {
        return 2 + ((seed >> 8) % (PARTIES - 1));
    }

    function _moveCount(uint256 seed) private pure returns (uint256) {
        return (seed >> 16) % 5;
    }

    /// @dev From reserve to reserve, or a little out of the collateral or into it.
    function _moveOf(uint256 seed, uint256 index) private pure returns (Move memory move) {
        uint256 word = uint256(keccak256(abi.encode(seed, index)));
        (move.left, move.right) = _pair(word, _signerCount(seed));
        move.token = uint32(1 + ((word >> 16) % 2));
        move.leftDiff = int128(int256((word >> 32) % HELD)) - int128(int256(HELD / 2));
        move.rightDiff = -move.leftDiff + int128(int256((word >> 64) % 8)) - 6;
        move.ondeltaDiff = int128(int256((word >> 96) % HELD)) - int128(int256(HELD / 2));
    }

    function _pair(uint256 word, uint256 count) private pure returns (uint256 left, uint256 right) {
        left = word % (count - 1);
        right = left + 1 + ((word >> 8) % (count - 1 - left));
    }
}
