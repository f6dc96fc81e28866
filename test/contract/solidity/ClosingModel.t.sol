// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Enforcement} from "../../../contracts/type/Enforcement.sol";
import {ConditionFixture} from "./ConditionFixture.sol";
import {EnforcementBuild} from "./EnforcementBuild.sol";
import {Echo} from "./Transformers.sol";

/// @title DIS-4, CND-1, RCP-2: random bodies, conditions and money against a model that does one
/// thing after the other, in the plainest way.
contract ClosingModelTest is ConditionFixture {
    using EnforcementBuild for Enforcement;

    uint64 private constant START = 1_000_000;
    uint256 private constant RESERVE = 400;

    /// @dev Of one token.
    struct Row {
        int256 delta;
        int256 collateral;
        int256 leftLimit;
        int256 rightLimit;
    }

    /// @dev A condition that has been decided, with what it would move.
    struct Decided {
        bool applies;
        int256[2] change;
        bool[2] moves;
    }

    address private _echo;
    uint256 private _seed;
    Row[2] private _rows;

    function setUp() public {
        deploy();
        fill();
        VM.roll(100);
        VM.warp(START);
        _echo = address(new Echo());
        for (uint256 party = 0; party < 2; ++party) {
            for (uint32 token = 1; token < 3; ++token) {
                submit(party, payment(token, ids[4], uint128(HELD - RESERVE)));
            }
        }
    }

    function testFuzz_DIS4_AgreesWithTheModel(uint256 seed) public {
        _seed = seed;
        Claim memory proof = withSecond(claim(5, 0), 0, 0, 0);
        for (uint256 t = 0; t < 2; ++t) _fillRow(proof, t);
        uint256 count = _pick(7);
        Decided[] memory conditions = new Decided[](count);
        for (uint256 i = 0; i < count; ++i) {
            if (_pick(5) == 0) proof = withSlot(proof, "");
            proof = withSlot(proof, _condition(conditions[i], i));
        }
        Live memory live = start(_pick(2), proof);
        passWindow(live);
        uint256[2][2] memory held = _held();
        for (uint256 i = 0; i < count; ++i) _apply(conditions[i]);
        finalise(live, proof);
        for (uint256 t = 0; t < 2; ++t) _compare(t, held);
    }

    /// @dev Random money and a random row, in bounds or not.
    function _fillRow(Claim memory proof, uint256 t) private {
        uint32 token = uint32(t + 1);
        uint128 left = uint128(_pick(150));
        uint128 right = uint128(_pick(150));
        if (left != 0) submit(0, funding(token, ids[0], ids[1], left));
        if (right != 0) submit(1, funding(token, ids[1], ids[0], right));
        int128 offdelta = _signed(900);
        uint128 leftLimit = uint128(_pick(700));
        uint128 rightLimit = uint128(_pick(700));
        proof.rows[t] = row(token, offdelta, leftLimit, rightLimit)[0];
        _rows[t] = Row({
            delta: int256(uint256(left)) + offdelta,
            collateral: int256(uint256(left) + right),
            leftLimit: int256(uint256(leftLimit)),
            rightLimit: int256(uint256(rightLimit))
        });
    }

    /// @return The condition as it is signed.
    function _condition(Decided memory decided, uint256 index) private returns (bytes memory) {
        uint256 tokens = 1 + _pick(3);
        (decided.moves[0], decided.moves[1]) = (tokens & 1 != 0, tokens & 2 != 0);
        int128[2] memory amounts = [_signed(600), _signed(600)];
        decided.change = [int256(amounts[0]), int256(amounts[1])];
        bytes memory moves;
        for (uint256 t = 0; t < 2; ++t) {
            if (decided.moves[t]) moves = bytes.concat(moves, move(uint32(t + 1), amounts[t]));
        }
        bytes32 subject = keccak256(abi.encode("subject", index));
        uint256 kind = _pick(3);
        if (kind == 0) return _lock(decided, string(abi.encode(index)), moves);
        if (kind == 1) return _offer(decided, subject, moves);
        return _transformer(decided, moves, amounts);
    }

    function _lock(
        Decided memory decided,
        string memory secret,
        bytes memory moves
    ) private returns (bytes memory) {
        uint256 when = _pick(3);
        decided.applies = when == 0;
        if (when == 2) return lock(START, secret, moves);
        // In time, or in a second that is past the deadline.
        reveal(secret);
        return lock(when == 0 ? START : START - 1, secret, moves);
    }

    function _offer(
        Decided memory decided,
        bytes32 order,
        bytes memory moves
    ) private returns (bytes memory) {
        uint8 taker = uint8(_pick(2));
        uint256 ratio = _pick(3) * (WHOLE / 2) + _pick(2);
        if (ratio > WHOLE) ratio = WHOLE;
        decided.applies = true;
        if (ratio != 0) take(taker, 1 - taker, order, START, ratio);
        for (uint256 t = 0; t < 2; ++t) {
            int256 exact = decided.change[t] * int256(ratio);
            int256 part = exact / int256(WHOLE);
            if (exact % int256(WHOLE) < 0 && taker == 0) --part;
            if (exact % int256(WHOLE) > 0 && taker == 1) ++part;
            decided.change[t] = part;
        }
        return offer(START, order, taker, moves);
    }

    /// @dev Its amounts are upper bounds; the lower ones lie 50 below.
    function _transformer(
        Decided memory decided,
        bytes memory moves,
        int128[2] memory upper
    ) private returns (bytes memory) {
        bytes memory lowers;
        bytes memory words;
        decided.applies = true;
        for (uint256 t = 0; t < 2; ++t) {
            if (!decided.moves[t]) continue;
            int256 answer = int256(upper[t]) + 5 - int256(_pick(60));
            decided.change[t] = answer;
            if (answer > upper[t] || answer < upper[t] - 50) decided.applies = false;
            lowers = abi.encodePacked(lowers, upper[t] - 50);
            words = abi.encodePacked(words, answer);
        }
        bytes memory data = abi.encodePacked(uint32(100_000), lowers, words);
        return condition(TRANSFORMER, START, idOf(_echo), moves, data);
    }

    /// @dev All tokens or none.
    function _apply(Decided memory decided) private {
        if (!decided.applies) return;
        for (uint256 t = 0; t < 2; ++t) {
            if (!decided.moves[t]) continue;
            int256 delta = _rows[t].delta + decided.change[t];
            if (delta < -_rows[t].leftLimit) return;
            if (delta > _rows[t].collateral + _rows[t].rightLimit) return;
        }
        for (uint256 t = 0; t < 2; ++t) {
            if (decided.moves[t]) _rows[t].delta += decided.change[t];
        }
    }

    function _compare(uint256 t, uint256[2][2] memory held) private view {
        Row memory current = _rows[t];
        int256 delta = current.delta;
        if (delta < -current.leftLimit) delta = -current.leftLimit;
        int256 most = current.collateral + current.rightLimit;
        if (delta > most) delta = most;
        // Beyond the collateral the debtor pays what it has.
        int256[2] memory gains = [int256(0), current.collateral];
        uint256[2] memory debts;
        if (delta > 0 && delta <= current.collateral) {
            gains = [delta, current.collateral - delta];
        } else if (delta > current.collateral) {
            uint256 owed = uint256(delta - current.collateral);
            uint256 paid = owed < held[1][t] ? owed : held[1][t];
            gains = [current.collateral + int256(paid), -int256(paid)];
            debts[1] = owed - paid;
        } else if (delta < 0) {
            uint256 owed = uint256(-delta);
            uint256 paid = owed < held[0][t] ? owed : held[0][t];
            gains = [-int256(paid), current.collateral + int256(paid)];
            debts[0] = owed - paid;
        }
        for (uint256 side = 0; side < 2; ++side) {
            uint256 reserve = depository.reserveOf(ids[side], uint32(t + 1));
            assertEq(int256(reserve), int256(held[side][t]) + gains[side]);
            (, uint128 debt) = depository.debtAt(ids[side], uint32(t + 1), 0);
            assertEq(debt, debts[side]);
        }
        (int128 ondelta, uint128 left) = depository.moneyOf(ids[0], ids[1], uint32(t + 1));
        assertTrue(ondelta == 0 && left == 0, "the row is zero");
    }

    /// @return held By side and token.
    function _held() private view returns (uint256[2][2] memory held) {
        for (uint256 side = 0; side < 2; ++side) {
            for (uint256 t = 0; t < 2; ++t) {
                held[side][t] = depository.reserveOf(ids[side], uint32(t + 1));
            }
        }
    }

    function _pick(uint256 count) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % count;
    }

    /// @return Above −`size` and below it.
    function _signed(uint256 size) private returns (int128) {
        return int128(int256(_pick(2 * size - 1))) - int128(int256(size - 1));
    }
}
