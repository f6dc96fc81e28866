// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Fill} from "../type/Enforcement.sol";
import {Accounts} from "./Accounts.sol";
import {Book} from "./Book.sol";
import {Evidence} from "./Evidence.sol";

/// @title Records how much of a limit order its taker takes (CND-1).
library FillRun {
    /// @dev The kind of EnforcementSkipped.
    uint8 private constant FILL = 4;

    /// @dev A ratio only rises: what was taken stays taken.
    function fill(
        Book.State storage book,
        Fill calldata item,
        uint256 index,
        Book.Scope memory scope
    ) internal {
        if (scope.carrier == 0) revert IDepositoryErrors.CarrierNeeded();
        if ((item.epoch | item.deadline) >> 64 != 0 || item.ratio > Evidence.WHOLE) {
            revert IDepositoryErrors.EnforcementMalformed(index);
        }
        (bytes32 left, bytes32 right) = Accounts.order(scope.carrier, item.counterparty);
        bytes32 key = Accounts.keyOf(left, right);
        bytes memory reason = _objectionToTime(book, key, item);
        bool takerIsRight = right == scope.carrier;
        key = Evidence.orderKey(key, item.epoch, item.order, item.deadline, takerIsRight ? 1 : 0);
        uint256 recorded = book.evidence.ratios[key];
        if (reason.length == 0 && item.ratio <= recorded) {
            bytes4 selector = IDepositoryErrors.RatioInvalid.selector;
            reason = abi.encodeWithSelector(selector, recorded, item.ratio);
        }
        if (reason.length != 0) {
            emit IDepositoryEvents.EnforcementSkipped(left, right, FILL, reason);
            return;
        }
        book.evidence.ratios[key] = uint64(item.ratio);
        emit IDepositoryEvents.OrderFilled(
            left,
            right,
            item.order,
            takerIsRight,
            uint64(item.epoch),
            uint64(item.deadline),
            uint64(item.ratio)
        );
    }

    /// @dev A fill of an epoch that is over, or past its deadline, is void for good; one of an
    /// epoch that has not begun fails the batch.
    function _objectionToTime(
        Book.State storage book,
        bytes32 key,
        Fill calldata item
    ) private view returns (bytes memory reason) {
        uint256 epoch = Accounts.epochOf(book.accounts.accounts[key].head);
        if (item.epoch > epoch) revert IDepositoryErrors.EpochInvalid(epoch, item.epoch);
        if (item.epoch != epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return abi.encodeWithSelector(selector, epoch, item.epoch);
        }
        if (block.timestamp > item.deadline) {
            bytes4 selector = IDepositoryErrors.DeadlinePassed.selector;
            return abi.encodeWithSelector(selector, item.deadline, block.timestamp);
        }
    }
}
