// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ProofDigest} from "../digest/ProofDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {DisputeCounter, DisputeStart} from "../type/Enforcement.sol";
import {Accounts} from "./Accounts.sol";
import {Authorisation} from "./Authorisation.sol";
import {Body} from "./Body.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
import {Dispute} from "./Dispute.sol";
import {Pool} from "./Pool.sol";
import {Reason} from "./Reason.sol";
import {Skip} from "./Skip.sol";

/// @title Starts disputes and counters them with newer proofs (DIS-1, DIS-2).
/// @dev What can never succeed any more is passed over and reported; what may yet succeed fails
/// the call, so that nobody spoils an entity's batch by submitting it too early.
library DisputeRun {
    using Body for Body.Place;
    using Calldata for uint256;
    using Dispute for uint256;
    using Pool for Pool.State;

    /// @dev A proof that is brought. In both kinds of head its number, the response times and the
    /// frame's hash lie in this order.
    /// @param key Of the account.
    /// @param stored The account's head.
    /// @param terms Where in calldata the number lies.
    struct Proof {
        bytes32 left;
        bytes32 right;
        bytes32 key;
        uint256 stored;
        uint256 terms;
        uint256 number;
        bytes32 bodyHash;
    }

    function start(
        Book.State storage book,
        Pool.State memory pool,
        Book.Scope memory scope,
        uint256 bounds
    ) internal {
        DisputeStart calldata head = pool.takeStart();
        if (scope.carrier == 0) revert IDepositoryErrors.CarrierNeeded();
        Body.Place memory body = pool.takeBody(head.rows, head.conditionBytes);
        bytes calldata signature = pool.takeSignature(head.signatureLength);
        Proof memory proof;
        (proof.left, proof.right) = Accounts.order(scope.carrier, head.counterparty);
        proof.key = Hashes.efficientKeccak256(proof.left, proof.right);
        proof.stored = book.accounts.accounts[proof.key].head;
        (bytes4 reason, uint256 one, uint256 two) = _objectionToStart(proof, head);
        if (reason != 0) {
            return Skip.passOver(Skip.START, proof.left, proof.right, reason, one, two);
        }

        uint256 terms;
        assembly ("memory-safe") {
            terms := add(head, 0x40)
        }
        uint256 response = _read(proof, terms, body, book);
        bool byLeft = proof.left == scope.carrier;
        uint256 flags = byLeft ? Dispute.BY_LEFT : Dispute.BY_RIGHT | Dispute.STARTER_IS_RIGHT;
        if (proof.number == 0) {
            // Without a proof there is nothing that the other side has signed.
            if (response | head.signatureLength != 0 || head.frameHash != 0 || !body.isBare()) {
                revert IDepositoryErrors.EnforcementMalformed(terms);
            }
            Authorisation.requireGiven(scope.provider, head.counterparty);
            response = bounds.longest();
        } else {
            bytes32 digest = _digest(scope.domain, proof);
            if (_judge(scope, head.counterparty, digest, signature, block.timestamp)) {
                flags |= byLeft ? Dispute.RIGHT_RETIRED : Dispute.LEFT_RETIRED;
            }
            if (response > bounds.longest()) response = bounds.longest();
            if (response < bounds.shortest()) response = bounds.shortest();
        }
        uint256 window = Dispute.open(flags, response);
        uint256 dispute = Dispute.commitment(window, proof.bodyHash);
        book.accounts.accounts[proof.key].head = Accounts.withDispute(
            proof.stored,
            dispute,
            proof.number
        );
        emit IDepositoryEvents.DisputeStarted(
            proof.left,
            proof.right,
            _epochNumber(proof),
            window,
            proof.bodyHash
        );
    }

    /// @notice See `counter`, with a head of the pool's.
    function counterNext(
        Book.State storage book,
        Pool.State memory pool,
        Book.Scope memory scope
    ) internal {
        DisputeCounter calldata head = pool.takeCounter();
        Body.Place memory body = pool.takeBody(head.rows, head.conditionBytes);
        uint256 signatures = pool.signatures;
        pool.takeSignature(head.leftSignature);
        pool.takeSignature(head.rightSignature);
        counter(book, head, body, signatures, scope, Skip.COUNTER);
    }

    /// @notice The first counter takes the place of what the dispute was started with. Every later
    /// one lies beside it: it needs of the head only what no later counter changes. So a counter
    /// that is newer than all others fails at most once, however many are brought before it.
    /// @param signatures Where left's lies in calldata, and behind it right's.
    /// @param kind See Skip.
    function counter(
        Book.State storage book,
        DisputeCounter calldata head,
        Body.Place memory body,
        uint256 signatures,
        Book.Scope memory scope,
        uint256 kind
    ) internal {
        Proof memory proof;
        (proof.left, proof.right) = (head.left, head.right);
        proof.key = Accounts.keyOf(proof.left, proof.right);
        Accounts.Account storage account = book.accounts.accounts[proof.key];
        proof.stored = account.head;
        (bytes4 reason, uint256 one, uint256 two) = _objectionToCounter(book, proof, head);
        if (reason != 0) {
            return Skip.passOver(kind, proof.left, proof.right, reason, one, two);
        }

        uint256 window;
        assembly ("memory-safe") {
            window := add(head, 0x80)
        }
        _read(proof, window, body, book);
        window = head.window;
        bool first = window.isOfStart();
        window = window.withFlags(_judgeBoth(scope, proof, head, signatures));
        // `one` is the number of the newest proof before this one.
        if (proof.number == one && !_clears(book, proof, window)) {
            bytes4 used = IDepositoryErrors.NumberUsed.selector;
            return Skip.passOver(kind, proof.left, proof.right, used, one, one);
        }
        if (first) {
            uint256 dispute = Dispute.commitment(window, proof.bodyHash);
            account.head = Accounts.withDispute(proof.stored, dispute, proof.number);
        } else {
            book.accounts.overtaking[proof.key] = Dispute.overtaking(
                proof.number,
                window,
                proof.bodyHash
            );
            if (!Accounts.isOvertaken(proof.stored)) {
                account.head = Accounts.withOvertaken(proof.stored);
            }
        }
        emit IDepositoryEvents.DisputeCountered(
            proof.left,
            proof.right,
            _epochNumber(proof),
            window,
            proof.bodyHash,
            !first
        );
    }

    /// @dev A batch that waited may meet an account that has moved on: then it has nothing to do.
    /// @return The selector of an error and its two words; zero if there is none.
    function _objectionToStart(
        Proof memory proof,
        DisputeStart calldata head
    ) private pure returns (bytes4, uint256, uint256) {
        uint256 epoch = Accounts.epochOf(proof.stored);
        // The epoch after this one must fit, too.
        if (head.epoch > epoch || epoch == Accounts.MAX_EPOCH) {
            revert IDepositoryErrors.EpochInvalid(epoch, head.epoch);
        }
        if (head.epoch != epoch) {
            return (IDepositoryErrors.EpochInvalid.selector, epoch, head.epoch);
        }
        if (Accounts.isDisputed(proof.stored)) {
            return _about(proof, IDepositoryErrors.DisputeLive.selector);
        }
        uint256 number = Accounts.numberOf(proof.stored);
        if (head.number <= number && number != 0) {
            return (IDepositoryErrors.NumberUsed.selector, number, head.number);
        }
        return (0, 0, 0);
    }

    /// @return The selector of an error and its two words; if there is none, zero and the number of
    /// the newest proof that was brought.
    function _objectionToCounter(
        Book.State storage book,
        Proof memory proof,
        DisputeCounter calldata head
    ) private view returns (bytes4, uint256, uint256) {
        uint256 stored = proof.stored;
        if (!Accounts.isDisputed(stored)) {
            return _about(proof, IDepositoryErrors.DisputeNone.selector);
        }
        uint256 number = _numberOf(book, proof);
        uint256 window = head.window;
        bool changed = Accounts.disputeOf(stored) != Dispute.commitment(window, head.bodyHash);
        // One of the same number may clear a counter of a retired board's signature.
        bool again = head.number == number && !changed && !window.isOfStart();
        if (head.number <= number && !again) {
            return (IDepositoryErrors.NumberUsed.selector, number, head.number);
        }
        if (changed) return _about(proof, IDepositoryErrors.DisputeChanged.selector);
        if (block.timestamp > window.end()) {
            return (IDepositoryErrors.WindowOver.selector, window.end(), block.timestamp);
        }
        return (0, number, 0);
    }

    /// @return Of the newest proof that was brought.
    function _numberOf(Book.State storage book, Proof memory proof) private view returns (uint256) {
        return
            Accounts.isOvertaken(proof.stored)
                ? Dispute.numberOfOvertaking(book.accounts.overtaking[proof.key])
                : Accounts.numberOf(proof.stored);
    }

    /// @dev A side whose board was replaced can sign anew by the retired board what its current one
    /// has signed, and by being first keep its reserve. So of one proof the signatures of current
    /// boards win.
    /// @param window As of the counter that is brought.
    /// @return Whether the newest counter is of the same body, under signatures of more retired
    /// boards.
    function _clears(
        Book.State storage book,
        Proof memory proof,
        uint256 window
    ) private view returns (bool) {
        bool beside = Accounts.isOvertaken(proof.stored);
        uint256 standing =
            beside ? book.accounts.overtaking[proof.key] : Accounts.disputeOf(proof.stored);
        uint256 flags = window.flagsOf();
        for (uint256 before = Dispute.LEFT_RETIRED; before < Dispute.ALL; ++before) {
            uint256 changes = (before ^ flags) & Dispute.RETIRED;
            if (changes == 0 || changes & flags != 0) continue;
            uint256 old = window.withFlags(before);
            uint256 word =
                beside
                    ? Dispute.overtaking(proof.number, old, proof.bodyHash)
                    : Dispute.commitment(old, proof.bodyHash);
            if (word == standing) return true;
        }
        return false;
    }

    function _about(
        Proof memory proof,
        bytes4 selector
    ) private pure returns (bytes4, uint256, uint256) {
        return (selector, uint256(proof.left), uint256(proof.right));
    }

    /// @notice Checks the body, and the ranges of what the proof says beside it.
    /// @return response The sum of both response times, in seconds.
    function _read(
        Proof memory proof,
        uint256 terms,
        Body.Place memory body,
        Book.State storage book
    ) private view returns (uint256 response) {
        uint256 first = terms.word();
        uint256 left = (terms + 0x20).word();
        uint256 right = (terms + 0x40).word();
        if (first >> 64 != 0 || (left | right) >> 32 != 0) {
            revert IDepositoryErrors.EnforcementMalformed(terms);
        }
        body.requireValid(book.tokens);
        (proof.terms, proof.number, proof.bodyHash) = (terms, first, body.hash());
        return left + right;
    }

    /// @return flags Who brought the proof, and whose signature under it is a retired board's.
    function _judgeBoth(
        Book.Scope memory scope,
        Proof memory proof,
        DisputeCounter calldata head,
        uint256 signatures
    ) private view returns (uint256 flags) {
        bytes32 digest = _digest(scope.domain, proof);
        uint256 window = head.window;
        uint256 leftLength = head.leftSignature;
        uint256 rightLength = head.rightSignature;
        uint256 asOf = window.startedAt();
        flags = window.flagsOf() & Dispute.STARTER_IS_RIGHT;
        bool leftStarted = flags == 0;
        if (leftLength == 0 && proof.left == scope.carrier && !leftStarted) {
            flags |= Dispute.BY_LEFT;
        } else if (_judge(scope, proof.left, digest, signatures.slice(leftLength), asOf)) {
            flags |= Dispute.LEFT_RETIRED;
        }
        unchecked {
            signatures += leftLength;
        }
        if (rightLength == 0 && proof.right == scope.carrier && leftStarted) {
            flags |= Dispute.BY_RIGHT;
        } else if (_judge(scope, proof.right, digest, signatures.slice(rightLength), asOf)) {
            flags |= Dispute.RIGHT_RETIRED;
        }
    }

    /// @notice Reverts unless the entity signed, by the board that it had then or the one before.
    function _judge(
        Book.Scope memory scope,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature,
        uint256 asOf
    ) private view returns (bool retired) {
        bytes memory reason;
        (reason, retired) = Authorisation.objectionAsOf(
            scope.provider,
            entity,
            digest,
            signature,
            asOf
        );
        Reason.raise(reason);
    }

    function _digest(bytes32 domain, Proof memory proof) private pure returns (bytes32) {
        bytes32 typehash = ProofDigest.TYPEHASH;
        uint256 epoch = Accounts.epochOf(proof.stored);
        (bytes32 key, uint256 terms, bytes32 bodyHash) = (proof.key, proof.terms, proof.bodyHash);
        bytes32 structHash;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, typehash)
            mstore(add(pointer, 0x20), key)
            mstore(add(pointer, 0x40), epoch)
            calldatacopy(add(pointer, 0x60), terms, 0x80)
            mstore(add(pointer, 0xe0), bodyHash)
            structHash := keccak256(pointer, 0x100)
        }
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function _epochNumber(Proof memory proof) private pure returns (uint256) {
        return (Accounts.epochOf(proof.stored) << 64) | proof.number;
    }
}
