// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ActionDigest} from "../digest/ActionDigest.sol";
import {BatchDigest} from "../digest/BatchDigest.sol";
import {BodyDigest} from "../digest/BodyDigest.sol";
import {DepositDigest} from "../digest/DepositDigest.sol";
import {PlanDigest} from "../digest/PlanDigest.sol";
import {ProofDigest} from "../digest/ProofDigest.sol";
import {SettlementDigest} from "../digest/SettlementDigest.sol";
import {BoardSignature} from "../library/BoardSignature.sol";
import {Packed} from "../library/Packed.sol";
import {RootSignature} from "../library/RootSignature.sol";
import {Board} from "../type/Board.sol";
import {SignedDeposit} from "../type/Deposit.sol";

/// @title Opens the internal digest libraries to the tests that compare them with the keeper's.
/// @dev Holds nothing, and is no part of a deployment.
contract DigestHarness {
    using SettlementDigest for uint256;

    struct Diff {
        uint32 token;
        int128 leftDiff;
        int128 rightDiff;
        int128 collateralDiff;
        int128 ondeltaDiff;
    }

    struct Plan {
        bytes32 signersHash;
        bytes32 legsHash;
        bytes32 settlementsHash;
        bytes32 salt;
        uint64 commitBy;
    }

    function leaf(bytes32 entity, bytes32 digest) external pure returns (bytes32) {
        return RootSignature.leaf(entity, digest);
    }

    function node(bytes32 a, bytes32 b) external pure returns (bytes32) {
        return RootSignature.node(a, b);
    }

    function rootDomain() external pure returns (bytes32) {
        return RootSignature.DOMAIN;
    }

    function signingHash(bytes32 root) external pure returns (bytes32) {
        return RootSignature.signingHash(root);
    }

    function recover(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (address) {
        return RootSignature.recover(entity, digest, signature);
    }

    function boardHash(Board calldata board) external pure returns (bytes32) {
        uint256 position;
        assembly ("memory-safe") {
            position := board
        }
        return BoardSignature.hash(position);
    }

    function replacementHash(
        uint64 number,
        bytes32 hash,
        uint64 nonce
    ) external pure returns (bytes32) {
        return ActionDigest.replacement(number, hash, nonce);
    }

    function cancellationHash(uint64 number, uint64 nonce) external pure returns (bytes32) {
        return ActionDigest.cancellation(number, nonce);
    }

    function claimHash(
        bytes32 entity,
        string calldata name,
        uint64 nonce
    ) external pure returns (bytes32) {
        return ActionDigest.claim(entity, name, nonce);
    }

    function transferHash(
        bytes32 from,
        bytes32 to,
        string calldata name,
        uint64 nonce
    ) external pure returns (bytes32) {
        return ActionDigest.transfer(from, to, name, nonce);
    }

    function digestOf(bytes32 domain, bytes32 structHash) external pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }

    function proofHash(ProofDigest.Proof memory proof) external pure returns (bytes32) {
        return ProofDigest.structHash(proof);
    }

    function bodyHash(BodyDigest.Row[] memory rows, bytes32 root) external pure returns (bytes32) {
        return BodyDigest.bodyHash(rows, root);
    }

    function conditionHash(BodyDigest.Condition memory condition) external pure returns (bytes32) {
        return BodyDigest.conditionHash(condition);
    }

    function conditionsRoot(bytes32[] memory slots) external pure returns (bytes32) {
        return BodyDigest.conditionsRoot(slots);
    }

    function diffsHash(Diff[] calldata diffs) public pure returns (bytes32) {
        uint256 from = Packed.start();
        uint256 cursor = from;
        for (uint256 i = 0; i < diffs.length; ++i) {
            Diff calldata diff = diffs[i];
            cursor = cursor.put(
                diff.token,
                diff.leftDiff,
                diff.rightDiff,
                diff.collateralDiff,
                diff.ondeltaDiff
            );
        }
        return Packed.hash(from, cursor);
    }

    /// @param terms Its type hash and diffs' hash are set here.
    function settlementHash(
        SettlementDigest.Terms memory terms,
        Diff[] calldata diffs
    ) external pure returns (bytes32) {
        terms.typehash = SettlementDigest.TYPEHASH;
        terms.diffsHash = diffsHash(diffs);
        return SettlementDigest.structHash(terms);
    }

    function batchHash(
        bytes32 entity,
        uint64 nonce,
        uint64 deadline,
        bytes32 operationsHash
    ) external pure returns (bytes32) {
        return BatchDigest.structHash(entity, nonce, deadline, operationsHash);
    }

    function depositHash(SignedDeposit calldata order) external pure returns (bytes32) {
        return DepositDigest.structHash(order);
    }

    function planHash(Plan calldata plan) external pure returns (bytes32) {
        return
            PlanDigest.structHash(
                plan.signersHash,
                plan.legsHash,
                plan.settlementsHash,
                plan.salt,
                plan.commitBy
            );
    }

    function preparedHash(bytes32 plan) external pure returns (bytes32) {
        return PlanDigest.preparedStructHash(plan);
    }

    function signersHash(bytes32[] memory signers) external pure returns (bytes32) {
        return PlanDigest.signersHash(signers);
    }

    function legsHash(PlanDigest.Leg[] memory legs) external pure returns (bytes32) {
        return PlanDigest.legsHash(legs);
    }

    function settlementsHash(bytes32[] memory structHashes) external pure returns (bytes32) {
        return PlanDigest.settlementsHash(structHashes);
    }
}
