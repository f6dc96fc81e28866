// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Settlements} from "../type/Operation.sol";
import {Accounts} from "./Accounts.sol";
import {Authorisation} from "./Authorisation.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
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
    using Calldata for uint256;
    using Packed for uint256;
    using Reserves for Reserves.State;
    using SettlementDigest for uint256;
    using Tokens for Tokens.State;

    uint256 private constant HEAD_SIZE = 8 * 32;
    uint256 private constant DIFF_SIZE = 3 * 32;
    uint256 private constant MAX_DIFF = 0x7fffffffffffffffffffffffffffffff;

    /// @dev Positions in calldata, as checked by Layout. `diffs` and `signatures` move on with
    /// every settlement.
    struct Lists {
        uint256 entities;
        uint256 entityCount;
        uint256 tokens;
        uint256 tokenCount;
        uint256 heads;
        uint256 headCount;
        uint256 diffs;
        uint256 diffsEnd;
        uint256 signatures;
        uint256 signaturesEnd;
    }

    /// @param terms What the current settlement's sides signed.
    /// @param left Index of its left side.
    /// @param right Index of its right side.
    /// @param diffsEnd Where its diffs end.
    /// @param index Its place in the list.
    /// @param packed Where in memory its diffs are packed to be hashed.
    struct Run {
        Lists lists;
        SettlementDigest.Terms terms;
        Nets.State nets;
        uint256 left;
        uint256 right;
        uint256 diffsEnd;
        uint256 index;
        uint256 packed;
        bool atomic;
    }

    /// @param list Its layout was checked.
    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        Run memory run;
        _locate(list, run.lists);
        Lists memory lists = run.lists;
        _checkTables(book, lists);
        run.nets = Nets.create(lists.entityCount, lists.tokenCount);
        run.packed = Packed.allocate(lists.tokenCount * SettlementDigest.DIFF_SIZE);
        run.terms.typehash = SettlementDigest.TYPEHASH;
        run.atomic = list.atomic;
        for (; run.index < lists.headCount; ++run.index) {
            _settleOne(book, scope, run);
        }
        _requireUsedUp(lists.diffs, lists.diffsEnd);
        _requireUsedUp(lists.signatures, lists.signaturesEnd);
        _writeNets(book, lists, run.nets);
    }

    function _locate(Settlements calldata list, Lists memory lists) private pure {
        uint256 base;
        assembly ("memory-safe") {
            base := list
        }
        unchecked {
            // Each list is its length, then its items; Layout has bounded the lengths.
            lists.entities = base + 7 * 32;
            lists.entityCount = (lists.entities - 32).word();
            lists.tokens = lists.entities + lists.entityCount * 32 + 32;
            lists.tokenCount = (lists.tokens - 32).word();
            lists.heads = lists.tokens + lists.tokenCount * 32 + 32;
            lists.headCount = (lists.heads - 32).word();
            lists.diffs = lists.heads + lists.headCount * HEAD_SIZE + 32;
            lists.diffsEnd = lists.diffs + (lists.diffs - 32).word() * DIFF_SIZE;
            lists.signatures = lists.diffsEnd + 32;
            lists.signaturesEnd = lists.signatures + (lists.signatures - 32).word();
        }
    }

    function _checkTables(Book.State storage book, Lists memory lists) private view {
        _requireAscending(lists.entities, lists.entityCount);
        uint256 last = _requireAscending(lists.tokens, lists.tokenCount);
        if (last != 0) book.tokens.requireKnown(last);
    }

    function _requireAscending(
        uint256 position,
        uint256 count
    ) private pure returns (uint256 previous) {
        unchecked {
            uint256 end = position + count * 32;
            for (; position < end; position += 32) {
                uint256 next = position.word();
                if (next <= previous) revert IDepositoryErrors.Unsorted(previous, next);
                previous = next;
            }
        }
    }

    /// @dev An atomic list writes money before it looks at signatures, since any objection undoes
    /// the call; a list that skips walks the diffs twice, first without writing.
    function _settleOne(Book.State storage book, Book.Scope memory scope, Run memory run) private {
        (uint256 middle, uint256 end) = _readHead(run);
        SettlementDigest.Terms memory terms = run.terms;
        Accounts.Account storage account = book.accounts.find(terms.left, terms.right);
        uint256 stored = account.head;
        bytes memory reason = _objectionToTerms(stored, terms);
        if (reason.length == 0) reason = _walkDiffs(book, account, run, run.atomic);
        if (reason.length == 0) reason = _objectionToSignatures(scope, run, middle, end);
        if (reason.length == 0) {
            account.head = Accounts.withNumber(stored, terms.number);
            if (!run.atomic) _walkDiffs(book, account, run, true);
        } else {
            if (run.atomic) Reason.raise(reason);
            _reportSkipped(terms, reason);
        }
        run.lists.diffs = run.diffsEnd;
        run.lists.signatures = end;
    }

    /// @dev Since the table ascends, ascending indices are ascending ids. Flags are joined by `or`,
    /// since every branch of a condition costs a jump.
    /// @return middle Where left's signature ends and right's begins.
    /// @return end Where right's signature ends.
    function _readHead(Run memory run) private pure returns (uint256 middle, uint256 end) {
        Lists memory lists = run.lists;
        SettlementDigest.Terms memory terms = run.terms;
        uint256 left;
        uint256 right;
        uint256 diffsEnd;
        bool malformed;
        assembly ("memory-safe") {
            let head := mload(add(lists, 0x80))
            mstore(add(lists, 0x80), add(head, HEAD_SIZE))
            left := calldataload(head)
            right := calldataload(add(head, 0x20))
            // Epoch, number and deadline lie in the terms as they lie here.
            calldatacopy(add(terms, 0x60), add(head, 0x40), 0x60)
            let count := calldataload(add(head, 0xa0))
            let leftLength := calldataload(add(head, 0xc0))
            let rightLength := calldataload(add(head, 0xe0))
            let large := or(mload(add(terms, 0x60)), mload(add(terms, 0x80)))
            large := or(large, or(mload(add(terms, 0xa0)), or(leftLength, rightLength)))
            // A count of zero wraps and is caught, too.
            malformed := iszero(lt(sub(count, 1), mload(add(lists, 0x60))))
            malformed := or(malformed, iszero(lt(left, right)))
            malformed := or(malformed, iszero(lt(right, mload(add(lists, 0x20)))))
            malformed := or(malformed, shr(64, large))
            diffsEnd := add(mload(add(lists, 0xc0)), mul(count, DIFF_SIZE))
            middle := add(mload(add(lists, 0x100)), leftLength)
            end := add(middle, rightLength)
            malformed := or(malformed, gt(diffsEnd, mload(add(lists, 0xe0))))
            malformed := or(malformed, gt(end, mload(add(lists, 0x120))))
            let entities := mload(lists)
            mstore(add(terms, 0x20), calldataload(add(entities, shl(5, left))))
            mstore(add(terms, 0x40), calldataload(add(entities, shl(5, right))))
        }
        if (malformed) revert IDepositoryErrors.SettlementMalformed(run.index);
        (run.left, run.right, run.diffsEnd) = (left, right, diffsEnd);
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

    /// @notice Checks the diffs, hashes them into the terms, and writes what they make: all changes
    /// sum to zero, and left's claim grows by what left pays.
    /// @dev A sum that 128 bits cannot hold is cut in the hash, but makes no money in range, so it
    /// is refused.
    function _walkDiffs(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        bool write
    ) private returns (bytes memory reason) {
        uint256 cursor = run.packed;
        uint256 next = 0;
        uint256 end = run.diffsEnd;
        unchecked {
            for (uint256 diff = run.lists.diffs; diff < end; diff += DIFF_SIZE) {
                (uint256 index, int256 leftDiff, int256 rightDiff) = _readDiff(diff, next, run);
                next = index + 1;
                uint256 token = (run.lists.tokens + index * 32).word();
                int256 collateralDiff = -(leftDiff + rightDiff);
                cursor = cursor.put(token, leftDiff, rightDiff, collateralDiff, -leftDiff);
                uint256 money = account.money[token];
                (money, reason) = Accounts.moved(money, token, collateralDiff, -leftDiff);
                if (reason.length != 0) return reason;
                if (write) {
                    account.money[token] = money;
                    Nets.add(run.nets, run.left, index, leftDiff);
                    Nets.add(run.nets, run.right, index, rightDiff);
                    _report(run.terms, token, money);
                } else {
                    reason = _objectionToReserves(book, run, index, leftDiff, rightDiff);
                    if (reason.length != 0) return reason;
                }
            }
        }
        run.terms.diffsHash = run.packed.hash(cursor);
    }

    /// @dev Both diffs within −2^127 + 1 … 2^127 − 1, so that their negatives are, too.
    function _readDiff(
        uint256 diff,
        uint256 next,
        Run memory run
    ) private pure returns (uint256 index, int256 leftDiff, int256 rightDiff) {
        bool malformed;
        uint256 width = run.lists.tokenCount;
        assembly ("memory-safe") {
            index := calldataload(diff)
            leftDiff := calldataload(add(diff, 0x20))
            rightDiff := calldataload(add(diff, 0x40))
            malformed := or(lt(index, next), iszero(lt(index, width)))
            malformed := or(malformed, gt(add(leftDiff, MAX_DIFF), mul(2, MAX_DIFF)))
            malformed := or(malformed, gt(add(rightDiff, MAX_DIFF), mul(2, MAX_DIFF)))
        }
        if (malformed) revert IDepositoryErrors.SettlementMalformed(run.index);
    }

    /// @dev A carrier has signed all of its batch, and brings no second signature.
    function _objectionToSignatures(
        Book.Scope memory scope,
        Run memory run,
        uint256 middle,
        uint256 end
    ) private view returns (bytes memory reason) {
        SettlementDigest.Terms memory terms = run.terms;
        bytes32 structHash = SettlementDigest.structHash(terms);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        uint256 start = run.lists.signatures;
        unchecked {
            if (start != middle || terms.left != scope.carrier) {
                bytes calldata signature = start.slice(middle - start);
                reason = Authorisation.objection(scope.provider, terms.left, digest, signature);
                if (reason.length != 0) return reason;
            }
            if (middle != end || terms.right != scope.carrier) {
                bytes calldata signature = middle.slice(end - middle);
                reason = Authorisation.objection(scope.provider, terms.right, digest, signature);
            }
        }
    }

    /// @dev Only in a list that skips: there each settlement must be solvent in its turn.
    function _objectionToReserves(
        Book.State storage book,
        Run memory run,
        uint256 index,
        int256 leftDiff,
        int256 rightDiff
    ) private view returns (bytes memory reason) {
        uint256 token = (run.lists.tokens + index * 32).word();
        int256 net = Nets.get(run.nets, run.left, index);
        reason = _objectionToReserve(book, run.terms.left, token, net, leftDiff);
        if (reason.length != 0) return reason;
        net = Nets.get(run.nets, run.right, index);
        return _objectionToReserve(book, run.terms.right, token, net, rightDiff);
    }

    function _objectionToReserve(
        Book.State storage book,
        bytes32 entity,
        uint256 token,
        int256 net,
        int256 change
    ) private view returns (bytes memory reason) {
        if (change >= 0) return reason;
        return book.reserves.objectionToDebit(entity, token, net, uint256(-change));
    }

    function _report(SettlementDigest.Terms memory terms, uint256 token, uint256 money) private {
        uint256 epochNumber = (terms.epoch << 64) | terms.number;
        Accounts.report(terms.left, terms.right, token, epochNumber, money);
    }

    function _reportSkipped(SettlementDigest.Terms memory terms, bytes memory reason) private {
        emit IDepositoryEvents.SettlementSkipped(
            terms.left,
            terms.right,
            uint64(terms.epoch),
            uint64(terms.number),
            Reason.cut(reason)
        );
    }

    /// @dev Credited ids need no check: each signed, so each is somebody.
    function _writeNets(
        Book.State storage book,
        Lists memory lists,
        Nets.State memory nets
    ) private {
        uint256 width = lists.tokenCount;
        uint256 count = lists.entityCount * width;
        unchecked {
            for (uint256 cell = 0; cell < count; ++cell) {
                int256 net = Nets.cellAt(nets, cell);
                if (net != 0) {
                    bytes32 entity = bytes32((lists.entities + (cell / width) * 32).word());
                    book.reserves.change(entity, (lists.tokens + (cell % width) * 32).word(), net);
                }
            }
        }
    }

    function _requireUsedUp(uint256 stated, uint256 present) private pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }
}
