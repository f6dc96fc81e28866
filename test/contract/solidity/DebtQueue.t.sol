// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DebtSweep} from "../../../contracts/type/Enforcement.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @title DEB-1 by fuzz: any sequence of charges, deposits, sweeps and forgivenesses does what a
/// plain list of debts does.
contract DebtQueueTest is DebtFixture {
    struct Debt {
        uint256 creditor;
        uint256 amount;
    }

    uint256 private constant DEBTORS = 2;

    mapping(uint256 debtor => Debt[]) private _debts;
    mapping(uint256 debtor => uint256) private _heads;
    mapping(uint256 party => uint256) private _reserves;
    uint256 private _total;

    function setUp() public {
        deploy();
        fill();
        for (uint256 i = 0; i < PARTIES; ++i) _reserves[i] = HELD;
        _total = PARTIES * HELD;
    }

    function testFuzz_DEB1_AQueueIsAList(uint256[24] calldata seeds) public {
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(seeds[i], i)));
            uint256 debtor = (seed >> 8) % DEBTORS;
            uint256 amount = bound(seed >> 64, 1, 2 * HELD);
            uint256 kind = seed % 8;
            if (kind < 3) _charge(debtor, (seed >> 16) % PARTIES, amount);
            else if (kind < 4) _give(debtor, amount);
            else if (kind < 7) _sweep(debtor, seed >> 24);
            else _forgive(debtor, seed >> 24);
            _compare();
        }
    }

    function _charge(uint256 debtor, uint256 creditor, uint256 amount) private {
        if (creditor == debtor) creditor = DEBTORS;
        charge(debtor, creditor, 1, amount);
        uint256 paid = _isOpen(debtor) ? 0 : _lesser(amount, _reserves[debtor]);
        _reserves[debtor] -= paid;
        _reserves[creditor] += paid;
        if (amount != paid) _debts[debtor].push(Debt(creditor, amount - paid));
    }

    function _give(uint256 debtor, uint256 amount) private {
        give(debtor, 1, amount);
        _reserves[debtor] += amount;
        _total += amount;
    }

    /// @dev The creditors of some of the oldest debts, holes left out, one of them wrong at times.
    function _sweep(uint256 debtor, uint256 seed) private {
        Debt[] storage debts = _debts[debtor];
        uint256 count = 1 + (seed % 4);
        uint256 wrong = (seed >> 8) % 16;
        sweeps.push(DebtSweep(ids[debtor], 1, count));
        uint256 next = _heads[debtor];
        for (uint256 i = 0; i < count; ++i) {
            while (next < debts.length && debts[next].amount == 0) ++next;
            uint256 creditor = next < debts.length ? debts[next].creditor : debtor;
            if (next < debts.length) ++next;
            pool.push(i == wrong ? ids[debtor] : ids[creditor]);
        }
        sweepAll();
        _pay(debtor, count, wrong < count ? wrong : count);
    }

    /// @dev Pays until a wrong creditor is met: after it none can match, but for a run of debts of
    /// one creditor, which are as good as each other.
    function _pay(uint256 debtor, uint256 count, uint256 wrong) private {
        Debt[] storage debts = _debts[debtor];
        bytes32[] memory given = new bytes32[](count);
        uint256 place = _heads[debtor];
        for (uint256 i = 0; i < count; ++i) {
            while (place < debts.length && debts[place].amount == 0) ++place;
            if (place == debts.length) continue;
            if (i != wrong) given[i] = ids[debts[place].creditor];
            ++place;
        }
        uint256 next = 0;
        uint256 holes = 0;
        while (_heads[debtor] < debts.length) {
            Debt storage debt = debts[_heads[debtor]];
            if (debt.amount == 0) {
                if (holes == count) return;
                ++holes;
                ++_heads[debtor];
                continue;
            }
            while (next < count && given[next] != ids[debt.creditor]) ++next;
            if (next == count || _reserves[debtor] == 0) return;
            ++next;
            uint256 paid = _lesser(debt.amount, _reserves[debtor]);
            debt.amount -= paid;
            _reserves[debtor] -= paid;
            _reserves[debt.creditor] += paid;
            if (debt.amount != 0) return;
            ++_heads[debtor];
        }
    }

    function _forgive(uint256 debtor, uint256 seed) private {
        Debt[] storage debts = _debts[debtor];
        if (debts.length == 0) return;
        uint256 index = seed % debts.length;
        bool open = debts[index].amount != 0;
        forgive(debts[index].creditor, debtor, 1, index);
        debts[index].amount = 0;
        if (open && index == _heads[debtor]) ++_heads[debtor];
    }

    function _compare() private view {
        uint256 sum = 0;
        for (uint256 i = 0; i < PARTIES; ++i) {
            assertEq(reserve(i, 1), _reserves[i]);
            sum += reserve(i, 1);
        }
        assertEq(sum, _total);
        (, , , uint128 total) = depository.tokenOf(1);
        assertEq(total, _total);
        for (uint256 d = 0; d < DEBTORS; ++d) {
            Debt[] storage debts = _debts[d];
            assertQueue(d, 1, uint64(_heads[d]), uint64(debts.length));
            for (uint256 i = 0; i < debts.length; ++i) {
                assertEq(owed(d, 1, uint64(i)), debts[i].amount);
            }
        }
    }

    function _isOpen(uint256 debtor) private view returns (bool) {
        return _heads[debtor] != _debts[debtor].length;
    }

    function _lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
