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

    /// @dev Of a head: the number and both signatures' lengths, which are zero in a plan.
    uint256 private constant UNUSED_IN_PLAN = (type(uint64).max << 160) | type(uint48).max;

    /// @dev Positions in calldata, as checked by Layout, and what is at hand of the settlement
    /// whose turn it is.
    /// @param diff Where its diffs begin.
    /// @param signature Where its signatures begin.
    /// @param ondeltas How far behind a diff its `ondeltaDiff` lies, in a plan.
    /// @param tokenBits A bit for every token that it changes.
    /// @param leftNets Left's row in the table of nets, and `rightNets` right's.
    /// @param packed Where in memory its diffs are packed to be hashed.
    /// @param rows Where in memory for each of its diffs the slot and the new word of the money
    /// row are kept until all is checked.
    /// @param hash Where in memory its struct hash goes, in a plan.
    /// @param zeroes What of a head must be zero.
    /// @param terms What its sides signed.
    struct Run {
        uint256 entities;
        uint256 entityCount;
        uint256 tokens;
        uint256 tokenCount;
        uint256 heads;
        uint256 headsEnd;
        uint256 diff;
        uint256 diffsEnd;
        uint256 signature;
        uint256 signaturesEnd;
        uint256 ondeltas;
        uint256 tokenBits;
        uint256 leftNets;
        uint256 rightNets;
        uint256 packed;
        uint256 rows;
        uint256 hash;
        uint256 zeroes;
        bool atomic;
        bool inPlan;
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
        _locate(list, run);
        run.atomic = list.atomic;
        _settleAll(book, scope, run);
        _requireUsedUp(run.signature, run.signaturesEnd);
    }

    /// @notice Carries out a plan's settlements, which its certificate authorises (NET-6). It is
    /// the caller's duty to check that, and that the plan is committed once.
    /// @param list Its layout was checked; its signatures are not read, and all or none land.
    /// @param ondeltaDiffs One for each diff.
    /// @return keccak256(structHash…), as the plan's digest has it.
    function settleInPlan(
        Book.State storage book,
        Settlements calldata list,
        int128[] calldata ondeltaDiffs,
        Book.Scope memory scope
    ) internal returns (bytes32) {
        Run memory run;
        _locate(list, run);
        unchecked {
            _requireUsedUp(run.diffsEnd - run.diff, ondeltaDiffs.length * 32);
            uint256 start;
            assembly ("memory-safe") {
                start := ondeltaDiffs.offset
            }
            run.ondeltas = start - run.diff;
        }
        (run.atomic, run.inPlan, run.zeroes) = (true, true, UNUSED_IN_PLAN);
        run.hash = Packed.allocate(run.headsEnd - run.heads);
        uint256 hashes = run.hash;
        _settleAll(book, scope, run);
        return hashes.hash(run.hash);
    }

    function _settleAll(Book.State storage book, Book.Scope memory scope, Run memory run) private {
        _checkTables(book, run);
        run.nets = Nets.create(run.entityCount, run.tokenCount);
        run.packed = Packed.allocate(run.tokenCount * SettlementDigest.DIFF_SIZE);
        run.rows = Packed.allocate(run.tokenCount * 64);
        run.terms.typehash = SettlementDigest.TYPEHASH;
        uint256 end = run.headsEnd;
        unchecked {
            for (uint256 head = run.heads; head < end; head += 32) {
                _settleOne(book, scope, run, head);
            }
        }
        _requireUsedUp(run.diff, run.diffsEnd);
        _writeNets(book, run);
    }

    function _locate(Settlements calldata list, Run memory run) private pure {
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
            run.headsEnd = run.heads + (run.heads - 32).word() * 32;
            run.diff = run.headsEnd + 32;
            run.diffsEnd = run.diff + run.headsEnd.word() * 32;
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

    /// @dev Everything is checked before anything is written.
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
        bytes memory reason = _objectionToTerms(account.head, head >> 160, run);
        if (reason.length == 0) reason = _computeRows(book, account, run, position);
        if (reason.length == 0) reason = _objectionToSignatures(scope, run, middle, end);
        if (reason.length == 0) {
            // Without a dispute an account's head is its epoch and number, laid out as here.
            if (!run.inPlan) account.head = head >> 160;
            _writeRows(run);
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
        uint256 entityCount = run.entityCount;
        uint256 tokenCount = run.tokenCount;
        uint256 signature = run.signature;
        uint256 signaturesEnd = run.signaturesEnd;
        uint256 zeroes = run.zeroes;
        (uint256 left, uint256 right, uint256 tokens, bool malformed) = (0, 0, 0, false);
        assembly ("memory-safe") {
            left := byte(20, head)
            right := byte(21, head)
            tokens := and(shr(48, head), 0xffffffff)
            middle := add(signature, and(shr(24, head), 0xffffff))
            end := add(middle, and(head, 0xffffff))
            malformed := or(iszero(lt(left, right)), iszero(lt(right, entityCount)))
            malformed := or(malformed, or(iszero(tokens), shr(tokenCount, tokens)))
            malformed := or(malformed, or(gt(end, signaturesEnd), and(head, zeroes)))
            mstore(add(terms, 0x20), calldataload(add(entities, shl(5, left))))
            mstore(add(terms, 0x40), calldataload(add(entities, shl(5, right))))
            mstore(add(terms, 0x60), shr(224, head))
            mstore(add(terms, 0x80), and(shr(160, head), 0xffffffffffffffff))
            mstore(add(terms, 0xa0), and(shr(96, head), 0xffffffffffffffff))
        }
        if (malformed) _refuse(run, position);
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
        Run memory run
    ) private view returns (bytes memory reason) {
        SettlementDigest.Terms memory terms = run.terms;
        bool late = block.timestamp > terms.deadline;
        if (!late && (stored ^ given) >> 64 == 0 && given > stored) return reason;
        if (late) {
            return
                abi.encodeWithSelector(
                    IDepositoryErrors.DeadlinePassed.selector,
                    terms.deadline,
                    block.timestamp
                );
        }
        if (Accounts.isDisputed(stored)) {
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
                abi.encodeWithSelector(
                    IDepositoryErrors.EpochInvalid.selector,
                    epoch,
                    terms.epoch
                );
        }
        if (run.inPlan) return reason;
        return
            abi.encodeWithSelector(
                IDepositoryErrors.NumberUsed.selector,
                Accounts.numberOf(stored),
                terms.number
            );
    }

    /// @notice Checks the diffs, hashes them into the terms, and keeps the money that they make: all
    /// changes sum to zero, and unless a plan says otherwise left's claim grows by what left pays.
    /// @dev A sum that 128 bits cannot hold is cut in the hash, but makes no money in range, so it
    /// is refused.
    /// @param position Where the settlement's head lies.
    function _computeRows(
        Book.State storage book,
        Accounts.Account storage account,
        Run memory run,
        uint256 position
    ) private view returns (bytes memory reason) {
        uint256 cursor = run.packed;
        uint256 row = run.rows;
        uint256 diff = run.diff;
        uint256 place = 0;
        unchecked {
            for (uint256 bits = run.tokenBits; bits != 0; (bits, place) = (bits >> 1, place + 32)) {
                if (bits & 1 == 0) continue;
                (int256 leftDiff, int256 rightDiff) = _readDiff(diff, run, position);
                int256 collateralDiff = -(leftDiff + rightDiff);
                int256 ondeltaDiff = -leftDiff;
                if (run.inPlan) ondeltaDiff = _readOndelta(diff, run, position);
                uint256 token = (run.tokens + place).word();
                cursor = cursor.put(token, leftDiff, rightDiff, collateralDiff, ondeltaDiff);
                (row, reason) = _computeRow(account, row, token, collateralDiff, ondeltaDiff);
                if (reason.length != 0) return reason;
                if (!run.atomic) {
                    reason = _objectionToReserves(book, run, place, leftDiff, rightDiff);
                    if (reason.length != 0) return reason;
                }
                diff += 32;
            }
        }
        run.terms.diffsHash = run.packed.hash(cursor);
    }

    /// @return next Where the next row goes.
    function _computeRow(
        Accounts.Account storage account,
        uint256 row,
        uint256 token,
        int256 collateralDiff,
        int256 ondeltaDiff
    ) private view returns (uint256 next, bytes memory reason) {
        mapping(uint256 => uint256) storage rows = account.money;
        uint256 slot;
        uint256 money;
        assembly ("memory-safe") {
            mstore(0, token)
            mstore(0x20, rows.slot)
            slot := keccak256(0, 0x40)
            money := sload(slot)
        }
        (money, reason) = Accounts.moved(money, token, collateralDiff, ondeltaDiff);
        assembly ("memory-safe") {
            mstore(row, slot)
            mstore(add(row, 0x20), money)
            next := add(row, 0x40)
        }
    }

    /// @dev Both diffs within −2^127 + 1 … 2^127 − 1, so that their negatives are, too.
    function _readDiff(
        uint256 diff,
        Run memory run,
        uint256 position
    ) private pure returns (int256 leftDiff, int256 rightDiff) {
        uint256 end = run.diffsEnd;
        bool malformed;
        assembly ("memory-safe") {
            rightDiff := calldataload(diff)
            leftDiff := sar(128, rightDiff)
            rightDiff := signextend(15, rightDiff)
            malformed := or(eq(leftDiff, MIN_DIFF), eq(rightDiff, MIN_DIFF))
            malformed := or(malformed, iszero(lt(diff, end)))
        }
        if (malformed) _refuse(run, position);
    }

    /// @dev A whole word, so its range is checked.
    function _readOndelta(
        uint256 diff,
        Run memory run,
        uint256 position
    ) private pure returns (int256 ondeltaDiff) {
        unchecked {
            ondeltaDiff = (diff + run.ondeltas).signed();
        }
        if (int128(ondeltaDiff) != ondeltaDiff) _refuse(run, position);
    }

    /// @dev A carrier has signed all of its batch, and brings no second signature. A plan's
    /// settlements are signed by its certificate, which covers their struct hashes.
    function _objectionToSignatures(
        Book.Scope memory scope,
        Run memory run,
        uint256 middle,
        uint256 end
    ) private view returns (bytes memory reason) {
        SettlementDigest.Terms memory terms = run.terms;
        bytes32 structHash = SettlementDigest.structHash(terms);
        if (run.inPlan) {
            run.hash = run.hash.putWord(structHash);
            return reason;
        }
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

    /// @notice Writes the rows that were computed, and moves on to the next settlement's diffs.
    function _writeRows(Run memory run) private {
        SettlementDigest.Terms memory terms = run.terms;
        uint256 row = run.rows;
        uint256 diff = run.diff;
        uint256 place = 0;
        // Both zero in a plan: an account's number stays what it was.
        uint256 epochNumber = run.inPlan ? 0 : (terms.epoch << 64) | terms.number;
        unchecked {
            for (uint256 bits = run.tokenBits; bits != 0; (bits, place) = (bits >> 1, place + 32)) {
                if (bits & 1 == 0) continue;
                uint256 money;
                int256 change = diff.signed();
                assembly ("memory-safe") {
                    money := mload(add(row, 0x20))
                    sstore(mload(row), money)
                }
                Nets.add(run.leftNets + place, change >> 128);
                Nets.add(run.rightNets + place, int128(change));
                uint256 token = (run.tokens + place).word();
                Accounts.report(terms.left, terms.right, token, epochNumber, money);
                row += 64;
                diff += 32;
            }
        }
        run.diff = diff;
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
