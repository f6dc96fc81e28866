// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepository} from "../../../contracts/interface/IDepository.sol";
import {DevToken} from "../../../contracts/dev/DevToken.sol";
import {DebtSweep} from "../../../contracts/type/Enforcement.sol";
import {Fixture} from "./Fixture.sol";

/// @title What the closing of an account should pay, and the debts that it should leave, kept by an
/// arithmetic of its own.
abstract contract DebtModel is Fixture {
    struct Debt {
        uint256 creditor;
        uint256 amount;
    }

    struct Money {
        uint32 token;
        uint256 left;
        uint256 right;
        uint256 collateral;
        int256 delta;
        int256 least;
        int256 most;
        uint256 leftReserve;
        uint256 rightReserve;
        bool leftRetired;
    }

    mapping(uint256 party => mapping(uint32 token => Debt[])) internal debts;
    mapping(uint256 party => mapping(uint32 token => uint256)) internal debtHead;
    mapping(uint32 token => uint256) public expectedTotal;

    /// @dev Set for ever when the chain paid something else than the model.
    bool public payoutWrong;

    function target() external view returns (IDepository) {
        return depository;
    }

    function partyOf(uint256 party) external view returns (bytes32) {
        return ids[party];
    }

    function assetOf(uint32 token) external view returns (DevToken) {
        return assets[token - 1];
    }

    function debtsOf(uint256 party, uint32 token) external view returns (uint256, uint256) {
        return (debtHead[party][token], debts[party][token].length);
    }

    function debtOf(
        uint256 party,
        uint32 token,
        uint256 index
    ) external view returns (bytes32 creditor, uint256 amount) {
        Debt storage debt = debts[party][token][index];
        return (ids[debt.creditor], debt.amount);
    }

    function openDebts(uint256 party, uint32 token) public view returns (bool) {
        return debtHead[party][token] < debts[party][token].length;
    }

    /// @dev Mints to this contract, and deposits for the party.
    function give(uint256 party, uint32 token, uint256 amount) internal {
        assets[token - 1].mint(address(this), amount);
        uint256 before = depository.reserveOf(ids[party], token);
        depository.deposit(ids[party], token, uint128(amount));
        expectedTotal[token] += depository.reserveOf(ids[party], token) - before;
    }

    /// @dev The money of one row before its account is closed, as if no proof moved it.
    function moneyBefore(
        uint256 left,
        uint256 right,
        uint32 token
    ) internal view returns (Money memory money) {
        (money.token, money.left, money.right) = (token, left, right);
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[left], ids[right], token);
        (money.collateral, money.delta) = (collateral, ondelta);
        money.leftReserve = depository.reserveOf(ids[left], token);
        money.rightReserve = depository.reserveOf(ids[right], token);
    }

    function limit(Money memory money, uint128 leftLimit, uint128 rightLimit) internal pure {
        money.least = -int256(uint256(leftLimit));
        money.most = int256(money.collateral) + int256(uint256(rightLimit));
    }

    function fits(Money memory money, int256 delta) internal pure returns (bool) {
        return delta >= money.least && delta <= money.most;
    }

    function clamp(Money memory money) internal pure {
        if (money.delta < money.least) money.delta = money.least;
        if (money.delta > money.most) money.delta = money.most;
    }

    /// @dev Compares what the chain paid with what RCP-2 and the reserves give; notes new debts.
    function judge(Money memory money) internal {
        int256 collateral = int256(money.collateral);
        if (money.delta < 0) {
            uint256 paid = _charge(money.left, money.right, money, uint256(-money.delta));
            money.leftReserve -= paid;
            money.rightReserve += money.collateral + paid;
        } else if (money.delta > collateral) {
            uint256 owed = uint256(money.delta - collateral);
            uint256 paid = _charge(money.right, money.left, money, owed);
            money.rightReserve -= paid;
            money.leftReserve += money.collateral + paid;
        } else {
            money.leftReserve += uint256(money.delta);
            money.rightReserve += money.collateral - uint256(money.delta);
        }
        bytes32 left = ids[money.left];
        bytes32 right = ids[money.right];
        if (depository.reserveOf(left, money.token) != money.leftReserve) payoutWrong = true;
        if (depository.reserveOf(right, money.token) != money.rightReserve) payoutWrong = true;
        (int128 ondelta, uint128 rest) = depository.moneyOf(left, right, money.token);
        if (ondelta != 0 || rest != 0) payoutWrong = true;
    }

    /// @dev Whom the oldest debts are owed to, at most so many.
    function sweepOf(
        uint256 party,
        uint32 token,
        uint256 most
    ) internal view returns (DebtSweep[] memory sweeps, bytes32[] memory creditors) {
        Debt[] storage queue = debts[party][token];
        uint256 from = debtHead[party][token];
        uint256 count = queue.length - from;
        if (count > most) count = most;
        creditors = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) creditors[i] = ids[queue[from + i].creditor];
        sweeps = new DebtSweep[](1);
        sweeps[0] = DebtSweep(ids[party], token, count);
    }

    /// @dev What a sweep with these creditors does to the queue. Debts that were forgiven are
    /// passed over, at most as many as there are creditors; and so are creditors to whom the debt
    /// whose turn it is is not owed.
    /// @return inPart Whether the reserve ended in the middle of a debt.
    function noteSweep(
        uint256 party,
        uint32 token,
        bytes32[] memory creditors,
        uint256 reserve
    ) internal returns (bool inPart) {
        Debt[] storage queue = debts[party][token];
        uint256 head = debtHead[party][token];
        uint256 holes = 0;
        uint256 next = 0;
        while (head < queue.length) {
            Debt storage debt = queue[head];
            if (debt.amount == 0) {
                if (holes == creditors.length) break;
                ++holes;
                ++head;
                continue;
            }
            while (next < creditors.length && creditors[next] != ids[debt.creditor]) ++next;
            if (reserve == 0 || next == creditors.length) break;
            ++next;
            uint256 paid = reserve < debt.amount ? reserve : debt.amount;
            debt.amount -= paid;
            reserve -= paid;
            inPart = debt.amount != 0;
            if (inPart) break;
            ++head;
        }
        debtHead[party][token] = head;
        if (depository.reserveOf(ids[party], token) != reserve) payoutWrong = true;
    }

    function _charge(
        uint256 debtor,
        uint256 creditor,
        Money memory money,
        uint256 owed
    ) private returns (uint256 paid) {
        if (debtor == money.left && money.leftRetired) return 0;
        uint256 reserve = debtor == money.left ? money.leftReserve : money.rightReserve;
        if (!openDebts(debtor, money.token)) paid = reserve < owed ? reserve : owed;
        if (paid != owed) debts[debtor][money.token].push(Debt(creditor, owed - paid));
    }
}
