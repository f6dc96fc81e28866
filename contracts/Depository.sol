// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {BatchDigest} from "./digest/BatchDigest.sol";
import {DepositDigest} from "./digest/DepositDigest.sol";
import {IDepository} from "./interface/IDepository.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {Accounts} from "./library/Accounts.sol";
import {Authorisation} from "./library/Authorisation.sol";
import {BatchRun} from "./library/BatchRun.sol";
import {Book} from "./library/Book.sol";
import {Budget} from "./library/Budget.sol";
import {Layout} from "./library/Layout.sol";
import {Reason} from "./library/Reason.sol";
import {Reserves} from "./library/Reserves.sol";
import {SettlementRun} from "./library/SettlementRun.sol";
import {Tokens} from "./library/Tokens.sol";
import {Permit, SignedDeposit} from "./type/Deposit.sol";
import {
    Batch,
    CollateralToReserve,
    Operations,
    ReserveToCollateral,
    ReserveToReserve,
    Settlements,
    Withdrawal,
    Withdrawals
} from "./type/Operation.sol";

/// @title Depository: storage and doors; the logic is in the libraries (see IDepository).
contract Depository is IDepository, EIP712, ReentrancyGuardTransient {
    using Accounts for Accounts.State;
    using BatchRun for Book.State;
    using Reserves for Reserves.State;
    using SafeERC20 for IERC20;
    using SettlementRun for Book.State;
    using Tokens for Tokens.State;

    IEntityProvider private immutable _PROVIDER;

    Book.State private _book;
    mapping(bytes32 entity => uint64) private _nonces;
    mapping(address owner => mapping(uint256 word => uint256)) private _depositNonces;

    /// @param provider Never replaced.
    constructor(IEntityProvider provider) EIP712("XLN Depository", "1") {
        if (address(provider).code.length == 0) revert EntityProviderWithoutCode(address(provider));
        _PROVIDER = provider;
    }

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
    ) external nonReentrant returns (uint128 credited) {
        return _pull(entity, token, amount, msg.sender);
    }

    /// @inheritdoc IDepository
    function depositSigned(
        SignedDeposit calldata order,
        address owner,
        bytes calldata signature,
        Permit calldata permit
    ) external nonReentrant returns (uint128 credited) {
        if (block.timestamp > order.deadline) {
            revert DeadlinePassed(order.deadline, block.timestamp);
        }
        bytes32 digest = _hashTypedDataV4(DepositDigest.structHash(order));
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer == address(0) || signer != owner) revert OwnerSignatureInvalid(owner, digest);
        _useDepositNonce(owner, order.nonce);
        _permit(order.token, owner, permit);
        return _pull(order.entity, order.token, order.amount, owner);
    }

    // Batches and settlements

    /// @inheritdoc IDepository
    function processBatch(Batch calldata batch, bytes calldata signature) external nonReentrant {
        (bytes32 operationsHash, uint256 weight) = Layout.ofOperations(batch.operations);
        Budget.requireFits(weight, signature.length);
        if (block.timestamp > batch.deadline) {
            revert DeadlinePassed(batch.deadline, block.timestamp);
        }
        uint64 nonce = _nonces[batch.entity];
        if (batch.nonce != nonce) revert NonceInvalid(batch.entity, nonce, batch.nonce);
        bytes32 digest = _batchDigest(batch, operationsHash);
        Reason.raise(Authorisation.objection(_PROVIDER, batch.entity, digest, signature));

        _nonces[batch.entity] = nonce + 1;
        emit BatchProcessed(batch.entity, nonce);
        _operate(batch.operations, batch.entity);
    }

    /// @inheritdoc IDepository
    function settleDiffs(Settlements calldata settlements) external nonReentrant {
        Budget.requireFits(Layout.ofSettlements(settlements), 0);
        _book.settle(settlements, Book.Scope(_PROVIDER, _domainSeparatorV4(), 0));
    }

    // Views

    /// @inheritdoc IDepository
    function entityProvider() external view returns (address) {
        return address(_PROVIDER);
    }

    /// @inheritdoc IDepository
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IDepository
    function batchDigest(Batch calldata batch) external view returns (bytes32) {
        (bytes32 operationsHash, ) = Layout.ofOperations(batch.operations);
        return _batchDigest(batch, operationsHash);
    }

    /// @inheritdoc IDepository
    function nonceOf(bytes32 entity) external view returns (uint64) {
        return _nonces[entity];
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

    function _batchDigest(
        Batch calldata batch,
        bytes32 operationsHash
    ) private view returns (bytes32) {
        return
            _hashTypedDataV4(
                BatchDigest.structHash(batch.entity, batch.nonce, batch.deadline, operationsHash)
            );
    }

    function _account(bytes32 left, bytes32 right) private view returns (Accounts.Account storage) {
        if (left >= right) revert PartiesUnordered(left, right);
        return _book.accounts.find(left, right);
    }

    /// @dev Each kind's reserve changes are written before the next kind begins.
    function _operate(Operations calldata operations, bytes32 entity) private {
        Book.Scope memory scope = Book.Scope(_PROVIDER, _domainSeparatorV4(), entity);
        uint256 last = 0;
        ReserveToReserve[] calldata payments = operations.reserveToReserve;
        for (uint256 i = 0; i < payments.length; ++i) {
            last = _ascending(last, payments[i].token);
            _book.payReserves(payments[i], scope);
        }
        last = 0;
        CollateralToReserve[] calldata releases = operations.collateralToReserve;
        for (uint256 i = 0; i < releases.length; ++i) {
            last = _ascending(last, releases[i].token);
            _book.releaseCollateral(releases[i], scope);
        }
        Settlements[] calldata settlements = operations.settlements;
        for (uint256 i = 0; i < settlements.length; ++i) {
            _book.settle(settlements[i], scope);
        }
        last = 0;
        ReserveToCollateral[] calldata fundings = operations.reserveToCollateral;
        for (uint256 i = 0; i < fundings.length; ++i) {
            last = _ascending(last, fundings[i].token);
            _book.fundCollateral(fundings[i], scope);
        }
        last = 0;
        Withdrawals[] calldata withdrawals = operations.withdrawals;
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            last = _ascending(last, withdrawals[i].token);
            _withdraw(withdrawals[i], entity);
        }
    }

    function _ascending(uint256 previous, uint256 next) private pure returns (uint256) {
        if (next <= previous) revert Unsorted(previous, next);
        return next;
    }

    /// @dev The guard is held, so no balance change in between can be another deposit.
    function _pull(
        bytes32 entity,
        uint32 token,
        uint128 amount,
        address owner
    ) private returns (uint128 credited) {
        BatchRun.requireAmount(amount);
        _book.tokens.requireKnown(token);
        Authorisation.requireGiven(_PROVIDER, entity);
        IERC20 asset = IERC20(_book.tokens.tokens[token].asset);

        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(owner, address(this), amount);
        uint256 held = asset.balanceOf(address(this));
        uint256 gain = held > before ? held - before : 0;
        BatchRun.requireAmount(gain);

        _book.tokens.give(token, gain, held);
        _book.reserves.credit(entity, token, gain);
        credited = uint128(gain);
        emit Deposited(entity, owner, (uint256(token) << 128) | gain);
    }

    function _withdraw(Withdrawals calldata group, bytes32 entity) private {
        IERC20 asset = IERC20(_book.tokens.tokens[group.token].asset);
        for (uint256 i = 0; i < group.items.length; ++i) {
            Withdrawal calldata item = group.items[i];
            BatchRun.requireAmount(item.amount);
            _book.reserves.debit(entity, group.token, item.amount);
            _book.tokens.take(group.token, item.amount);
            emit Withdrawn(entity, item.to, (uint256(group.token) << 128) | item.amount);
            _push(asset, group.token, item);
        }
    }

    /// @dev What leaves is compared with what was asked, not with the total: a token that lost
    /// some of its balance by itself must not lock in the rest.
    function _push(IERC20 asset, uint32 token, Withdrawal calldata item) private {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransfer(item.to, item.amount);
        uint256 held = asset.balanceOf(address(this));
        uint256 taken = before > held ? before - held : 0;
        if (taken > item.amount) revert TokenTookTooMuch(token, item.amount, taken);
    }

    function _useDepositNonce(address owner, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 word = _depositNonces[owner][nonce >> 8];
        if (word & bit != 0) revert DepositNonceUsed(owner, nonce);
        _depositNonces[owner][nonce >> 8] = word | bit;
    }

    /// @dev Anyone may have used the permit first, so its failure says nothing.
    function _permit(uint32 token, address owner, Permit calldata permit) private {
        if (permit.v == 0) return;
        _book.tokens.requireKnown(token);
        IERC20Permit asset = IERC20Permit(_book.tokens.tokens[token].asset);
        // solhint-disable-next-line no-empty-blocks
        try
            asset.permit(
                owner,
                address(this),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {}
    }
}
