// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DevToken} from "../../../contracts/dev/DevToken.sol";
import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {Batch, Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {Fixture} from "./Fixture.sol";
import {FeeToken} from "./Token.sol";

/// @title What the invariant tests let happen: five entities, two tokens, all doors.
/// @dev Token 2 keeps a fee of every transfer. What is refused changes nothing and is no failure;
/// `landed` counts what was not, so that a run that reaches nothing is seen.
contract Handler is Fixture {
    enum Kind {
        Deposit,
        Withdrawal,
        Payment,
        Funding,
        Release,
        Settlement,
        Ring
    }

    mapping(uint256 token => uint256) public expectedTotal;
    mapping(uint256 token => mapping(uint256 party => int256)) public expectedWealth;
    mapping(uint256 left => mapping(uint256 right => uint64)) public highest;
    mapping(Kind => uint256) public landed;
    bool public numberReused;

    constructor() {
        deployContracts();
        assets.push(new DevToken("Dev", "DEV", 6));
        assets.push(DevToken(address(new FeeToken())));
        for (uint256 t = 0; t < 2; ++t) {
            depository.registerToken(1, address(assets[t]), 0);
            assets[t].approve(address(depository), type(uint256).max);
        }
        makeParties();
        for (uint256 i = 0; i < PARTIES; ++i) {
            deposit(i, 0, HELD);
            deposit(i, 1, HELD);
        }
    }

    function target() external view returns (IDepository) {
        return depository;
    }

    function partyOf(uint256 party) external view returns (bytes32) {
        return ids[party];
    }

    function assetOf(uint256 token) external view returns (DevToken) {
        return assets[token];
    }

    function deposit(uint256 party, uint256 token, uint256 amount) public {
        (party, token, amount) = (party % PARTIES, token % 2, bound(amount, 1, HELD));
        assets[token].mint(address(this), amount);
        uint256 before = assets[token].balanceOf(address(depository));
        try depository.deposit(ids[party], uint32(token + 1), uint128(amount)) {
            uint256 gain = assets[token].balanceOf(address(depository)) - before;
            expectedTotal[token] += gain;
            expectedWealth[token][party] += int256(gain);
            ++landed[Kind.Deposit];
        } catch {}
    }

    function withdraw(uint256 party, uint256 token, uint256 amount) external {
        (party, token, amount) = (party % PARTIES, token % 2, bound(amount, 1, HELD / 2));
        Operations memory operations = withdrawal(
            uint32(token + 1),
            address(0xbeef),
            uint128(amount)
        );
        if (!_submit(party, operations)) return;
        ++landed[Kind.Withdrawal];
        expectedTotal[token] -= amount;
        expectedWealth[token][party] -= int256(amount);
    }

    function pay(uint256 party, uint256 to, uint256 token, uint256 amount) external {
        (party, to, token) = (party % PARTIES, to % PARTIES, token % 2);
        amount = bound(amount, 1, HELD);
        if (!_submit(party, payment(uint32(token + 1), ids[to], uint128(amount)))) return;
        ++landed[Kind.Payment];
        expectedWealth[token][party] -= int256(amount);
        expectedWealth[token][to] += int256(amount);
    }

    function fund(
        uint256 payer,
        uint256 beneficiary,
        uint256 other,
        uint256 token,
        uint256 amount
    ) public {
        (payer, beneficiary, other) = (payer % PARTIES, beneficiary % PARTIES, other % PARTIES);
        (token, amount) = (token % 2, bound(amount, 1, HELD));
        Operations memory operations = funding(
            uint32(token + 1),
            ids[beneficiary],
            ids[other],
            uint128(amount)
        );
        if (!_submit(payer, operations)) return;
        ++landed[Kind.Funding];
        expectedWealth[token][payer] -= int256(amount);
        expectedWealth[token][beneficiary] += int256(amount);
    }

    /// @dev Numbers from the last used one to three above it: the used one must not land.
    function takeOut(
        uint256 party,
        uint256 other,
        uint256 token,
        uint256 amount,
        uint256 step
    ) external {
        (party, other, token) = (party % PARTIES, other % PARTIES, token % 2);
        if (party == other) return;
        (uint256 left, uint256 right) = party < other ? (party, other) : (other, party);
        if (_collateral(left, right, token) == 0) fund(party, other, party, token, amount);
        uint64 number = _numberNear(left, right, step);
        amount = bound(amount, 1, _collateral(left, right, token) + 1);
        uint128 before = depository.reserveOf(ids[party], uint32(token + 1));
        Operations memory operations = release(
            party,
            other,
            uint32(token + 1),
            number,
            uint128(amount)
        );
        if (!_submit(party, operations)) return;
        if (depository.reserveOf(ids[party], uint32(token + 1)) == before) return;
        ++landed[Kind.Release];
        _note(left, right, number);
    }

    function settle(
        uint256 left,
        uint256 right,
        uint256 token,
        int256 leftDiff,
        int256 rightDiff,
        uint256 step,
        bool atomic
    ) external {
        (left, right, token) = (left % PARTIES, right % PARTIES, token % 2);
        if (left >= right) return;
        Settlements memory list = listOf(1, atomic);
        uint64 number = _numberNear(left, right, step);
        int128 paid = int128(leftDiff % int256(HELD / 4));
        // Up to one more than there is of collateral goes back, or some comes in.
        int256 most = int256(_collateral(left, right, token) + 2);
        int128 rest = int128(rightDiff % most);
        put(list, 0, left, right, number, uint32(token + 1), paid, rest - paid);
        _settle(list, left, right, number, uint32(token + 1));
    }

    /// @dev 0 pays 1, 1 pays 2, 2 pays 0, more than any of them has.
    function ring(uint256 first, uint256 token, uint256 amount, uint256 step) external {
        (first, token, amount) = (first % (PARTIES - 2), token % 2, bound(amount, 1, 1 << 100));
        Settlements memory list = listOf(3, true);
        uint32 id = uint32(token + 1);
        int128 change = int128(int256(amount));
        uint64 a = _numberNear(first, first + 1, step);
        uint64 b = _numberNear(first + 1, first + 2, step >> 8);
        uint64 c = _numberNear(first, first + 2, step >> 16);
        put(list, 0, first, first + 1, a, id, -change, change);
        put(list, 1, first + 1, first + 2, b, id, -change, change);
        put(list, 2, first, first + 2, c, id, change, -change);
        try depository.settleDiffs(list) {
            ++landed[Kind.Ring];
            _note(first, first + 1, a);
            _note(first + 1, first + 2, b);
            _note(first, first + 2, c);
        } catch {}
    }

    function _settle(
        Settlements memory list,
        uint256 left,
        uint256 right,
        uint64 number,
        uint32 token
    ) private {
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[left], ids[right], token);
        try depository.settleDiffs(list) {
            (int128 o, uint128 c) = depository.moneyOf(ids[left], ids[right], token);
            if (o == ondelta && c == collateral) return;
            ++landed[Kind.Settlement];
            _note(left, right, number);
        } catch {}
    }

    function _submit(uint256 party, Operations memory operations) private returns (bool) {
        Batch memory batch = batchOf(party, operations);
        try depository.processBatch(batch, signBatch(party, batch)) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Called only when a settlement under this number moved money.
    function _note(uint256 left, uint256 right, uint64 number) private {
        if (number <= highest[left][right]) numberReused = true;
        highest[left][right] = number;
    }

    function _numberNear(uint256 left, uint256 right, uint256 step) private view returns (uint64) {
        uint64 top = highest[left][right];
        // Every fourth time the number that was used last.
        return step % 4 == 3 ? top : top + 1 + uint64(step % 4);
    }

    function _collateral(
        uint256 left,
        uint256 right,
        uint256 token
    ) private view returns (uint256 collateral) {
        (, collateral) = depository.moneyOf(ids[left], ids[right], uint32(token + 1));
    }
}
