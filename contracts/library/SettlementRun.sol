// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

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
import {Refusal} from "./Refusal.sol";
import {Reserves} from "./Reserves.sol";
import {SettlementRows} from "./SettlementRows.sol";
import {Settling} from "./Settling.sol";
import {Tokens} from "./Tokens.sol";

/// @title Carries out a list of settlements (DEP-4, DEP-5), and those of a plan (NET-6).
/// @dev What is wrong with a settlement itself is a reason: it fails an atomic list and is skipped
/// in any other. What is wrong with the list, which nobody signed, always fails the call.
library SettlementRun {
    using Calldata for uint256;
    using Packed for uint256;
    using Reserves for Reserves.State;
    using SettlementRows for Settling.State;
    using Settling for Settling.State;
    using Tokens for Tokens.State;

    /// @dev Of a head: its number and the lengths of both signatures.
    uint256 private constant UNUSED_IN_PLAN = (uint256(type(uint64).max) << 160) | type(uint48).max;

    /// @dev Memory is given back, since it grows dearer the more there is: of many lists in a batch
    /// none costs more than it would alone.
    /// @param list Its layout was checked.
    function settle(
        Book.State storage book,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        uint256 pointer = Packed.start();
        Settling.State memory run = Settling.begin(list);
        run.atomic = list.atomic;
        _settleAll(book, scope, run);
        unchecked {
            uint256 start = run.diffsEnd + 32;
            Refusal.requireUsedUp(run.signature - start, run.signaturesEnd - start);
        }
        Packed.release(pointer);
    }

    /// @notice Carries out a plan's settlements. That its certificate authorises them, and that it
    /// is committed once, is the caller's to check.
    /// @param run Where the list lies; its signatures are not read, and all or none land.
    /// @param ondeltaDiffs One for each diff.
    /// @return keccak256(structHash…), as the plan's digest has it.
    function settleInPlan(
        Book.State storage book,
        Settling.State memory run,
        int128[] calldata ondeltaDiffs,
        Book.Scope memory scope
    ) internal returns (bytes32) {
        (run.atomic, run.inPlan, run.zeroes) = (true, true, UNUSED_IN_PLAN);
        unchecked {
            Refusal.requireUsedUp((run.diffsEnd - run.diff) / 32, ondeltaDiffs.length);
            uint256 start;
            assembly ("memory-safe") {
                start := ondeltaDiffs.offset
            }
            run.ondeltas = start - run.diff;
            run.hash = Packed.allocate(run.headsEnd - run.heads);
        }
        uint256 hashes = run.hash;
        _settleAll(book, scope, run);
        return hashes.hash(run.hash);
    }

    function _settleAll(
        Book.State storage book,
        Book.Scope memory scope,
        Settling.State memory run
    ) private {
        _requireAscending(run.entities, run.entityCount);
        uint256 last = _requireAscending(run.tokens, run.tokenCount);
        if (last != 0) book.tokens.requireKnown(last);
        uint256 end = run.headsEnd;
        unchecked {
            for (uint256 head = run.heads; head < end; head += 32) {
                _settleOne(book, scope, run, head);
            }
            uint256 start = end + 32;
            Refusal.requireUsedUp((run.diff - start) / 32, (run.diffsEnd - start) / 32);
        }
        _writeNets(book, run);
    }

    /// @return last The last of the list, zero if it is empty.
    function _requireAscending(
        uint256 position,
        uint256 count
    ) private pure returns (uint256 last) {
        bool ascending = true;
        assembly ("memory-safe") {
            let end := add(position, shl(5, count))
            for {
                let at := position
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                let next := calldataload(at)
                ascending := and(ascending, gt(next, last))
                last := next
            }
        }
        if (!ascending) _refuseUnsorted(position);
    }

    /// @param position Where a list begins that does not ascend.
    function _refuseUnsorted(uint256 position) private pure {
        uint256 previous = 0;
        uint256 next = position.word();
        unchecked {
            while (next > previous) {
                position += 32;
                (previous, next) = (next, position.word());
            }
        }
        revert IDepositoryErrors.Unsorted(previous, next);
    }

    /// @dev Everything is checked before anything is written.
    function _settleOne(
        Book.State storage book,
        Book.Scope memory scope,
        Settling.State memory run,
        uint256 position
    ) private {
        uint256 head = position.word();
        _readHead(run, head, position);
        bytes32 key = Hashes.efficientKeccak256(run.left, run.right);
        Accounts.Account storage account = book.accounts.accounts[key];
        bytes memory reason;
        if (!_mayFollow(head, account.head)) reason = _objectionToTerms(run, account.head);
        if (reason.length == 0) reason = run.compute(book, account.money, head, position);
        if (reason.length == 0) reason = _objectionToSignatures(scope, run, head);
        if (reason.length == 0) {
            // Without a dispute an account's head is its epoch and number, laid out as here.
            if (!run.inPlan) account.head = head >> 160;
            run.write(head);
        } else {
            if (run.atomic) Reason.raise(reason);
            _reportSkipped(run, reason);
            run.diff += _countBits(Settling.tokenBits(head)) * 32;
        }
        unchecked {
            (uint256 leftLength, uint256 rightLength) = Settling.signatureLengths(head);
            run.signature += leftLength + rightLength;
        }
    }

    function _reportSkipped(Settling.State memory run, bytes memory reason) private {
        emit IDepositoryEvents.SettlementSkipped(
            run.left,
            run.right,
            uint64(run.epoch),
            uint64(run.number),
            Reason.cut(reason)
        );
    }

    /// @dev Since the table ascends, ascending indices are ascending ids. Flags are joined by `or`,
    /// since every branch of a condition costs a jump.
    function _readHead(Settling.State memory run, uint256 head, uint256 position) private pure {
        uint256 entities = run.entities;
        uint256 entityCount = run.entityCount;
        uint256 tokenCount = run.tokenCount;
        uint256 zeroes = run.zeroes;
        bool malformed;
        assembly ("memory-safe") {
            let left := byte(20, head)
            let right := byte(21, head)
            let bits := shr(224, shl(176, head))
            malformed := or(iszero(lt(left, right)), iszero(lt(right, entityCount)))
            malformed := or(malformed, or(iszero(bits), shr(tokenCount, bits)))
            malformed := or(malformed, and(head, zeroes))
            mstore(add(run, 0x20), calldataload(add(entities, shl(5, left))))
            mstore(add(run, 0x40), calldataload(add(entities, shl(5, right))))
            mstore(add(run, 0x60), shr(224, head))
            mstore(add(run, 0x80), shr(192, shl(32, head)))
            mstore(add(run, 0xa0), shr(192, shl(96, head)))
        }
        if (malformed) run.refuse(position);
    }

    /// @dev One comparison says whether there is no dispute, the epoch is the same, and the number
    /// higher, since an account's head without a dispute is nothing but epoch and number.
    function _mayFollow(uint256 head, uint256 stored) private view returns (bool result) {
        assembly ("memory-safe") {
            let given := shr(160, head)
            let late := gt(timestamp(), shr(192, shl(96, head)))
            let differs := or(shr(64, xor(given, stored)), iszero(gt(given, stored)))
            result := iszero(or(late, differs))
        }
    }

    /// @return reason Empty in a plan whose account only has a number, which a plan leaves alone.
    function _objectionToTerms(
        Settling.State memory run,
        uint256 stored
    ) private view returns (bytes memory reason) {
        bytes4 selector = IDepositoryErrors.NumberUsed.selector;
        (uint256 first, uint256 second) = (Accounts.numberOf(stored), run.number);
        if (block.timestamp > run.deadline) {
            selector = IDepositoryErrors.DeadlinePassed.selector;
            (first, second) = (run.deadline, block.timestamp);
        } else if (Accounts.isDisputed(stored)) {
            selector = IDepositoryErrors.DisputeLive.selector;
            (first, second) = (uint256(run.left), uint256(run.right));
        } else if (Accounts.epochOf(stored) != run.epoch) {
            selector = IDepositoryErrors.EpochInvalid.selector;
            (first, second) = (Accounts.epochOf(stored), run.epoch);
        } else if (run.inPlan) {
            return reason;
        }
        return abi.encodeWithSelector(selector, first, second);
    }

    /// @dev A carrier has signed all of its batch, and brings no second signature. A plan's
    /// settlements are signed by its certificate, which covers their struct hashes.
    function _objectionToSignatures(
        Book.Scope memory scope,
        Settling.State memory run,
        uint256 head
    ) private view returns (bytes memory reason) {
        bytes32 structHash = run.structHash();
        if (run.inPlan) {
            run.hash = run.hash.putWord(structHash);
            return reason;
        }
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        (uint256 leftLength, uint256 rightLength) = Settling.signatureLengths(head);
        uint256 position = run.signature;
        reason = _objectionTo(scope, run.left, digest, position, leftLength);
        if (reason.length != 0) return reason;
        unchecked {
            return _objectionTo(scope, run.right, digest, position + leftLength, rightLength);
        }
    }

    function _objectionTo(
        Book.Scope memory scope,
        bytes32 entity,
        bytes32 digest,
        uint256 position,
        uint256 length
    ) private view returns (bytes memory reason) {
        if (length == 0 && entity == scope.carrier) return reason;
        return Authorisation.objection(scope, entity, digest, position.slice(length));
    }

    /// @dev Credited ids need no check: each signed, so each is somebody.
    function _writeNets(Book.State storage book, Settling.State memory run) private {
        uint256 cell = run.nets;
        if (run.tokenCount == 0) return;
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
}
