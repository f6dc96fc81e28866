// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Diff, SettlementHead, Settlements} from "../type/Operation.sol";
import {Accounts} from "./Accounts.sol";
import {Authorisation} from "./Authorisation.sol";
import {Book} from "./Book.sol";
import {Nets} from "./Nets.sol";
import {Packed} from "./Packed.sol";
import {Reason} from "./Reason.sol";
import {Reserves} from "./Reserves.sol";
import {Tokens} from "./Tokens.sol";

/// @title Carries out a list of settlements (DEP-4, DEP-5).
/// @dev What is wrong with a settlement itself is a reason: it fails an atomic list and is skipped
/// in any other. What is wrong with the list, which nobody signed, always fails the call.
library SettlementRun {
    using Accounts for Accounts.State;
    using Packed for uint256;
    using Reserves for Reserves.State;
    using SettlementDigest for uint256;
    using Tokens for Tokens.State;

    /// @param terms What the current settlement's sides signed.
    /// @param left Index of its left side, checked against the table.
    /// @param right Index of its right side, checked against the table.
    struct Run {
        SettlementDigest.Terms terms;
        uint256 left;
        uint256 right;
        Nets.State nets;
        bool atomic;
    }

    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        bytes32[] calldata entities = list.entities;
        uint32[] calldata tokens = list.tokens;
        _checkTables(book, entities, tokens);
        Run memory run;
        run.nets = Nets.create(entities.length, tokens.length);
        run.terms.typehash = SettlementDigest.TYPEHASH;
        run.atomic = list.atomic;
        _settleAll(book, list, entities, tokens, scope, run);
        _writeNets(book, entities, tokens, run.nets);
    }

    function _checkTables(
        Book.State storage book,
        bytes32[] calldata entities,
        uint32[] calldata tokens
    ) private view {
        uint256 previous = 0;
        for (uint256 i = 0; i < entities.length; ++i) {
            uint256 entity = uint256(entities[i]);
            if (entity <= previous) revert IDepositoryErrors.Unsorted(previous, entity);
            previous = entity;
        }
        previous = 0;
        for (uint256 i = 0; i < tokens.length; ++i) {
            uint256 token = tokens[i];
            if (token <= previous) revert IDepositoryErrors.Unsorted(previous, token);
            previous = token;
        }
        if (previous != 0) book.tokens.requireKnown(uint32(previous));
    }

    function _settleAll(
        Book.State storage book,
        Settlements calldata list,
        bytes32[] calldata entities,
        uint32[] calldata tokens,
        Book.Scope memory scope,
        Run memory run
    ) private {
        Diff[] calldata diffs = list.diffs;
        bytes calldata signatures = list.signatures;
        SettlementHead[] calldata heads = list.heads;
        uint256 diffAt = 0;
        uint256 signatureAt = 0;
        for (uint256 i = 0; i < heads.length; ++i) {
            SettlementHead calldata head = heads[i];
            _readHead(head, entities, run, i);
            // Each is below 2^64, so these sums cannot overflow.
            uint256 diffEnd = diffAt + head.diffs;
            uint256 middle = signatureAt + head.leftSignature;
            uint256 end = middle + head.rightSignature;
            if (diffEnd > diffs.length) {
                revert IDepositoryErrors.ListMismatch(diffEnd, diffs.length);
            }
            if (end > signatures.length) {
                revert IDepositoryErrors.ListMismatch(end, signatures.length);
            }
            _settleOne(
                book,
                tokens,
                diffs[diffAt:diffEnd],
                signatures[signatureAt:middle],
                signatures[middle:end],
                scope,
                run
            );
            diffAt = diffEnd;
            signatureAt = end;
        }
        _requireUsedUp(diffAt, diffs.length);
        _requireUsedUp(signatureAt, signatures.length);
    }

    /// @dev Since the table ascends, ascending indices are ascending ids.
    function _readHead(
        SettlementHead calldata head,
        bytes32[] calldata entities,
        Run memory run,
        uint256 index
    ) private pure {
        SettlementDigest.Terms memory terms = run.terms;
        (uint256 left, uint256 right) = (head.left, head.right);
        (terms.epoch, terms.number, terms.deadline) = (head.epoch, head.number, head.deadline);
        uint256 lengths = head.diffs | head.leftSignature | head.rightSignature;
        bool tooLarge = (terms.epoch | terms.number | terms.deadline | lengths) >> 64 != 0;
        if (left >= right || right >= entities.length || head.diffs == 0 || tooLarge) {
            revert IDepositoryErrors.SettlementMalformed(index);
        }
        (run.left, run.right) = (left, right);
        (terms.left, terms.right) = (entities[left], entities[right]);
    }

    function _settleOne(
        Book.State storage book,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        bytes calldata leftSignature,
        bytes calldata rightSignature,
        Book.Scope memory scope,
        Run memory run
    ) private {
        SettlementDigest.Terms memory terms = run.terms;
        terms.diffsHash = _hashDiffs(tokens, diffs);
        Accounts.Account storage account = book.accounts.find(terms.left, terms.right);
        uint256 head = account.head;
        bytes memory reason = _objectionToTerms(head, terms);
        if (reason.length == 0) {
            reason = _objectionToSignatures(scope, terms, leftSignature, rightSignature);
        }
        if (reason.length == 0 && !run.atomic) {
            reason = _objectionToMoney(book, account, tokens, diffs, run);
        }
        if (reason.length == 0) {
            account.head = Accounts.withNumber(head, terms.number);
            _apply(account, tokens, diffs, run);
            return;
        }
        if (run.atomic) Reason.raise(reason);
        emit IDepositoryEvents.SettlementSkipped(
            terms.left,
            terms.right,
            uint64(terms.epoch),
            uint64(terms.number),
            Reason.cut(reason)
        );
    }

    /// @dev Nothing is allocated on the way, as Packed demands. A sum of diffs that 128 bits
    /// cannot hold is cut here and refused with the row that it would make.
    function _hashDiffs(
        uint32[] calldata tokens,
        Diff[] calldata diffs
    ) private pure returns (bytes32) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        uint256 next = 0;
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            if (index < next) revert IDepositoryErrors.Unsorted(next, index);
            int128 leftDiff = diff.leftDiff;
            int128 rightDiff = diff.rightDiff;
            // The one value whose negative has no encoding.
            if (leftDiff == type(int128).min) revert IDepositoryErrors.AmountInvalid(1 << 127);
            unchecked {
                next = index + 1;
                cursor = cursor.put(
                    tokens[index],
                    leftDiff,
                    rightDiff,
                    -(leftDiff + rightDiff),
                    -leftDiff
                );
            }
        }
        return from.hash(cursor);
    }

    function _objectionToTerms(
        uint256 head,
        SettlementDigest.Terms memory terms
    ) private view returns (bytes memory reason) {
        if (block.timestamp > terms.deadline) {
            bytes4 selector = IDepositoryErrors.DeadlinePassed.selector;
            return abi.encodeWithSelector(selector, terms.deadline, block.timestamp);
        }
        uint256 epoch = Accounts.epochOf(head);
        if (epoch != terms.epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return abi.encodeWithSelector(selector, epoch, terms.epoch);
        }
        uint256 number = Accounts.numberOf(head);
        if (number >= terms.number) {
            bytes4 selector = IDepositoryErrors.NumberUsed.selector;
            return abi.encodeWithSelector(selector, number, terms.number);
        }
    }

    function _objectionToSignatures(
        Book.Scope memory scope,
        SettlementDigest.Terms memory terms,
        bytes calldata left,
        bytes calldata right
    ) private view returns (bytes memory reason) {
        bytes32 structHash = SettlementDigest.structHash(terms);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        reason = _objectionOf(scope, terms.left, digest, left);
        if (reason.length == 0) reason = _objectionOf(scope, terms.right, digest, right);
    }

    /// @dev The carrier has signed all of its batch, and brings no second signature.
    function _objectionOf(
        Book.Scope memory scope,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bytes memory reason) {
        if (signature.length == 0 && entity == scope.carrier) return reason;
        return Authorisation.objection(scope.provider, entity, digest, signature);
    }

    /// @dev Only in a list that skips. An atomic one meets the same errors when it is applied,
    /// and there each settlement need not be solvent in its turn.
    function _objectionToMoney(
        Book.State storage book,
        Accounts.Account storage account,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        Run memory run
    ) private view returns (bytes memory reason) {
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            uint32 token = tokens[index];
            (, reason) = _moved(account.money[token], token, diff.leftDiff, diff.rightDiff);
            if (reason.length != 0) return reason;
            int256 net = Nets.get(run.nets, run.left, index);
            reason = _objectionToReserve(book, run.terms.left, token, net, diff.leftDiff);
            if (reason.length != 0) return reason;
            net = Nets.get(run.nets, run.right, index);
            reason = _objectionToReserve(book, run.terms.right, token, net, diff.rightDiff);
            if (reason.length != 0) return reason;
        }
    }

    function _objectionToReserve(
        Book.State storage book,
        bytes32 entity,
        uint32 token,
        int256 net,
        int256 change
    ) private view returns (bytes memory) {
        if (change >= 0) return "";
        int256 reserve = int256(uint256(book.reserves.amountOf(entity, token))) + net;
        if (reserve + change >= 0) return "";
        bytes4 selector = IDepositoryErrors.ReserveInsufficient.selector;
        return abi.encodeWithSelector(selector, entity, token, reserve, -change);
    }

    /// @dev All changes sum to zero, and left's claim grows by what left pays.
    function _moved(
        uint256 money,
        uint256 token,
        int256 leftDiff,
        int256 rightDiff
    ) private pure returns (uint256 next, bytes memory reason) {
        unchecked {
            return Accounts.moved(money, token, -(leftDiff + rightDiff), -leftDiff);
        }
    }

    function _apply(
        Accounts.Account storage account,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        Run memory run
    ) private {
        SettlementDigest.Terms memory terms = run.terms;
        Nets.State memory nets = run.nets;
        uint256 epochNumber = (terms.epoch << 64) | terms.number;
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            uint256 token = tokens[index];
            int256 leftDiff = diff.leftDiff;
            int256 rightDiff = diff.rightDiff;
            (uint256 money, bytes memory reason) = _moved(
                account.money[token],
                token,
                leftDiff,
                rightDiff
            );
            Reason.raise(reason);
            account.money[token] = money;
            Nets.add(nets, run.left, index, leftDiff);
            Nets.add(nets, run.right, index, rightDiff);
            Accounts.report(terms.left, terms.right, token, epochNumber, money);
        }
    }

    /// @dev Credited ids need no check: each signed, so each is somebody.
    function _writeNets(
        Book.State storage book,
        bytes32[] calldata entities,
        uint32[] calldata tokens,
        Nets.State memory nets
    ) private {
        for (uint256 e = 0; e < entities.length; ++e) {
            for (uint256 t = 0; t < tokens.length; ++t) {
                int256 net = Nets.get(nets, e, t);
                if (net != 0) book.reserves.change(entities[e], tokens[t], net);
            }
        }
    }

    function _requireUsedUp(uint256 stated, uint256 present) private pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }
}
