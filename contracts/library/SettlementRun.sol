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

    int256 private constant MIN_DIFF = -(1 << 127);

    /// @dev Positions in calldata, as checked by Layout, and what is at hand of the settlement
    /// whose turn it is.
    /// @param diff Where its diffs begin; `nextDiff` where they end, once they were walked.
    /// @param signature Where its signatures begin.
    /// @param tokenBits A bit for every token that it changes.
    /// @param leftNets Left's row in the table of nets, and `rightNets` right's.
    /// @param packed Where in memory its diffs are packed to be hashed.
    /// @param terms What its sides signed.
    struct Run {
        uint256 entities;
        uint256 entityCount;
        uint256 tokens;
        uint256 tokenCount;
        uint256 heads;
        uint256 diff;
        uint256 nextDiff;
        uint256 diffsEnd;
        uint256 signature;
        uint256 signaturesEnd;
        uint256 tokenBits;
        uint256 leftNets;
        uint256 rightNets;
        uint256 packed;
        bool atomic;
        SettlementDigest.Terms terms;
        Nets.State nets;
    }

    /// @param list Its layout was checked.
    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        Run memory run;
        uint256 headsEnd = _locate(list, run);
        _checkTables(book, run);
        run.nets = Nets.create(run.entityCount, run.tokenCount);
        run.packed = Packed.allocate(run.tokenCount * SettlementDigest.DIFF_SIZE);
        run.terms.typehash = SettlementDigest.TYPEHASH;
        run.atomic = list.atomic;
        unchecked {
            for (uint256 head = run.heads; head < headsEnd; head += 32) {
                _settleOne(book, scope, run, head);
            }
        }
        _requireUsedUp(run.diff, run.diffsEnd);
        _requireUsedUp(run.signature, run.signaturesEnd);
        _writeNets(book, run);
    }

    function _locate(
        Settlements calldata list,
        Run memory run
    ) private pure returns (uint256 headsEnd) {
        uint256 base;
        assembly ("memory-safe") {
            base := list
        }
        unchecked {
            // Each list is its length, then its items; Layout has bounded the lengths.
            run.entities = base + 7 * 32;
            run.entityCount = (run.entities - 32).word();
            run.tokens = run.entities + run.entityCount * 32 + 32;
            run.tokenCount = (run.tokens - 32).word();
            run.heads = run.tokens + run.tokenCount * 32 + 32;
            headsEnd = run.heads + (run.heads - 32).word() * 32;
            run.diff = headsEnd + 32;
            run.diffsEnd = run.diff + headsEnd.word() * 32;
            run.signature = run.diffsEnd + 32;
            run.signaturesEnd = run.signature + run.diffsEnd.word();
        }
    }

    function _checkTables(Book.State storage book, Run memory run) private view {
        _requireAscending(run.entities, run.entityCount);
        uint256 last = _requireAscending(run.tokens, run.tokenCount);
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
    function _settleOne(
        Book.State storage book,
        Book.Scope memory scope,
        Run memory run,
        uint256 position
    ) private {
        uint256 head = position.word();
        (uint256 middle, uint256 end) = _readHead(run, head, position);
        SettlementDigest.Terms memory terms = run.terms;
        Accounts.Account storage account = book.accounts.find(terms.left, terms.right);
        bytes memory reason = _objectionToTerms(account.head, head >> 160, terms);
        if (reason.length == 0) reason = _walkDiffs(book, account, run, position, run.atomic);
        if (reason.length == 0) reason = _objectionToSignatures(scope, run, middle, end);
        if (reason.length == 0) {
            // Without a dispute an account's head is its epoch and number, laid out as here.
            account.head = head >> 160;
            if (!run.atomic) _walkDiffs(book, account, run, position, true);
            run.diff = run.nextDiff;
        } else {
            if (run.atomic) Reason.raise(reason);
            _reportSkipped(terms, reason);
            run.diff += _countBits(run.tokenBits) * 32;
        }
        run.signature = end;
    }

    /// @dev Since the table ascends, ascending indices are ascending ids. Flags are joined by `or`,
    /// since every branch of a condition costs a jump.
    /// @return middle Where left's signature ends and right's begins.
    /// @return end Where right's signature ends.
    function _readHead(
        Run memory run,
        uint256 head,
        uint256 position
    ) private pure returns (uint256 middle, uint256 end) {
        SettlementDigest.Terms memory terms = run.terms;
        uint256 entities = run.entities;
        uint256 signature = run.signature;
        (uint256 left, uint256 right, uint256 tokens) = (0, 0, 0);
        assembly ("memory-safe") {
            left := byte(20, head)
            right := byte(21, head)
            tokens := and(shr(48, head), 0xffffffff)
            middle := add(signature, and(shr(24, head), 0xffffff))
            end := add(middle, and(head, 0xffffff))
            mstore(add(terms, 0x20), calldataload(add(entities, shl(5, left))))
            mstore(add(terms, 0x40), calldataload(add(entities, shl(5, right))))
            mstore(add(terms, 0x60), shr(224, head))
            mstore(add(terms, 0x80), and(shr(160, head), 0xffffffffffffffff))
            mstore(add(terms, 0xa0), and(shr(96, head), 0xffffffffffffffff))
        }
        bool named = left < right && right < run.entityCount;
        if (!named || tokens == 0 || tokens >> run.tokenCount != 0 || end > run.signaturesEnd) {
            _refuse(run, position);
        }
        run.tokenBits = tokens;
        run.leftNets = Nets.rowOf(run.nets, left);
        run.rightNets = Nets.rowOf(run.nets, right);
    }

    /// @dev What an account's head must be: no dispute, this epoch, a lower number. One comparison
    /// serves, since a head without a dispute is nothing but its epoch and number.
    /// @param given The settlement's epoch and number, laid out as in an account's head.
    function _objectionToTerms(
        uint256 stored,
        uint256 given,
        SettlementDigest.Terms memory terms
    ) private view returns (bytes memory reason) {
        if (block.timestamp > terms.deadline) {
            return
                abi.encodeWithSelector(
                    IDepositoryErrors.DeadlinePassed.selector,
                    terms.deadline,
                    block.timestamp
                );
        }
        if ((stored ^ given) >> 64 == 0 && given > stored) return reason;
        if (stored >> 96 != 0) {
            return
                abi.encodeWithSelector(
                    IDepositoryErrors.DisputeLive.selector,
                    terms.left,
                    terms.right
                );
        }
        uint256 epoch = Accounts.epochOf(stored);
        if (epoch != terms.epoch) {
            return
                abi.encodeWithSelector(IDepositoryErrors.EpochInvalid.selector, epoch, terms.epoch);
        }
        return
            abi.encodeWithSelector(
                IDepositoryErrors.NumberUsed.selector,
                Accounts.numberOf(stored),
                terms.number
            );
    }

    /// @notice Checks the diffs, hashes them into the terms, and writes what they make: all changes
    /// sum to zero, and left's claim grows by what left pays.
    /// @dev A sum that 128 bits cannot hold is cut in the hash, but makes no money in range, so it
    /// is refused.
    /// @param position Where the settlement's head lies.
    function _walkDiffs(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        uint256 position,
        bool write
    ) private returns (bytes memory reason) {
        uint256 cursor = run.packed;
        uint256 diff = run.diff;
        uint256 place = 0;
        unchecked {
            for (uint256 bits = run.tokenBits; bits != 0; (bits, place) = (bits >> 1, place + 32)) {
                if (bits & 1 == 0) continue;
                (int256 leftDiff, int256 rightDiff) = _readDiff(diff, run, position);
                diff += 32;
                uint256 token = (run.tokens + place).word();
                int256 collateralDiff = -(leftDiff + rightDiff);
                cursor = cursor.put(token, leftDiff, rightDiff, collateralDiff, -leftDiff);
                uint256 money = account.money[token];
                (money, reason) = Accounts.moved(money, token, collateralDiff, -leftDiff);
                if (reason.length != 0) return reason;
                if (write) {
                    account.money[token] = money;
                    Nets.add(run.leftNets + place, leftDiff);
                    Nets.add(run.rightNets + place, rightDiff);
                    _report(run.terms, token, money);
                } else {
                    reason = _objectionToReserves(book, run, place, leftDiff, rightDiff);
                    if (reason.length != 0) return reason;
                }
            }
        }
        run.nextDiff = diff;
        run.terms.diffsHash = run.packed.hash(cursor);
    }

    /// @dev Both diffs within −2^127 + 1 … 2^127 − 1, so that their negatives are, too.
    function _readDiff(
        uint256 diff,
        Run memory run,
        uint256 position
    ) private pure returns (int256 leftDiff, int256 rightDiff) {
        assembly ("memory-safe") {
            rightDiff := calldataload(diff)
            leftDiff := sar(128, rightDiff)
            rightDiff := signextend(15, rightDiff)
        }
        bool missing = diff >= run.diffsEnd;
        if (missing || leftDiff == MIN_DIFF || rightDiff == MIN_DIFF) _refuse(run, position);
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
        uint256 start = run.signature;
        unchecked {
            if (start != middle || terms.left != scope.carrier) {
                bytes calldata signature = start.slice(middle - start);
                reason = Authorisation.objection(scope, terms.left, digest, signature);
                if (reason.length != 0) return reason;
            }
            if (middle != end || terms.right != scope.carrier) {
                bytes calldata signature = middle.slice(end - middle);
                reason = Authorisation.objection(scope, terms.right, digest, signature);
            }
        }
    }

    /// @dev Only in a list that skips: there each settlement must be solvent in its turn.
    /// @param place Of the token, 32 for each before it in the table.
    function _objectionToReserves(
        Book.State storage book,
        Run memory run,
        uint256 place,
        int256 leftDiff,
        int256 rightDiff
    ) private view returns (bytes memory reason) {
        uint256 token = (run.tokens + place).word();
        int256 net = Nets.read(run.leftNets + place);
        reason = _objectionToReserve(book, run.terms.left, token, net, leftDiff);
        if (reason.length != 0) return reason;
        net = Nets.read(run.rightNets + place);
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
    function _writeNets(Book.State storage book, Run memory run) private {
        uint256 cell = run.nets.cells;
        unchecked {
            uint256 tokensEnd = run.tokens + run.tokenCount * 32;
            uint256 entitiesEnd = run.entities + run.entityCount * 32;
            for (uint256 entity = run.entities; entity < entitiesEnd; entity += 32) {
                for (uint256 token = run.tokens; token < tokensEnd; token += 32) {
                    int256 net = Nets.read(cell);
                    cell += 32;
                    if (net != 0) book.reserves.change(bytes32(entity.word()), token.word(), net);
                }
            }
        }
    }

    function _countBits(uint256 bits) private pure returns (uint256 count) {
        unchecked {
            for (; bits != 0; bits &= bits - 1) ++count;
        }
    }

    function _requireUsedUp(uint256 stated, uint256 present) private pure {
        if (stated != present) revert IDepositoryErrors.ListMismatch(stated, present);
    }

    function _refuse(Run memory run, uint256 position) private pure {
        unchecked {
            revert IDepositoryErrors.SettlementMalformed((position - run.heads) / 32);
        }
    }
}
