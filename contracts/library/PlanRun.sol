// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {PlanDigest} from "../digest/PlanDigest.sol";
import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";
import {Settlements} from "../type/Operation.sol";
import {PlanTerms} from "../type/Plan.sol";
import {Authorisation} from "./Authorisation.sol";
import {Book} from "./Book.sol";
import {Calldata} from "./Calldata.sol";
import {Reason} from "./Reason.sol";
import {Refusal} from "./Refusal.sol";
import {RootSignature} from "./RootSignature.sol";
import {SettlementRun} from "./SettlementRun.sol";
import {Settling} from "./Settling.sol";

/// @title Commits a plan: its settlements, its mark, its certificate (NET-5, NET-6).
library PlanRun {
    using Calldata for uint256;
    using SettlementRun for Book.State;

    /// @param list Its layout was checked. Its entities are the signers, its signatures the
    /// certificate.
    function commit(
        Book.State storage book,
        PlanTerms calldata terms,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        uint64 commitBy = terms.commitBy;
        Refusal.requireInTime(commitBy);
        Settling.State memory run = Settling.begin(list);
        bytes32 settlementsHash = book.settleInPlan(run, terms.ondeltaDiffs, scope);
        // A plan of nobody would be everybody's.
        if (run.entityCount == 0) revert IDepositoryErrors.PlanWithoutSigners();
        bytes32 structHash = PlanDigest.structHash(
            Calldata.hashed(run.entities, run.entityCount * 32),
            terms.legsHash,
            settlementsHash,
            terms.salt,
            commitBy
        );
        bytes32 plan = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        _mark(book, plan);
        structHash = PlanDigest.preparedStructHash(plan);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        _requireCertificate(scope, run, digest);
    }

    function _mark(Book.State storage book, bytes32 plan) private {
        uint64 committedAt = book.evidence.committedAt[plan];
        if (committedAt != 0) revert IDepositoryErrors.PlanAlreadyCommitted(plan, committedAt);
        book.evidence.committedAt[plan] = uint64(block.timestamp);
        emit IDepositoryEvents.PlanCommitted(plan);
    }

    /// @notice Reverts unless the certificate is a signature of each signer, in order, and nothing
    /// else: `length:u16 ‖ signature`.
    function _requireCertificate(
        Book.Scope memory scope,
        Settling.State memory run,
        bytes32 digest
    ) private view {
        uint256 scratch = RootSignature.prepare(digest);
        uint256 position = run.signature;
        unchecked {
            uint256 entitiesEnd = run.entities + run.entityCount * 32;
            for (uint256 entity = run.entities; entity < entitiesEnd; entity += 32) {
                bytes32 signer = bytes32(entity.word());
                uint256 length = position.word() >> 240;
                uint256 start = position + 2;
                position = start + length;
                if (length == RootSignature.KEY_LENGTH) {
                    if (RootSignature.isSignedBy(scratch, signer, start)) continue;
                }
                _requireSigned(scope, run, signer, digest, start.slice(length));
            }
            // It only grows, so a signature that reaches behind the end is found here.
            uint256 first = run.signature;
            Refusal.requireUsedUp(position - first, run.signaturesEnd - first);
        }
    }

    /// @dev A retired board may still let go of what it held, but not move reserves.
    function _requireSigned(
        Book.Scope memory scope,
        Settling.State memory run,
        bytes32 signer,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        (bytes memory reason, bool retired) = Authorisation.objectionAsOf(
            scope.provider,
            signer,
            digest,
            signature,
            block.timestamp
        );
        Reason.raise(reason);
        bool settles = run.heads != run.headsEnd;
        if (retired && settles) revert IDepositoryErrors.SignerRetired(signer);
    }
}
