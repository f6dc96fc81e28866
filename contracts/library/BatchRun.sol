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
import {Refusal} from "./Refusal.sol";
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
            // Who paid itself could be credited, and reported, with what nobody has.
            if (to == scope.carrier) revert IDepositoryErrors.PartiesUnordered(to, to);
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
            if ((release.epoch | release.number | release.deadline) >> 64 != 0) {
                revert IDepositoryErrors.SettlementMalformed(i);
            }
            uint256 end = cursor + release.signatureLength;
            if (end > signatures.length) {
                revert IDepositoryErrors.ListMismatch(end, signatures.length);
            }
            sum += _release(book, token, release, signatures[cursor:end], scope);
            cursor = end;
        }
        Refusal.requireUsedUp(cursor, signatures.length);
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
        uint256 token,
        CollateralRelease calldata release,
        bytes calldata signature,
        Book.Scope memory scope
    ) private returns (uint256) {
        SettlementDigest.Terms memory terms = _termsOf(token, release, scope.carrier);
        Accounts.Account storage account = book.accounts.find(terms.left, terms.right);
        if (_isOver(account.head, terms)) return 0;
        Refusal.requireInTime(terms.deadline);
        bytes32 structHash = SettlementDigest.structHash(terms);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        Reason.raise(Authorisation.objection(scope, release.counterparty, digest, signature));

        int256 change = -int256(release.amount);
        int256 ondeltaDiff = terms.left == scope.carrier ? change : int256(0);
        (uint256 money, bytes memory reason) = Accounts.moved(
            account.money[token],
            token,
            change,
            ondeltaDiff
        );
        Reason.raise(reason);
        account.head = Accounts.withNumber(account.head, terms.number);
        account.money[token] = money;
        uint256 epochNumber = (terms.epoch << 64) | terms.number;
        Accounts.report(terms.left, terms.right, token, epochNumber, money);
        return release.amount;
    }

    /// @return terms The settlement that the release is, as the counterparty signed it.
    function _termsOf(
        uint256 token,
        CollateralRelease calldata release,
        bytes32 carrier
    ) private pure returns (SettlementDigest.Terms memory terms) {
        (terms.left, terms.right) = Accounts.order(carrier, release.counterparty);
        terms.typehash = SettlementDigest.TYPEHASH;
        terms.epoch = release.epoch;
        terms.number = release.number;
        terms.deadline = release.deadline;
        int256 gain = int256(release.amount);
        uint256 from = Packed.start();
        uint256 end =
            terms.left == carrier
                ? from.put(token, gain, 0, -gain, -gain)
                : from.put(token, 0, gain, -gain, 0);
        terms.diffsHash = from.hash(end);
    }

    /// @dev The number is used, the epoch over, or a dispute is live, which ends it: what was
    /// wanted is done, or void for good. That is reported and changes nothing, so nobody holds up a
    /// batch by a dispute; an epoch that has not begun fails the batch.
    function _isOver(uint256 head, SettlementDigest.Terms memory terms) private returns (bool) {
        uint256 epoch = Accounts.epochOf(head);
        uint256 number = Accounts.numberOf(head);
        if (terms.epoch > epoch) revert IDepositoryErrors.EpochInvalid(epoch, terms.epoch);
        bytes memory reason;
        if (terms.epoch < epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            reason = abi.encodeWithSelector(selector, epoch, terms.epoch);
        } else if (Accounts.isDisputed(head)) {
            bytes4 selector = IDepositoryErrors.DisputeLive.selector;
            reason = abi.encodeWithSelector(selector, terms.left, terms.right);
        } else if (terms.number <= number) {
            bytes4 selector = IDepositoryErrors.NumberUsed.selector;
            reason = abi.encodeWithSelector(selector, number, terms.number);
        } else {
            return false;
        }
        emit IDepositoryEvents.SettlementSkipped(
            terms.left,
            terms.right,
            uint64(terms.epoch),
            uint64(terms.number),
            reason
        );
        return true;
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
        (bytes32 left, bytes32 right) = Accounts.order(beneficiary, counterparty);
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
}
