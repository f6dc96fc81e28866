// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";

/// @title The on-chain side of accounts: head, and money by token (DEP-7).
library Accounts {
    /// @param head One slot: `dispute:160 | overtaken:1 | epoch:31 | number:64`. Epochs fit 31 bits
    /// because each costs a transaction. While `dispute` is not zero a dispute is live.
    /// @param money One slot a token, packed as in events: `ondelta:i128 | collateral:u128`.
    struct Account {
        uint256 head;
        mapping(uint256 token => uint256) money;
    }

    /// @param overtaking In a dispute that was countered more than once the newest proof:
    /// `number:64 | low192(keccak256(window ‖ bodyHash))`. Kept apart from the head, so that a
    /// counter depends on what no later counter changes.
    struct State {
        mapping(bytes32 accountKey => Account) accounts;
        mapping(bytes32 accountKey => uint256) overtaking;
    }

    uint256 private constant MAX = (1 << 127) - 1;

    /// @dev The last epoch; none that is closed may be it.
    uint256 internal constant MAX_EPOCH = (1 << 31) - 1;

    uint256 private constant OVERTAKEN = 1 << 95;
    uint256 private constant DISPUTE = 96;

    /// @return left The lower id.
    /// @return right The higher id. Reverts if they are equal.
    function order(bytes32 a, bytes32 b) internal pure returns (bytes32 left, bytes32 right) {
        if (a == b) revert IDepositoryErrors.PartiesUnordered(a, b);
        return a < b ? (a, b) : (b, a);
    }

    /// @notice Reverts if the pair is not in order.
    function keyOf(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        if (left >= right) revert IDepositoryErrors.PartiesUnordered(left, right);
        return Hashes.efficientKeccak256(left, right);
    }

    /// @dev Only of a pair in order.
    function find(
        State storage self,
        bytes32 left,
        bytes32 right
    ) internal view returns (Account storage) {
        return self.accounts[Hashes.efficientKeccak256(left, right)];
    }

    function epochOf(uint256 head) internal pure returns (uint256) {
        return (head >> 64) & MAX_EPOCH;
    }

    function numberOf(uint256 head) internal pure returns (uint256) {
        return uint64(head);
    }

    function isDisputed(uint256 head) internal pure returns (bool) {
        return head >> DISPUTE != 0;
    }

    /// @return What the head keeps of the dispute's window and body; zero if there is no dispute.
    function disputeOf(uint256 head) internal pure returns (uint256) {
        return head >> DISPUTE;
    }

    /// @return Whether a newer proof than the head's lies in `overtaking`.
    function isOvertaken(uint256 head) internal pure returns (bool) {
        return head & OVERTAKEN != 0;
    }

    /// @param dispute Above zero and below 2^160.
    /// @param number Of the proof that the dispute commits to, below 2^64.
    function withDispute(
        uint256 head,
        uint256 dispute,
        uint256 number
    ) internal pure returns (uint256) {
        return (dispute << DISPUTE) | (epochOf(head) << 64) | number;
    }

    function withOvertaken(uint256 head) internal pure returns (uint256) {
        return head | OVERTAKEN;
    }

    /// @return The head when the account has been closed: no dispute, the next epoch, number 0.
    function closed(uint256 head) internal pure returns (uint256) {
        unchecked {
            // No dispute starts in the last epoch.
            return (epochOf(head) + 1) << 64;
        }
    }

    /// @param number Below 2^64.
    function withNumber(uint256 head, uint256 number) internal pure returns (uint256) {
        return ((head >> 64) << 64) | number;
    }

    function unpack(uint256 money) internal pure returns (int128 ondelta, uint128 collateral) {
        return (int128(int256(money) >> 128), uint128(money));
    }

    /// @notice What a row becomes, if that is in range: collateral from 0 and `ondelta` from
    /// above −2^127, both below 2^127.
    /// @param collateralDiff A sum of a few 128-bit integers, as is `ondeltaDiff`.
    /// @return next The new row.
    /// @return reason The error, encoded; empty if there is none.
    function moved(
        uint256 money,
        uint256 token,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) internal pure returns (uint256 next, bytes memory reason) {
        (int256 ondelta, uint256 before) = unpack(money);
        int256 collateral;
        unchecked {
            // Sums of a few 128-bit integers cannot leave 256 bits.
            collateral = int256(before) + collateralDiff;
            ondelta += ondeltaDiff;
            // Unsigned: what is negative is large.
            if (uint256(collateral) > MAX) {
                bytes4 selector = IDepositoryErrors.CollateralInvalid.selector;
                return (0, abi.encodeWithSelector(selector, token, collateral));
            }
            if (uint256(ondelta) + MAX > 2 * MAX) {
                bytes4 selector = IDepositoryErrors.OndeltaInvalid.selector;
                return (0, abi.encodeWithSelector(selector, token, ondelta));
            }
        }
        next = (uint256(ondelta) << 128) | uint256(collateral);
    }

    /// @param epochNumber `epoch:u64 | number:u64`, zero if both are what they were.
    function report(
        bytes32 left,
        bytes32 right,
        uint256 token,
        uint256 epochNumber,
        uint256 money
    ) internal {
        uint256 packed = (token << 128) | epochNumber;
        emit IDepositoryEvents.AccountUpdated(left, right, packed, money);
    }
}
