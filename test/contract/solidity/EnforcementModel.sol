// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BodyRow, DebtSweep} from "../../../contracts/type/Enforcement.sol";
import {DisputeFixture} from "./DisputeFixture.sol";

/// @title What the chain should hold of accounts, disputes and debts, kept by its own arithmetic.
/// @dev Accounts are those of the first `MEMBERS` parties. A claim lists both tokens; its hash
/// lock, if it has one, moves the first.
abstract contract EnforcementModel is DisputeFixture {
    /// @dev What a claim says, flat, so that it can be stored.
    struct Terms {
        uint64 number;
        int128 first;
        int128 second;
        uint128 leftLimit;
        uint128 rightLimit;
        uint64 lock;
        uint64 lockDeadline;
        int128 lockAmount;
    }

    struct Account {
        uint64 epoch;
        uint64 number;
        bool live;
        bool countered;
        bool overtaken;
        uint256 window;
        uint256 overtakingFlags;
        Terms head;
        Terms over;
    }

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
        uint256 leftReserve;
        uint256 rightReserve;
    }

    uint256 internal constant MEMBERS = 4;

    mapping(uint256 left => mapping(uint256 right => Account)) internal accounts;
    mapping(uint256 party => mapping(uint32 token => Debt[])) internal debts;
    mapping(uint256 party => mapping(uint32 token => uint256)) internal debtHead;
    mapping(uint64 lock => uint256) internal revealedAt;

    /// @dev Set for ever when the chain did something else than the model.
    bool public payoutWrong;
    bool public numberReused;

    function preimageOf(uint64 lock) internal pure returns (bytes32) {
        return bytes32(uint256(lock) << 128);
    }

    function claimOf(
        uint256 left,
        uint256 right,
        Terms memory terms
    ) internal view returns (Claim memory result) {
        if (terms.number != 0) {
            result = claim(terms.number, terms.first);
            ClaimRows.fill(result, terms.second, terms.leftLimit, terms.rightLimit);
            if (terms.lock != 0) result = withSlot(result, _lockOf(terms));
        }
        (result.left, result.right) = (left, right);
        result.epoch = accounts[left][right].epoch;
    }

    function openDebts(uint256 party, uint32 token) public view returns (bool) {
        return debtHead[party][token] < debts[party][token].length;
    }

    /// @dev The money of one row before its account is closed by these terms.
    function moneyBefore(
        uint256 left,
        uint256 right,
        uint32 token,
        Terms memory terms
    ) internal view returns (Money memory money) {
        (money.token, money.left, money.right) = (token, left, right);
        (int128 ondelta, uint128 collateral) = depository.moneyOf(ids[left], ids[right], token);
        money.collateral = collateral;
        money.delta = ondelta;
        if (terms.number != 0) money.delta += token == 1 ? terms.first : terms.second;
        money.leftReserve = depository.reserveOf(ids[left], token);
        money.rightReserve = depository.reserveOf(ids[right], token);
    }

    /// @dev The lock applies if it was revealed in time and leaves the row within its limits; then
    /// the row is clamped into them.
    function resolve(Money memory money, Terms memory terms) internal view {
        int256 least = -int256(uint256(terms.leftLimit));
        int256 most = int256(money.collateral) + int256(uint256(terms.rightLimit));
        if (money.token == 1 && terms.lock != 0) {
            uint256 known = revealedAt[terms.lock];
            int256 moved = money.delta + terms.lockAmount;
            bool inTime = known != 0 && known <= terms.lockDeadline;
            if (inTime && moved >= least && moved <= most) money.delta = moved;
        }
        if (money.delta < least) money.delta = least;
        if (money.delta > most) money.delta = most;
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
        uint256 reserve = debtor == money.left ? money.leftReserve : money.rightReserve;
        if (!openDebts(debtor, money.token)) paid = reserve < owed ? reserve : owed;
        if (paid != owed) debts[debtor][money.token].push(Debt(creditor, owed - paid));
    }

    function _lockOf(Terms memory terms) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                uint8(1),
                terms.lockDeadline,
                keccak256(abi.encode(preimageOf(terms.lock))),
                uint8(1),
                uint32(1),
                terms.lockAmount
            );
    }
}

/// @dev Apart, for the sake of the stack.
library ClaimRows {
    function fill(
        DisputeFixture.Claim memory self,
        int128 second,
        uint128 leftLimit,
        uint128 rightLimit
    ) internal pure {
        (self.rows[0].leftLimit, self.rows[0].rightLimit) = (leftLimit, rightLimit);
        BodyRow[] memory rows = new BodyRow[](2);
        rows[0] = self.rows[0];
        rows[1] = BodyRow(2, second, leftLimit, rightLimit);
        self.rows = rows;
    }
}
