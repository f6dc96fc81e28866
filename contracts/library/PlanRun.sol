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
import {Packed} from "./Packed.sol";
import {Reason} from "./Reason.sol";
import {RootSignature} from "./RootSignature.sol";
import {SettlementRun} from "./SettlementRun.sol";

/// @title Commits a plan: its settlements, its mark, its certificate (NET-5, NET-6).
library PlanRun {
    using Calldata for uint256;
    using Packed for uint256;
    using SettlementRun for Book.State;

    /// @param list Its layout was checked. Its entities are the signers, its signatures the
    /// certificate.
    function commit(
        Book.State storage book,
        PlanTerms calldata terms,
        Settlements calldata list,
        Book.Scope memory scope
    ) internal {
        if (block.timestamp > terms.commitBy) {
            revert IDepositoryErrors.DeadlinePassed(terms.commitBy, block.timestamp);
        }
        bytes32 settlementsHash = book.settleInPlan(list, terms.ondeltaDiffs, scope);
        bytes32 plan = _hashOf(terms, list.entities, settlementsHash, scope.domain);
        uint64 committedAt = book.evidence.committedAt[plan];
        if (committedAt != 0) revert IDepositoryErrors.PlanAlreadyCommitted(plan, committedAt);
        book.evidence.committedAt[plan] = uint64(block.timestamp);
        emit IDepositoryEvents.PlanCommitted(plan);
        bytes32 prepared = PlanDigest.preparedStructHash(plan);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, prepared);
        _requireCertificate(scope, list, digest);
    }

    /// @dev Signers were checked to be strictly ascending, and are at least two if there is a
    /// settlement; a plan of nobody would be everybody's.
    function _hashOf(
        PlanTerms calldata terms,
        bytes32[] calldata signers,
        bytes32 settlementsHash,
        bytes32 domain
    ) private pure returns (bytes32) {
        if (signers.length == 0) revert IDepositoryErrors.PlanWithoutSigners();
        bytes32 signersHash = keccak256(abi.encodePacked(signers));
        PlanDigest.Plan memory plan = PlanDigest.Plan(
            signersHash,
            terms.legsHash,
            settlementsHash,
            terms.salt,
            terms.commitBy
        );
        return MessageHashUtils.toTypedDataHash(domain, PlanDigest.structHash(plan));
    }

    /// @notice Reverts unless the certificate is a signature of each signer, in order, and nothing
    /// else: `length:u16 ‖ signature`.
    function _requireCertificate(
        Book.Scope memory scope,
        Settlements calldata list,
        bytes32 digest
    ) private view {
        uint256 scratch = RootSignature.prepare(digest);
        bytes32[] calldata signers = list.entities;
        bytes calldata certificate = list.signatures;
        uint256 entity;
        uint256 position;
        assembly ("memory-safe") {
            entity := signers.offset
            position := certificate.offset
        }
        unchecked {
            uint256 entitiesEnd = entity + signers.length * 32;
            uint256 end = position + certificate.length;
            for (; entity < entitiesEnd; entity += 32) {
                bytes32 signer = bytes32(entity.word());
                uint256 length = position.word() >> 240;
                uint256 start = position + 2;
                position = start + length;
                if (length == RootSignature.KEY_LENGTH) {
                    if (RootSignature.isSignedBy(scratch, signer, start)) continue;
                }
                _requireSigned(scope, list, signer, digest, start.slice(length));
            }
            // It only grows, so a signature that reaches behind the end is found here.
            if (position != end) {
                uint256 stated = certificate.length + position - end;
                revert IDepositoryErrors.ListMismatch(stated, certificate.length);
            }
        }
    }

    /// @dev A retired board may still let go of what it held, but not move reserves.
    function _requireSigned(
        Book.Scope memory scope,
        Settlements calldata list,
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
        if (retired && list.heads.length != 0) revert IDepositoryErrors.SignerRetired(signer);
    }
}
