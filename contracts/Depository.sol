// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {DepositoryViews} from "./DepositoryViews.sol";
import {Guard} from "./Guard.sol";
import {BatchDigest} from "./digest/BatchDigest.sol";
import {DepositDigest} from "./digest/DepositDigest.sol";
import {DepositoryDomain} from "./digest/DepositoryDomain.sol";
import {IDepository} from "./interface/IDepository.sol";
import {IEnforcement} from "./interface/IEnforcement.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {Assets} from "./library/Assets.sol";
import {Authorisation} from "./library/Authorisation.sol";
import {BatchList} from "./library/BatchList.sol";
import {BatchRun} from "./library/BatchRun.sol";
import {Book} from "./library/Book.sol";
import {Budget} from "./library/Budget.sol";
import {Calldata} from "./library/Calldata.sol";
import {Layout} from "./library/Layout.sol";
import {PlanRun} from "./library/PlanRun.sol";
import {Reason} from "./library/Reason.sol";
import {Refusal} from "./library/Refusal.sol";
import {Reserves} from "./library/Reserves.sol";
import {SettlementRun} from "./library/SettlementRun.sol";
import {Tokens} from "./library/Tokens.sol";
import {Permit, SignedDeposit} from "./type/Deposit.sol";
import {
    BodyRow,
    DebtSweep,
    DisputeCounter,
    Enforcement,
    Finalisation
} from "./type/Enforcement.sol";
import {
    Batch,
    CollateralToReserve,
    Operations,
    ReserveToCollateral,
    ReserveToReserve,
    Settlements,
    SignedBatch,
    Withdrawals
} from "./type/Operation.sol";
import {PlanTerms} from "./type/Plan.sol";

