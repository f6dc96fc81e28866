// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BodyRow} from "../../../contracts/type/Enforcement.sol";
import {DebtModel} from "./DebtModel.sol";
import {DisputeFixture} from "./DisputeFixture.sol";

/// @title What the chain should hold of accounts, disputes and debts, kept by its own arithmetic.
/// @dev Accounts are those of the first `MEMBERS` parties. A claim lists both tokens; its hash
/// lock, if it has one, moves the first.
abstract contract EnforcementModel is DebtModel, DisputeFixture {
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

    uint256 internal constant MEMBERS = 4;

    mapping(uint256 left => mapping(uint256 right => Account)) internal accounts;
    mapping(uint64 lock => uint256) internal revealedAt;

    /// @dev Set for ever when the chain did something else than the model.
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

    /// @dev The lock applies if it was revealed in time and leaves the row within its limits; then
    /// the row is clamped into them.
    function resolve(Money memory money, Terms memory terms) internal view {
        if (terms.number != 0) money.delta += money.token == 1 ? terms.first : terms.second;
        limit(money, terms.leftLimit, terms.rightLimit);
        if (money.token == 1 && terms.lock != 0) {
            uint256 known = revealedAt[terms.lock];
            int256 moved = money.delta + terms.lockAmount;
            bool inTime = known != 0 && known <= terms.lockDeadline;
            if (inTime && fits(money, moved)) money.delta = moved;
        }
        clamp(money);
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
