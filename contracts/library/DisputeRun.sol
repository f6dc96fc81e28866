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
import {Dispute} from "./Dispute.sol";
import {Pool} from "./Pool.sol";
import {Reason} from "./Reason.sol";

/// @title Starts disputes and counters them with newer proofs (DIS-1, DIS-2).
/// @dev What can never succeed any more is passed over and reported; what may yet succeed fails
/// the call, so that nobody spoils an entity's batch by submitting it too early.
library DisputeRun {
    using Accounts for Accounts.State;
    using Body for Body.Place;
    using Dispute for uint256;
    using Pool for Pool.State;

    /// @param shortest The shortest window of a dispute, in seconds.
    /// @param longest The longest.
    struct Bounds {
        uint256 shortest;
        uint256 longest;
    }

    /// @dev The kinds of EnforcementSkipped.
    uint8 private constant START = 1;
    uint8 private constant COUNTER = 2;

    function start(
        Book.State storage book,
        DisputeStart calldata head,
        uint256 index,
        Pool.State memory pool,
        Book.Scope memory scope,
        Bounds memory bounds
    ) internal {
        if (scope.carrier == 0) revert IDepositoryErrors.CarrierNeeded();
        _requireRanges(index, head.epoch | head.number, head.leftResponse | head.rightResponse);
        Body.Place memory body = pool.takeBody(head.rows, head.conditionBytes);
        bytes calldata signature = pool.takeSignature(head.signatureLength);

        (bytes32 left, bytes32 right) = Accounts.order(scope.carrier, head.counterparty);
        Accounts.Account storage account = book.accounts.find(left, right);
        uint256 stored = account.head;
        bytes memory reason = _objectionToStart(stored, head, left, right);
        if (reason.length != 0) {
            emit IDepositoryEvents.EnforcementSkipped(left, right, START, reason);
            return;
        }
        body.requireValid(book.tokens);
        bytes32 bodyHash = body.hash();
        uint256 window;
        if (head.number == 0) {
            _requireBare(head, body, index);
            Authorisation.requireGiven(scope.provider, head.counterparty);
            window = Dispute.open(_flagsOfStart(left == scope.carrier, false), bounds.longest);
        } else {
            bytes32 digest = _digest(
                scope,
                ProofDigest.Proof(
                    Hashes.efficientKeccak256(left, right),
                    uint64(head.epoch),
                    uint64(head.number),
                    uint32(head.leftResponse),
                    uint32(head.rightResponse),
                    head.frameHash,
                    bodyHash
                )
            );
            bool retired = _judge(scope, head.counterparty, digest, signature, block.timestamp);
            window = Dispute.open(
                _flagsOfStart(left == scope.carrier, retired),
                _clamp(head.leftResponse + head.rightResponse, bounds)
            );
        }
        uint256 dispute = Dispute.commitment(window, bodyHash);
        account.head = Accounts.withDispute(stored, dispute, head.number);
        uint256 epochNumber = (head.epoch << 64) | head.number;
        emit IDepositoryEvents.DisputeStarted(left, right, epochNumber, window, bodyHash);
    }

    /// @notice The first counter takes the place of what the dispute was started with. Every later
    /// one lies beside it: it needs of the head only what no later counter changes. So a counter
    /// that is newer than all others fails at most once, however many are brought before it.
    function counter(
        Book.State storage book,
        DisputeCounter calldata head,
        uint256 index,
        Pool.State memory pool,
        Book.Scope memory scope
    ) internal {
        _requireRanges(index, head.number, head.leftResponse | head.rightResponse);
        Body.Place memory body = pool.takeBody(head.rows, head.conditionBytes);
        bytes calldata leftSignature = pool.takeSignature(head.leftSignature);
        bytes calldata rightSignature = pool.takeSignature(head.rightSignature);

        bytes32 key = Accounts.keyOf(head.left, head.right);
        Accounts.Account storage account = book.accounts.accounts[key];
        uint256 stored = account.head;
        bytes memory reason = _objectionToCounter(book, stored, key, head);
        if (reason.length != 0) {
            emit IDepositoryEvents.EnforcementSkipped(head.left, head.right, COUNTER, reason);
            return;
        }
        body.requireValid(book.tokens);
        bytes32 bodyHash = body.hash();
        bytes32 digest = _digest(
            scope,
            ProofDigest.Proof(
                key,
                uint64(Accounts.epochOf(stored)),
                uint64(head.number),
                uint32(head.leftResponse),
                uint32(head.rightResponse),
                head.frameHash,
                bodyHash
            )
        );
        uint256 flags = _judgeBoth(scope, head, digest, leftSignature, rightSignature);
        uint256 window = head.window.withFlags(flags);
        bool first = Dispute.isOfStart(head.window.flagsOf());
        if (first) {
            uint256 dispute = Dispute.commitment(window, bodyHash);
            account.head = Accounts.withDispute(stored, dispute, head.number);
        } else {
            book.accounts.overtaking[key] = Dispute.overtaking(head.number, window, bodyHash);
            if (!Accounts.isOvertaken(stored)) account.head = Accounts.withOvertaken(stored);
        }
        emit IDepositoryEvents.DisputeCountered(
            head.left,
            head.right,
            (Accounts.epochOf(stored) << 64) | head.number,
            window,
            bodyHash,
            !first
        );
    }

    /// @dev A batch that waited may meet an account that has moved on: then it has nothing to do.
    function _objectionToStart(
        uint256 stored,
        DisputeStart calldata head,
        bytes32 left,
        bytes32 right
    ) private pure returns (bytes memory reason) {
        uint256 epoch = Accounts.epochOf(stored);
        // The epoch after this one must fit, too.
        if (head.epoch > epoch || epoch == Accounts.MAX_EPOCH) {
            revert IDepositoryErrors.EpochInvalid(epoch, head.epoch);
        }
        if (head.epoch != epoch) {
            bytes4 selector = IDepositoryErrors.EpochInvalid.selector;
            return abi.encodeWithSelector(selector, epoch, head.epoch);
        }
        if (Accounts.isDisputed(stored)) {
            return abi.encodeWithSelector(IDepositoryErrors.DisputeLive.selector, left, right);
        }
        uint256 number = Accounts.numberOf(stored);
        if (head.number > number || number == 0) return reason;
        return abi.encodeWithSelector(IDepositoryErrors.NumberUsed.selector, number, head.number);
    }

    function _objectionToCounter(
        Book.State storage book,
        uint256 stored,
        bytes32 key,
        DisputeCounter calldata head
    ) private view returns (bytes memory reason) {
        bytes4 selector = IDepositoryErrors.DisputeNone.selector;
        if (!Accounts.isDisputed(stored)) {
            return abi.encodeWithSelector(selector, head.left, head.right);
        }
        uint256 number =
            Accounts.isOvertaken(stored)
                ? Dispute.numberOfOvertaking(book.accounts.overtaking[key])
                : Accounts.numberOf(stored);
        if (head.number <= number) {
            selector = IDepositoryErrors.NumberUsed.selector;
            return abi.encodeWithSelector(selector, number, head.number);
        }
        if (Accounts.disputeOf(stored) != Dispute.commitment(head.window, head.bodyHash)) {
            selector = IDepositoryErrors.DisputeChanged.selector;
            return abi.encodeWithSelector(selector, head.left, head.right);
        }
        uint256 end = head.window.end();
        if (block.timestamp > end) {
            selector = IDepositoryErrors.WindowOver.selector;
            return abi.encodeWithSelector(selector, end, block.timestamp);
        }
    }

    /// @dev Without a proof there is nothing that the other side has signed.
    function _requireBare(
        DisputeStart calldata head,
        Body.Place memory body,
        uint256 index
    ) private pure {
        uint256 sum = head.leftResponse | head.rightResponse | head.signatureLength;
        if (sum != 0 || head.frameHash != 0 || !body.isBare()) {
            revert IDepositoryErrors.EnforcementMalformed(index);
        }
    }

    /// @return flags Who brought the proof, and whose signature under it is a retired board's.
    function _judgeBoth(
        Book.Scope memory scope,
        DisputeCounter calldata head,
        bytes32 digest,
        bytes calldata leftSignature,
        bytes calldata rightSignature
    ) private view returns (uint256 flags) {
        uint256 asOf = head.window.startedAt();
        flags = head.window.flagsOf() & Dispute.STARTER_IS_RIGHT;
        bool leftStarted = flags == 0;
        if (leftSignature.length == 0 && head.left == scope.carrier && !leftStarted) {
            flags |= Dispute.BY_LEFT;
        } else if (_judge(scope, head.left, digest, leftSignature, asOf)) {
            flags |= Dispute.LEFT_RETIRED;
        }
        if (rightSignature.length == 0 && head.right == scope.carrier && leftStarted) {
            flags |= Dispute.BY_RIGHT;
        } else if (_judge(scope, head.right, digest, rightSignature, asOf)) {
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

    function _digest(
        Book.Scope memory scope,
        ProofDigest.Proof memory proof
    ) private pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(scope.domain, ProofDigest.structHash(proof));
    }

    function _flagsOfStart(bool byLeft, bool otherRetired) private pure returns (uint256) {
        if (byLeft) return Dispute.BY_LEFT | (otherRetired ? Dispute.RIGHT_RETIRED : 0);
        uint256 flags = Dispute.STARTER_IS_RIGHT | Dispute.BY_RIGHT;
        return flags | (otherRetired ? Dispute.LEFT_RETIRED : 0);
    }

    function _requireRanges(uint256 index, uint256 longs, uint256 shorts) private pure {
        if (longs >> 64 != 0 || shorts >> 32 != 0) {
            revert IDepositoryErrors.EnforcementMalformed(index);
        }
    }

    function _clamp(uint256 response, Bounds memory bounds) private pure returns (uint256) {
        if (response < bounds.shortest) return bounds.shortest;
        return response > bounds.longest ? bounds.longest : response;
    }
}
