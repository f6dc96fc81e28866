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
        uint32 token = group.token;
        ReserveTransfer[] calldata transfers = group.transfers;
        for (uint256 i = 0; i < transfers.length; ++i) {
            bytes32 to = transfers[i].to;
            uint256 amount = transfers[i].amount;
            requireAmount(amount);
            Authorisation.requireGiven(scope.provider, to);
            sum += amount;
            book.reserves.credit(to, token, amount);
        }
        if (sum != 0) book.reserves.debit(scope.carrier, token, sum);
    }

    function releaseCollateral(
        Book.State storage book,
        CollateralToReserve calldata group,
        Book.Scope memory scope
    ) internal {
        uint256 sum = 0;
        uint256 cursor = 0;
        uint32 token = group.token;
        CollateralRelease[] calldata releases = group.releases;
        bytes calldata signatures = group.signatures;
        for (uint256 i = 0; i < releases.length; ++i) {
            CollateralRelease calldata release = releases[i];
            requireAmount(release.amount);
            uint256 end = cursor + release.signatureLength;
            if (end > signatures.length) {
                revert IDepositoryErrors.ListMismatch(end, signatures.length);
            }
            sum += _release(book, token, release, signatures[cursor:end], scope);
            cursor = end;
        }
        if (cursor != signatures.length) {
            revert IDepositoryErrors.ListMismatch(cursor, signatures.length);
        }
        if (sum != 0) book.reserves.credit(scope.carrier, token, sum);
    }

    function fundCollateral(
        Book.State storage book,
        ReserveToCollateral calldata group,
        Book.Scope memory scope
    ) internal {
        uint256 sum = 0;
        uint32 token = group.token;
        CollateralFunding[] calldata fundings = group.fundings;
        for (uint256 i = 0; i < fundings.length; ++i) {
            uint256 amount = fundings[i].amount;
            requireAmount(amount);
            sum += amount;
            _fund(book, token, fundings[i].beneficiary, fundings[i].counterparty, amount, scope);
        }
        if (sum != 0) book.reserves.debit(scope.carrier, token, sum);
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
        uint256 epochNumber = (uint256(release.epoch) << 64) | release.number;
        Accounts.report(left, right, token, epochNumber, money);
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
        SettlementDigest.Terms memory terms;
        terms.typehash = SettlementDigest.TYPEHASH;
        terms.left = left;
        terms.right = right;
        terms.epoch = release.epoch;
        terms.number = release.number;
        terms.deadline = release.deadline;
        uint256 from = Packed.start();
        uint256 end = isLeft
            ? from.put(token, gain, 0, -gain, -gain)
            : from.put(token, 0, gain, -gain, 0);
        terms.diffsHash = from.hash(end);
        bytes32 structHash = SettlementDigest.structHash(terms);
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function _fund(
        Book.State storage book,
        uint32 token,
        bytes32 beneficiary,
        bytes32 counterparty,
        uint256 amount,
        Book.Scope memory scope
    ) private {
        Authorisation.requireGiven(scope.provider, beneficiary);
        Authorisation.requireGiven(scope.provider, counterparty);
        bool isLeft = beneficiary < counterparty;
        (bytes32 left, bytes32 right) = _order(beneficiary, counterparty);
        Accounts.Account storage account = book.accounts.find(left, right);
        int256 change = int256(amount);
        (uint256 money, bytes memory reason) = Accounts.moved(
            account.money[token],
            token,
            change,
            isLeft ? change : int256(0)
        );
        Reason.raise(reason);
        account.money[token] = money;
        Accounts.report(left, right, token, 0, money);
    }

    function _order(bytes32 a, bytes32 b) private pure returns (bytes32 left, bytes32 right) {
        if (a == b) revert IDepositoryErrors.PartiesUnordered(a, b);
        return a < b ? (a, b) : (b, a);
    }
}
