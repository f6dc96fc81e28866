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
    /// @param diffAt The current settlement's first diff.
    /// @param signatureAt Where the current settlement's signatures begin.
    /// @param width How many tokens the table has.
    /// @param nets Changes of reserves so far: entity's index × width + token's index.
    /// @param rows The current settlement's new rows of money, by position of its diffs.
    struct Run {
        SettlementDigest.Terms terms;
        uint256 diffAt;
        uint256 signatureAt;
        uint256 width;
        int256[] nets;
        uint256[] rows;
        bool atomic;
    }

    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        bytes32[] calldata entities = list.entities;
        uint32[] calldata tokens = list.tokens;
        Diff[] calldata diffs = list.diffs;
        bytes calldata signatures = list.signatures;
        _checkTables(book, entities, tokens);
        Run memory run;
        run.width = tokens.length;
        run.nets = new int256[](entities.length * tokens.length);
        run.rows = new uint256[](tokens.length);
        run.terms.typehash = SettlementDigest.TYPEHASH;
        run.atomic = list.atomic;

        SettlementHead[] calldata heads = list.heads;
        for (uint256 i = 0; i < heads.length; ++i) {
            SettlementHead calldata head = heads[i];
            uint256 diffEnd = run.diffAt + head.diffs;
            uint256 middle = run.signatureAt + head.leftSignature;
            uint256 end = middle + head.rightSignature;
            _checkHead(head, entities.length, diffEnd, diffs.length, i);
            _requireInside(end, signatures.length);
            _settleOne(
                book,
                head,
                entities,
                tokens,
                diffs[run.diffAt:diffEnd],
                signatures[run.signatureAt:middle],
                signatures[middle:end],
                scope,
                run
            );
            run.diffAt = diffEnd;
            run.signatureAt = end;
        }
        _requireUsedUp(run.diffAt, diffs.length);
        _requireUsedUp(run.signatureAt, signatures.length);
        _writeNets(book, entities, tokens, run.nets);
    }

    function _settleOne(
        Book.State storage book,
        SettlementHead calldata head,
        bytes32[] calldata entities,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        bytes calldata leftSignature,
        bytes calldata rightSignature,
        Book.Scope memory scope,
        Run memory run
    ) private {
        SettlementDigest.Terms memory terms = run.terms;
        uint256 leftIndex = head.left;
        uint256 rightIndex = head.right;
        terms.left = entities[leftIndex];
        terms.right = entities[rightIndex];
        terms.epoch = head.epoch;
        terms.number = head.number;
        terms.deadline = head.deadline;
        terms.plan = head.plan;

        Accounts.Account storage account = book.accounts.find(terms.left, terms.right);
        bytes memory reason = _objectionToTerms(account.head, terms);
        if (reason.length == 0) reason = _stage(account, tokens, diffs, run);
        if (reason.length == 0) {
            reason = _objectionToSignatures(scope, terms, leftSignature, rightSignature);
        }
        if (reason.length == 0 && !run.atomic) {
            reason = _objectionToReserves(book, tokens, diffs, leftIndex, rightIndex, run);
        }
        if (reason.length == 0) {
            _apply(account, tokens, diffs, leftIndex * run.width, rightIndex * run.width, run);
        } else {
            if (run.atomic) Reason.raise(reason);
            emit IDepositoryEvents.SettlementSkipped(
                terms.left,
                terms.right,
                uint64(terms.epoch),
                uint64(terms.number),
                Reason.cut(reason)
            );
        }
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

    /// @dev Since the table ascends, ascending indices are ascending ids.
    function _checkHead(
        SettlementHead calldata head,
        uint256 entities,
        uint256 diffEnd,
        uint256 diffs,
        uint256 index
    ) private pure {
        uint256 right = head.right;
        if (head.left >= right || right >= entities || head.diffs == 0 || diffEnd > diffs) {
            revert IDepositoryErrors.SettlementMalformed(index);
        }
    }

    /// @return reason Empty if nothing speaks against the settlement but its diffs or signatures.
    function _objectionToTerms(
        Accounts.Head memory stored,
        SettlementDigest.Terms memory terms
    ) private view returns (bytes memory reason) {
        if (terms.plan != 0) {
            bytes4 selector = IDepositoryErrors.SettlementNamesPlan.selector;
            return abi.encodeWithSelector(selector, terms.plan);
        }
        if (block.timestamp > terms.deadline) {
            bytes4 selector = IDepositoryErrors.DeadlinePassed.selector;
            return abi.encodeWithSelector(selector, terms.deadline, block.timestamp);
        }
        if (stored.epoch != terms.epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return abi.encodeWithSelector(selector, stored.epoch, terms.epoch);
        }
        if (stored.number >= terms.number) {
            bytes4 selector = IDepositoryErrors.NumberUsed.selector;
            return abi.encodeWithSelector(selector, stored.number, terms.number);
        }
    }

    /// @notice Checks the diffs, hashes them into the terms, and puts the new rows aside.
    /// @dev Nothing is allocated but for an error, as Packed demands.
    function _stage(
        Accounts.Account storage account,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        Run memory run
    ) private view returns (bytes memory reason) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        uint256 next = 0;
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            if (index < next || index >= tokens.length) {
                revert IDepositoryErrors.SettlementMalformed(run.diffAt);
            }
            next = index + 1;
            uint32 token = tokens[index];
            int128 leftDiff = diff.leftDiff;
            int128 rightDiff = diff.rightDiff;
            int128 collateralDiff = diff.collateralDiff;
            int128 ondeltaDiff = diff.ondeltaDiff;
            reason = _objectionToDiff(token, leftDiff, rightDiff, collateralDiff, ondeltaDiff);
            if (reason.length != 0) return reason;
            cursor = cursor.put(token, leftDiff, rightDiff, collateralDiff, ondeltaDiff);
            (run.rows[d], reason) = Accounts.moved(
                account.money[token],
                token,
                collateralDiff,
                ondeltaDiff
            );
            if (reason.length != 0) return reason;
        }
        run.terms.diffsHash = from.hash(cursor);
    }

    function _objectionToDiff(
        uint32 token,
        int256 leftDiff,
        int256 rightDiff,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) private pure returns (bytes memory) {
        unchecked {
            // Sums of at most three 128-bit integers cannot leave 256 bits.
            int256 sum = leftDiff + rightDiff + collateralDiff;
            if (sum != 0) {
                bytes4 selector = IDepositoryErrors.DiffUnbalanced.selector;
                return abi.encodeWithSelector(selector, token, sum);
            }
            int256 gift = leftDiff + ondeltaDiff;
            if (gift != 0) {
                bytes4 selector = IDepositoryErrors.DiffUnfair.selector;
                return abi.encodeWithSelector(selector, token, gift);
            }
        }
        return "";
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
    ) private view returns (bytes memory) {
        if (entity == scope.carrier && signature.length == 0) return "";
        return Authorisation.objection(scope.provider, entity, digest, signature);
    }

    /// @dev Only in a list that skips: there each settlement must be solvent in its turn.
    function _objectionToReserves(
        Book.State storage book,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        uint256 leftIndex,
        uint256 rightIndex,
        Run memory run
    ) private view returns (bytes memory reason) {
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            int256 net = run.nets[leftIndex * run.width + index];
            uint32 token = tokens[index];
            reason = _objectionToReserve(book, run.terms.left, token, net, diff.leftDiff);
            if (reason.length != 0) return reason;
            net = run.nets[rightIndex * run.width + index];
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

    function _apply(
        Accounts.Account storage account,
        uint32[] calldata tokens,
        Diff[] calldata diffs,
        uint256 leftCells,
        uint256 rightCells,
        Run memory run
    ) private {
        SettlementDigest.Terms memory terms = run.terms;
        account.head.number = uint64(terms.number);
        uint256 packed = (terms.epoch << 64) | terms.number;
        for (uint256 d = 0; d < diffs.length; ++d) {
            Diff calldata diff = diffs[d];
            uint256 index = diff.token;
            uint32 token = tokens[index];
            uint256 money = run.rows[d];
            account.money[token] = money;
            unchecked {
                // No more diffs than Budget.MAX_DIFFS, each below 2^127.
                run.nets[leftCells + index] += diff.leftDiff;
                run.nets[rightCells + index] += diff.rightDiff;
            }
            Accounts.report(terms.left, terms.right, token, packed, money);
        }
    }

    /// @dev Credited ids need no check: each signed, so each is somebody.
    function _writeNets(
        Book.State storage book,
        bytes32[] calldata entities,
        uint32[] calldata tokens,
        int256[] memory nets
    ) private {
        uint256 cell = 0;
        for (uint256 e = 0; e < entities.length; ++e) {
            for (uint256 t = 0; t < tokens.length; ++t) {
                int256 net = nets[cell++];
                if (net != 0) book.reserves.change(entities[e], tokens[t], net);
            }
        }
    }

    function _requireInside(uint256 stated, uint256 present) private pure {
        if (stated > present) revert IDepositoryErrors.ListMismatch(stated, present);
    }

    function _requireUsedUp(uint256 stated, uint256 present) private pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }
}
