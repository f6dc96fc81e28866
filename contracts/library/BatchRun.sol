// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {
    CollateralFunding,
    CollateralRelease,
    CollateralToReserve,
    ReserveToCollateral,
    ReserveToReserve,
    ReserveTransfer
} from "../type/Operation.sol";
import {Accounts} from "./Accounts.sol";
import {Authorisation} from "./Authorisation.sol";
import {Book} from "./Book.sol";
import {Packed} from "./Packed.sol";
import {Reason} from "./Reason.sol";
import {Reserves} from "./Reserves.sol";
import {Tokens} from "./Tokens.sol";

/// @title The kinds of operation that one entity's batch carries, settlements proper apart.
/// @dev Others are credited at once; the batch's entity is summed and written once a group.
library BatchRun {
    using Accounts for Accounts.State;
    using Packed for uint256;
    using Reserves for Reserves.State;
    using SettlementDigest for uint256;

    function payReserves(
        Book.State storage book,
        ReserveToReserve calldata group,
        Book.Scope memory scope
    ) internal {
        uint256 sum = 0;
        uint256 count = group.transfers.length;
        for (uint256 i = 0; i < count; ++i) {
            ReserveTransfer calldata transfer = group.transfers[i];
            requireAmount(transfer.amount);
            Authorisation.requireGiven(scope.provider, transfer.to);
            sum += transfer.amount;
            book.reserves.credit(transfer.to, group.token, transfer.amount);
        }
        if (sum != 0) book.reserves.debit(scope.carrier, group.token, sum);
    }

    function releaseCollateral(
        Book.State storage book,
        CollateralToReserve calldata group,
        Book.Scope memory scope
    ) internal {
        uint256 sum = 0;
        uint256 cursor = 0;
        uint256 count = group.releases.length;
        for (uint256 i = 0; i < count; ++i) {
            CollateralRelease calldata release = group.releases[i];
            requireAmount(release.amount);
            uint256 end = cursor + release.signatureLength;
            if (end > group.signatures.length) {
                revert IDepositoryErrors.ListMismatch(end, group.signatures.length);
            }
            sum += _release(book, group.token, release, group.signatures[cursor:end], scope);
            cursor = end;
        }
        if (cursor != group.signatures.length) {
            revert IDepositoryErrors.ListMismatch(cursor, group.signatures.length);
        }
        if (sum != 0) book.reserves.credit(scope.carrier, group.token, sum);
    }

    function fundCollateral(
        Book.State storage book,
        ReserveToCollateral calldata group,
        Book.Scope memory scope
    ) internal {
        uint256 sum = 0;
        uint256 count = group.fundings.length;
        for (uint256 i = 0; i < count; ++i) {
            CollateralFunding calldata funding = group.fundings[i];
            requireAmount(funding.amount);
            sum += funding.amount;
            _fund(book, group.token, funding, scope);
        }
        if (sum != 0) book.reserves.debit(scope.carrier, group.token, sum);
    }

    function requireAmount(uint256 amount) internal pure {
        if (amount == 0 || amount >= Tokens.LIMIT) revert IDepositoryErrors.AmountInvalid(amount);
    }

    /// @return What the batch's entity gets: the amount, or nothing if the release was skipped.
    function _release(
        Book.State storage book,
        uint32 token,
        CollateralRelease calldata release,
        bytes calldata signature,
        Book.Scope memory scope
    ) private returns (uint256) {
        bool isLeft = scope.carrier < release.counterparty;
        (bytes32 left, bytes32 right) = _order(scope.carrier, release.counterparty);
        Accounts.Account storage account = book.accounts.find(left, right);
        Accounts.Head memory head = account.head;
        if (release.epoch < head.epoch || release.number <= head.number) {
            if (release.epoch <= head.epoch) return _skip(left, right, release, head);
        }
        if (release.epoch > head.epoch) {
            revert IDepositoryErrors.EpochInvalid(head.epoch, release.epoch);
        }
        if (block.timestamp > release.deadline) {
            revert IDepositoryErrors.DeadlinePassed(release.deadline, block.timestamp);
        }
        bytes32 digest = _releaseDigest(left, right, token, release, isLeft, scope.domain);
        Reason.raise(
            Authorisation.objection(scope.provider, release.counterparty, digest, signature)
        );

        int256 change = -int256(uint256(release.amount));
        (uint256 money, bytes memory reason) = Accounts.moved(
            account.money[token],
            token,
            change,
            isLeft ? change : int256(0)
        );
        Reason.raise(reason);
        account.head.number = release.number;
        account.money[token] = money;
        Accounts.report(left, right, token, release.epoch, release.number, money);
        return release.amount;
    }

    /// @dev The number is used or the epoch over: what was wanted is done, or void for good.
    function _skip(
        bytes32 left,
        bytes32 right,
        CollateralRelease calldata release,
        Accounts.Head memory head
    ) private returns (uint256) {
        bytes memory reason = release.epoch < head.epoch
            ? abi.encodeWithSelector(
                IDepositoryErrors.EpochInvalid.selector,
                head.epoch,
                release.epoch
            )
            : abi.encodeWithSelector(
                IDepositoryErrors.NumberUsed.selector,
                head.number,
                release.number
            );
        emit IDepositoryEvents.SettlementSkipped(
            left,
            right,
            release.epoch,
            release.number,
            reason
        );
        return 0;
    }

    function _releaseDigest(
        bytes32 left,
        bytes32 right,
        uint32 token,
        CollateralRelease calldata release,
        bool isLeft,
        bytes32 domain
    ) private pure returns (bytes32) {
        int128 gain = int128(release.amount);
        uint256 from = Packed.start();
        uint256 end = isLeft
            ? from.put(token, gain, 0, -gain, -gain)
            : from.put(token, 0, gain, -gain, 0);
        bytes32 structHash = SettlementDigest.structHash(
            left,
            right,
            release.epoch,
            release.number,
            release.deadline,
            0,
            from.hash(end)
        );
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function _fund(
        Book.State storage book,
        uint32 token,
        CollateralFunding calldata funding,
        Book.Scope memory scope
    ) private {
        Authorisation.requireGiven(scope.provider, funding.beneficiary);
        Authorisation.requireGiven(scope.provider, funding.counterparty);
        bool isLeft = funding.beneficiary < funding.counterparty;
        (bytes32 left, bytes32 right) = _order(funding.beneficiary, funding.counterparty);
        Accounts.Account storage account = book.accounts.find(left, right);
        int256 change = int256(uint256(funding.amount));
        (uint256 money, bytes memory reason) = Accounts.moved(
            account.money[token],
            token,
            change,
            isLeft ? change : int256(0)
        );
        Reason.raise(reason);
        account.money[token] = money;
        Accounts.report(left, right, token, 0, 0, money);
    }

    function _order(bytes32 a, bytes32 b) private pure returns (bytes32 left, bytes32 right) {
        if (a == b) revert IDepositoryErrors.PartiesUnordered(a, b);
        return a < b ? (a, b) : (b, a);
    }
}