/// @title Depository: storage and doors; the logic is in the libraries (see IDepository).
contract Depository is DepositoryViews, Guard {
    using Assets for Book.State;
    using Assets for Tokens.State;
    using BatchRun for Book.State;
    using PlanRun for Book.State;
    using Reserves for Reserves.State;
    using SettlementRun for Book.State;
    using Tokens for Tokens.State;

    /// @param provider Never replaced.
    /// @param module Never replaced; made for the same provider.
    constructor(IEntityProvider provider, IEnforcement module) DepositoryViews(provider, module) {}

    // Tokens and deposits

    /// @inheritdoc IDepository
    function registerToken(
        uint8 kind,
        address asset,
        uint256 assetId
    ) external returns (uint32 token) {
        return _book.tokens.register(kind, asset, assetId);
    }

    /// @inheritdoc IDepository
    function deposit(
        bytes32 entity,
        uint32 token,
        uint128 amount
    ) external guarded returns (uint128 credited) {
        Authorisation.requireGiven(_PROVIDER, entity);
        return _book.deposit(entity, token, amount, msg.sender);
    }

    /// @inheritdoc IDepository
    function depositSigned(
        SignedDeposit calldata order,
        address owner,
        bytes calldata signature,
        Permit calldata permit
    ) external guarded returns (uint128 credited) {
        Refusal.requireInTime(order.deadline);
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            DepositoryDomain.separator(),
            DepositDigest.structHash(order)
        );
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer == address(0) || signer != owner) revert OwnerSignatureInvalid(owner, digest);
        _useDepositNonce(owner, order.nonce);
        Authorisation.requireGiven(_PROVIDER, order.entity);
        _book.tokens.allow(order.token, owner, permit);
        return _book.deposit(order.entity, order.token, order.amount, owner);
    }

    /// @inheritdoc IERC1155Receiver
    function onERC1155Received(
        address operator,
        address,
        uint256,
        uint256,
        bytes calldata
    ) external view returns (bytes4) {
        if (operator != address(this)) revert TransferUnasked(operator);
        return IERC1155Receiver.onERC1155Received.selector;
    }

    /// @inheritdoc IERC1155Receiver
    function onERC1155BatchReceived(
        address operator,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external pure returns (bytes4) {
        revert TransferUnasked(operator);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC1155Receiver).interfaceId || id == type(IERC165).interfaceId;
    }

    // Batches and settlements

    /// @inheritdoc IDepository
    function processBatch(Batch calldata batch, bytes calldata signature) external guarded {
        _process(batch, signature);
    }

    /// @inheritdoc IDepository
    function processBatches(SignedBatch[] calldata batches) external guarded {
        BatchList.run(batches, IDepository.processBatchInTurn.selector);
    }

    /// @inheritdoc IDepository
    function processBatchInTurn(Batch calldata batch, bytes calldata signature) external {
        if (msg.sender != address(this)) revert CallerNotSelf(msg.sender);
        _process(batch, signature);
    }

    /// @inheritdoc IDepository
    function settleDiffs(Settlements calldata settlements) external guarded {
        uint256 weight = Layout.ofSettlements(settlements);
        Budget.requireFits(weight, 0);
        Book.Scope memory scope = Book.Scope(_PROVIDER, DepositoryDomain.separator(), 0, 0);
        _book.settle(settlements, scope);
        if (scope.asked != 0) Budget.requireFits(weight + scope.asked, 0);
    }

    /// @inheritdoc IDepository
    function commitPlan(PlanTerms calldata terms, Settlements calldata list) external guarded {
        uint256 weight = Layout.ofSettlements(list) + list.entities.length * Budget.SIGNER;
        Budget.requireFits(weight, 0);
        Book.Scope memory scope = Book.Scope(_PROVIDER, DepositoryDomain.separator(), 0, 0);
        _book.commit(terms, list, scope);
    }

    // Enforcement

    /// @inheritdoc IDepository
    function enforce(Enforcement calldata) external guarded {
        Budget.requireFits(_runModule(IEnforcement.enforce.selector), 0);
    }

    /// @inheritdoc IDepository
    function counter(
        DisputeCounter calldata,
        BodyRow[] calldata,
        bytes calldata,
        bytes calldata
    ) external guarded {
        Budget.requireFits(_runModule(IEnforcement.counter.selector), 0);
    }

    /// @inheritdoc IDepository
    function finalise(
        Finalisation calldata,
        BodyRow[] calldata,
        bytes calldata,
        uint32[] calldata
    ) external guarded {
        Budget.requireFits(_runModule(IEnforcement.finalise.selector), 0);
    }

    /// @inheritdoc IDepository
    function enforceDebts(
        DebtSweep[] calldata sweeps,
        bytes32[] calldata creditors
    ) external guarded {
        Budget.requireSweepsFit(sweeps.length, creditors.length);
        _runModule(IEnforcement.enforceDebts.selector);
    }

    function _process(Batch calldata batch, bytes calldata signature) private {
        Operations calldata operations = batch.operations;
        (bytes32 operationsHash, uint256 weight, uint256 kinds) = Layout.ofOperations(
            operations,
            Calldata.startOf(signature) - Calldata.WORD
        );
        Budget.requireFits(weight, signature.length);
        bytes32 domain = DepositoryDomain.separator();
        Book.Scope memory scope = Book.Scope(_PROVIDER, domain, batch.entity, 0);
        _useBatch(batch, operationsHash, scope, signature);
        uint256 more = kinds == 0 ? 0 : _operate(operations, kinds, scope);
        unchecked {
            more += scope.asked;
        }
        if (more != 0) Budget.requireFits(weight + more, signature.length);
    }

    /// @notice Refuses a batch that is late, out of turn or not its entity's, and uses its nonce.
    function _useBatch(
        Batch calldata batch,
        bytes32 operationsHash,
        Book.Scope memory scope,
        bytes calldata signature
    ) private {
        bytes32 entity = scope.carrier;
        (uint64 nonce, uint64 deadline) = (batch.nonce, batch.deadline);
        Refusal.requireInTime(deadline);
        unchecked {
            // 2^64 batches are more than there will be.
            uint256 expected = ++_nonces[entity] - 1;
            if (nonce != expected) revert NonceInvalid(entity, uint64(expected), nonce);
        }
        bytes32 structHash = BatchDigest.structHash(entity, nonce, deadline, operationsHash);
        bytes32 digest = MessageHashUtils.toTypedDataHash(scope.domain, structHash);
        Reason.raise(Authorisation.objection(scope, entity, digest, signature));
        emit BatchProcessed(entity, nonce);
    }

    /// @dev Each kind's reserve changes are written before the next kind begins.
    /// @param kinds A bit for each list that is not empty, the lowest for the first.
    /// @return more What the enforcements may have cost.
    function _operate(
        Operations calldata operations,
        uint256 kinds,
        Book.Scope memory scope
    ) private returns (uint256 more) {
        if (kinds & (1 << Layout.PAYMENTS) != 0) {
            uint256 last = 0;
            ReserveToReserve[] calldata payments = _payments(operations);
            for (uint256 i = 0; i < payments.length; ++i) {
                last = _ascending(last, payments[i].token);
                _book.payReserves(payments[i], scope);
            }
        }
        if (kinds & (1 << Layout.RELEASES) != 0) {
            uint256 last = 0;
            CollateralToReserve[] calldata releases = _releases(operations);
            for (uint256 i = 0; i < releases.length; ++i) {
                last = _ascending(last, releases[i].token);
                _book.releaseCollateral(releases[i], scope);
            }
        }
        if (kinds & (1 << Layout.SETTLEMENTS) != 0) {
            Settlements[] calldata settlements = _settlements(operations);
            for (uint256 i = 0; i < settlements.length; ++i) {
                _book.settle(settlements[i], scope);
            }
        }
        if (kinds & (1 << Layout.ENFORCEMENTS) != 0) {
            more = _runModule(IEnforcement.enforceBatch.selector);
        }
        if (kinds & (1 << Layout.FUNDINGS) != 0) {
            uint256 last = 0;
            ReserveToCollateral[] calldata fundings = _fundings(operations);
            for (uint256 i = 0; i < fundings.length; ++i) {
                last = _ascending(last, fundings[i].token);
                _book.fundCollateral(fundings[i], scope);
            }
        }
        if (kinds & (1 << Layout.WITHDRAWALS) != 0) {
            uint256 last = 0;
            Withdrawals[] calldata withdrawals = _withdrawals(operations);
            for (uint256 i = 0; i < withdrawals.length; ++i) {
                last = _ascending(last, withdrawals[i].token);
                _book.withdraw(withdrawals[i], scope.carrier);
            }
        }
    }

    // The lists of operations whose layout was checked, which need not be looked for again

    function _payments(
        Operations calldata operations
    ) private pure returns (ReserveToReserve[] calldata list) {
        (uint256 position, uint256 count) = Layout.listOf(operations, Layout.PAYMENTS);
        assembly ("memory-safe") {
            list.offset := position
            list.length := count
        }
    }

    function _releases(
        Operations calldata operations
    ) private pure returns (CollateralToReserve[] calldata list) {
        (uint256 position, uint256 count) = Layout.listOf(operations, Layout.RELEASES);
        assembly ("memory-safe") {
            list.offset := position
            list.length := count
        }
    }

    function _settlements(
        Operations calldata operations
    ) private pure returns (Settlements[] calldata list) {
        (uint256 position, uint256 count) = Layout.listOf(operations, Layout.SETTLEMENTS);
        assembly ("memory-safe") {
            list.offset := position
            list.length := count
        }
    }

    function _fundings(
        Operations calldata operations
    ) private pure returns (ReserveToCollateral[] calldata list) {
        (uint256 position, uint256 count) = Layout.listOf(operations, Layout.FUNDINGS);
        assembly ("memory-safe") {
            list.offset := position
            list.length := count
        }
    }

    function _withdrawals(
        Operations calldata operations
    ) private pure returns (Withdrawals[] calldata list) {
        (uint256 position, uint256 count) = Layout.listOf(operations, Layout.WITHDRAWALS);
        assembly ("memory-safe") {
            list.offset := position
            list.length := count
        }
    }

    /// @dev Runs the module over this contract's storage with the arguments of the current call.
    /// @return word The first word that it returns.
    function _runModule(bytes4 selector) private returns (uint256 word) {
        address module = address(_MODULE);
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            mstore(0, 0)
            mstore(data, or(selector, shr(32, shl(32, mload(data)))))
            if iszero(delegatecall(gas(), module, data, calldatasize(), 0, 0x20)) {
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            word := mload(0)
        }
    }

    function _ascending(uint256 previous, uint256 next) private pure returns (uint256) {
        if (next <= previous) revert Unsorted(previous, next);
        return next;
    }

    function _useDepositNonce(address owner, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 word = _depositNonces[owner][nonce >> 8];
        if (word & bit != 0) revert DepositNonceUsed(owner, nonce);
        _depositNonces[owner][nonce >> 8] = word | bit;
    }
}
