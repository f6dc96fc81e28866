// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {DepositoryStorage} from "./DepositoryStorage.sol";
import {BatchDigest} from "./digest/BatchDigest.sol";
import {DepositoryDomain} from "./digest/DepositoryDomain.sol";
import {IDepository} from "./interface/IDepository.sol";
import {IEnforcement} from "./interface/IEnforcement.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {Accounts} from "./library/Accounts.sol";
import {Layout} from "./library/Layout.sol";
import {Reserves} from "./library/Reserves.sol";
import {Tokens} from "./library/Tokens.sol";
import {Batch} from "./type/Operation.sol";

/// @title What the Depository can be asked (see IDepository), and what it was made with.
abstract contract DepositoryViews is IDepository, DepositoryStorage {
    using Accounts for Accounts.State;
    using Reserves for Reserves.State;

    IEntityProvider internal immutable _PROVIDER;
    IEnforcement internal immutable _MODULE;

    constructor(IEntityProvider provider, IEnforcement module) {
        if (address(provider).code.length == 0) revert EntityProviderWithoutCode(address(provider));
        address modules = module.entityProvider();
        if (modules != address(provider)) {
            revert ModuleOfAnotherProvider(address(provider), modules);
        }
        (_PROVIDER, _MODULE) = (provider, module);
    }

    /// @inheritdoc IDepository
    function entityProvider() external view returns (address) {
        return address(_PROVIDER);
    }

    /// @inheritdoc IDepository
    function enforcement() external view returns (address) {
        return address(_MODULE);
    }

    /// @inheritdoc IDepository
    function domainSeparator() external view returns (bytes32) {
        return DepositoryDomain.separator();
    }

    /// @inheritdoc IDepository
    function batchDigest(Batch calldata batch) external view returns (bytes32) {
        (bytes32 operationsHash, , ) = Layout.ofOperations(batch.operations, msg.data.length);
        bytes32 structHash = BatchDigest.structHash(
            batch.entity,
            batch.nonce,
            batch.deadline,
            operationsHash
        );
        return MessageHashUtils.toTypedDataHash(DepositoryDomain.separator(), structHash);
    }

    /// @inheritdoc IDepository
    function nonceOf(bytes32 entity) external view returns (uint64) {
        return uint64(_nonces[entity]);
    }

    /// @inheritdoc IDepository
    function reserveOf(bytes32 entity, uint32 token) external view returns (uint128) {
        return _book.reserves.amountOf(entity, token);
    }

    /// @inheritdoc IDepository
    function accountOf(
        bytes32 left,
        bytes32 right
    ) external view returns (uint64 epoch, uint64 number) {
        uint256 head = _account(left, right).head;
        return (uint64(Accounts.epochOf(head)), uint64(Accounts.numberOf(head)));
    }

    /// @inheritdoc IDepository
    function moneyOf(
        bytes32 left,
        bytes32 right,
        uint32 token
    ) external view returns (int128 ondelta, uint128 collateral) {
        return Accounts.unpack(_account(left, right).money[token]);
    }

    /// @inheritdoc IDepository
    function disputeOf(
        bytes32 left,
        bytes32 right
    ) external view returns (uint256 head, uint256 overtaking) {
        head = _account(left, right).head;
        overtaking = _book.accounts.overtaking[Hashes.efficientKeccak256(left, right)];
    }

    /// @inheritdoc IDepository
    function revealedAt(bytes32 hash) external view returns (uint64) {
        return _book.evidence.revealedAt[hash];
    }

    /// @inheritdoc IDepository
    function planCommittedAt(bytes32 plan) external view returns (uint64) {
        return _book.evidence.committedAt[plan];
    }

    /// @inheritdoc IDepository
    function ratioOf(bytes32 orderKey) external view returns (uint64) {
        return _book.evidence.ratios[orderKey];
    }

    /// @inheritdoc IDepository
    function debtsOf(
        bytes32 debtor,
        uint32 token
    ) external view returns (uint64 head, uint64 tail) {
        uint256 row = _book.reserves.rows[debtor][token];
        return (Reserves.headOf(row), Reserves.tailOf(row));
    }

    /// @inheritdoc IDepository
    function debtAt(
        bytes32 debtor,
        uint32 token,
        uint64 index
    ) external view returns (uint128 creditor, uint128 amount) {
        uint256 debt = _book.debts.slots[debtor][token][index];
        return (uint128(debt >> 128), uint128(debt));
    }

    /// @inheritdoc IDepository
    function tokenCount() external view returns (uint32) {
        return _book.tokens.count;
    }

    /// @inheritdoc IDepository
    function tokenOf(
        uint32 token
    ) external view returns (uint8 kind, address asset, uint256 assetId, uint128 total) {
        Tokens.Token storage row = _book.tokens.tokens[token];
        return (row.kind, row.asset, row.assetId, row.total);
    }

    /// @inheritdoc IDepository
    function tokenIdOf(uint8 kind, address asset, uint256 assetId) external view returns (uint32) {
        return _book.tokens.ids[Tokens.keyOf(kind, asset, assetId)];
    }

    /// @inheritdoc IDepository
    function depositNonceUsed(address owner, uint256 nonce) external view returns (bool) {
        return _depositNonces[owner][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    function _account(bytes32 left, bytes32 right) private view returns (Accounts.Account storage) {
        if (left >= right) revert PartiesUnordered(left, right);
        return _book.accounts.find(left, right);
    }
}
