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

    /// @param diffAt The current settlement's first diff.
    /// @param signatureAt Where the current settlement's signatures begin.
    /// @param nets Changes of reserves so far: entity's index × number of tokens + token's index.
    /// @param rows The current settlement's new rows of money, by position of its diffs.
    struct Run {
        uint256 diffAt;
        uint256 signatureAt;
        int256[] nets;
        uint256[] rows;
    }

    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        _checkTables(book, list);
        Run memory run;
        run.nets = new int256[](list.entities.length * list.tokens.length);
        run.rows = new uint256[](list.tokens.length);

        uint256 count = list.heads.length;
        for (uint256 i = 0; i < count; ++i) {
            SettlementHead calldata head = list.heads[i];
            _checkShape(list, head, run, i);
            bytes memory reason = _objection(book, list, head, scope, run);
            if (reason.length == 0) {
                _apply(book, list, head, run);
            } else {
                if (list.atomic) Reason.raise(reason);
                _reportSkipped(list, head, reason);
            }
            run.diffAt += head.diffs;
            run.signatureAt += uint256(head.leftSignature) + head.rightSignature;
        }
        _requireUsedUp(run.diffAt, list.diffs.length);
        _requireUsedUp(run.signatureAt, list.signatures.length);
        _writeNets(book, list, run.nets);
    }

    function _checkTables(Book.State storage book, Settlements calldata list) private view {
        uint256 previous = 0;
        for (uint256 i = 0; i < list.entities.length; ++i) {
            uint256 entity = uint256(list.entities[i]);
            if (entity <= previous) revert IDepositoryErrors.Unsorted(previous, entity);
            previous = entity;
        }
        previous = 0;
        for (uint256 i = 0; i < list.tokens.length; ++i) {
            uint256 token = list.tokens[i];
            if (token <= previous) revert IDepositoryErrors.Unsorted(previous, token);
            previous = token;
        }
        if (previous != 0) book.tokens.requireKnown(uint32(previous));
    }

    /// @dev Since the tables ascend, ascending indices are ascending ids.
    function _checkShape(
        Settlements calldata list,
        SettlementHead calldata head,
        Run memory run,
        uint256 index
    ) private pure {
        uint256 end = run.diffAt + head.diffs;
        bool ordered = head.left < head.right && head.right < list.entities.length;
        if (!ordered || head.diffs == 0 || end > list.diffs.length) {
            revert IDepositoryErrors.SettlementMalformed(index);
        }
        uint256 next = 0;
        for (uint256 d = run.diffAt; d < end; ++d) {
            uint256 token = list.diffs[d].token;
            if (token < next || token >= list.tokens.length) {
                revert IDepositoryErrors.SettlementMalformed(index);
            }
            next = token + 1;
        }
        uint256 used = run.signatureAt + head.leftSignature + head.rightSignature;
        if (used > list.signatures.length) {
            revert IDepositoryErrors.ListMismatch(used, list.signatures.length);
        }
    }

    /// @return reason Empty if the settlement may land; its new rows are then in `run.rows`.
    function _objection(
        Book.State storage book,
        Settlements calldata list,
        SettlementHead calldata head,
        Book.Scope memory scope,
        Run memory run
    ) private view returns (bytes memory reason) {
        bytes32 left = list.entities[head.left];
        bytes32 right = list.entities[head.right];
        Accounts.Account storage account = book.accounts.find(left, right);
        reason = _objectionToHead(account.head, head);
        if (reason.length != 0) return reason;

        bytes32 diffsHash;
        (diffsHash, reason) = _hashFairDiffs(list, head.diffs, run.diffAt);
        if (reason.length != 0) return reason;

        reason = _objectionToSignatures(list, head, scope, run.signatureAt, diffsHash);
        if (reason.length != 0) return reason;
        return _objectionToMoney(book, account, list, head, run);
    }

    function _objectionToHead(
        Accounts.Head storage stored,
        SettlementHead calldata head
    ) private view returns (bytes memory) {
        if (head.plan != 0) {
            bytes4 selector = IDepositoryErrors.SettlementNamesPlan.selector;
            return abi.encodeWithSelector(selector, head.plan);
        }
        if (block.timestamp > head.deadline) {
            bytes4 selector = IDepositoryErrors.DeadlinePassed.selector;
            return abi.encodeWithSelector(selector, head.deadline, block.timestamp);
        }
        if (stored.epoch != head.epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return abi.encodeWithSelector(selector, stored.epoch, head.epoch);
        }
        if (stored.number >= head.number) {
            bytes4 selector = IDepositoryErrors.NumberUsed.selector;
            return abi.encodeWithSelector(selector, stored.number, head.number);
        }
        return "";
    }

    /// @dev Sums of three or fewer 128-bit integers cannot overflow 256 bits.
    function _hashFairDiffs(
        Settlements calldata list,
        uint256 count,
        uint256 first
    ) private pure returns (bytes32, bytes memory) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        for (uint256 d = 0; d < count; ++d) {
            Diff calldata diff = list.diffs[first + d];
            uint32 token = list.tokens[diff.token];
            int256 leftDiff = diff.leftDiff;
            int256 sum = leftDiff + diff.rightDiff + diff.collateralDiff;
            if (sum != 0) {
                bytes4 selector = IDepositoryErrors.DiffUnbalanced.selector;
                return (0, abi.encodeWithSelector(selector, token, sum));
            }
            int256 gift = leftDiff + diff.ondeltaDiff;
            if (gift != 0) {
                bytes4 selector = IDepositoryErrors.DiffUnfair.selector;
                return (0, abi.encodeWithSelector(selector, token, gift));
            }
            cursor = cursor.put(
                token,
                diff.leftDiff,
                diff.rightDiff,
                diff.collateralDiff,
                diff.ondeltaDiff
            );
        }
        return (from.hash(cursor), "");
    }

    function _objectionToSignatures(
        Settlements calldata list,
        SettlementHead calldata head,
        Book.Scope memory scope,
        uint256 cursor,
        bytes32 diffsHash
    ) private view returns (bytes memory reason) {
        bytes32 left = list.entities[head.left];
        bytes32 right = list.entities[head.right];
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            scope.domain,
            SettlementDigest.structHash(
                left,
                right,
                head.epoch,
                head.number,
                head.deadline,
                head.plan,
                diffsHash
            )
        );
        uint256 middle = cursor + head.leftSignature;
        reason = _objectionOf(scope, left, digest, list.signatures[cursor:middle]);
        if (reason.length != 0) return reason;
        uint256 end = middle + head.rightSignature;
        return _objectionOf(scope, right, digest, list.signatures[middle:end]);
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

    function _objectionToMoney(
        Book.State storage book,
        Accounts.Account storage account,
        Settlements calldata list,
        SettlementHead calldata head,
        Run memory run
    ) private view returns (bytes memory reason) {
        for (uint256 d = 0; d < head.diffs; ++d) {
            Diff calldata diff = list.diffs[run.diffAt + d];
            uint32 token = list.tokens[diff.token];
            (run.rows[d], reason) = Accounts.moved(
                account.money[token],
                token,
                diff.collateralDiff,
                diff.ondeltaDiff
            );
            if (reason.length != 0) return reason;
            if (list.atomic) continue;
            reason = _objectionToReserve(book, list, run, head.left, diff.token, diff.leftDiff);
            if (reason.length != 0) return reason;
            reason = _objectionToReserve(book, list, run, head.right, diff.token, diff.rightDiff);
            if (reason.length != 0) return reason;
        }
    }

    /// @dev Only in a list that skips: there each settlement must be solvent in its turn.
    function _objectionToReserve(
        Book.State storage book,
        Settlements calldata list,
        Run memory run,
        uint256 entity,
        uint256 token,
        int256 change
    ) private view returns (bytes memory) {
        if (change >= 0) return "";
        bytes32 id = list.entities[entity];
        uint32 tokenId = list.tokens[token];
        int256 reserve = int256(uint256(book.reserves.amountOf(id, tokenId))) +
            run.nets[entity * list.tokens.length + token];
        if (reserve + change >= 0) return "";
        bytes4 selector = IDepositoryErrors.ReserveInsufficient.selector;
        return abi.encodeWithSelector(selector, id, tokenId, reserve, -change);
    }

    function _apply(
        Book.State storage book,
        Settlements calldata list,
        SettlementHead calldata head,
        Run memory run
    ) private {
        bytes32 left = list.entities[head.left];
        bytes32 right = list.entities[head.right];
        Accounts.Account storage account = book.accounts.find(left, right);
        account.head.number = head.number;
        uint256 width = list.tokens.length;
        for (uint256 d = 0; d < head.diffs; ++d) {
            Diff calldata diff = list.diffs[run.diffAt + d];
            uint32 token = list.tokens[diff.token];
            account.money[token] = run.rows[d];
            run.nets[head.left * width + diff.token] += diff.leftDiff;
            run.nets[head.right * width + diff.token] += diff.rightDiff;
            Accounts.report(left, right, token, head.epoch, head.number, run.rows[d]);
        }
    }

    /// @dev Credited ids need no check: each signed, so each is somebody.
    function _writeNets(
        Book.State storage book,
        Settlements calldata list,
        int256[] memory nets
    ) private {
        uint256 cell = 0;
        for (uint256 e = 0; e < list.entities.length; ++e) {
            for (uint256 t = 0; t < list.tokens.length; ++t) {
                int256 net = nets[cell++];
                if (net != 0) book.reserves.change(list.entities[e], list.tokens[t], net);
            }
        }
    }

    function _reportSkipped(
        Settlements calldata list,
        SettlementHead calldata head,
        bytes memory reason
    ) private {
        emit IDepositoryEvents.SettlementSkipped(
            list.entities[head.left],
            list.entities[head.right],
            head.epoch,
            head.number,
            Reason.cut(reason)
        );
    }

    function _requireUsedUp(uint256 stated, uint256 present) private pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }
}
