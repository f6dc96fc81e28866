// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Fill} from "../type/Enforcement.sol";
import {Accounts} from "./Accounts.sol";
import {Book} from "./Book.sol";
import {Evidence} from "./Evidence.sol";
import {Pool} from "./Pool.sol";
import {Skip} from "./Skip.sol";

/// @title Records how much of a limit order its taker takes (CND-1).
library FillRun {
    using Pool for Pool.State;

    /// @dev A ratio only rises: what was taken stays taken. What can never be recorded any more is
    /// passed over and reported.
    function fill(Book.State storage book, Pool.State memory pool, bytes32 carrier) internal {
        Fill calldata item = pool.takeFill();
        if (carrier == 0) revert IDepositoryErrors.CarrierNeeded();
        (bytes32 left, bytes32 right) = Accounts.order(carrier, item.counterparty);
        bytes32 key = Hashes.efficientKeccak256(left, right);
        uint256 epoch = Accounts.epochOf(book.accounts.accounts[key].head);
        (uint256 deadline, uint256 ratio) = (item.deadline, item.ratio);
        if (deadline >> 64 != 0 || ratio > Evidence.WHOLE) {
            uint256 position;
            assembly ("memory-safe") {
                position := item
            }
            revert IDepositoryErrors.EnforcementMalformed(position);
        }
        if (item.epoch > epoch) revert IDepositoryErrors.EpochInvalid(epoch, item.epoch);

        uint256 taker = right == carrier ? 1 : 0;
        key = Evidence.orderKey(key, epoch, item.order, deadline, taker);
        uint256 recorded = book.evidence.ratios[key];
        if (item.epoch != epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return Skip.passOver(Skip.FILL, left, right, selector, epoch, item.epoch);
        }
        if (block.timestamp > deadline) {
            bytes4 selector = IDepositoryErrors.DeadlinePassed.selector;
            return Skip.passOver(Skip.FILL, left, right, selector, deadline, block.timestamp);
        }
        if (ratio <= recorded) {
            bytes4 selector = IDepositoryErrors.RatioInvalid.selector;
            return Skip.passOver(Skip.FILL, left, right, selector, recorded, ratio);
        }
        book.evidence.ratios[key] = uint64(ratio);
        emit IDepositoryEvents.OrderFilled(
            left,
            right,
            item.order,
            taker == 1,
            uint64(epoch),
            uint64(deadline),
            uint64(ratio)
        );
    }
}
