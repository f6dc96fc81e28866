// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {DepositoryStorage} from "./DepositoryStorage.sol";
import {IDepositoryErrors} from "./interface/IDepositoryErrors.sol";
import {IEnforcement} from "./interface/IEnforcement.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {Book} from "./library/Book.sol";
import {DebtRun} from "./library/DebtRun.sol";
import {DisputeRun} from "./library/DisputeRun.sol";
import {EnforcementRun} from "./library/EnforcementRun.sol";
import {DebtSweep, Enforcement as Enforcements} from "./type/Enforcement.sol";
import {Batch} from "./type/Operation.sol";

/// @title Enforcement: the module of disputes, conditions and debts (see IEnforcement).
contract Enforcement is IEnforcement, IDepositoryErrors, DepositoryStorage, EIP712 {
    using EnforcementRun for Book.State;

    IEntityProvider private immutable _PROVIDER;
    address private immutable _SELF;

    uint32 private immutable _MIN_WINDOW;
    uint32 private immutable _MAX_WINDOW;

    /// @param provider Its delay is longer than the longest window, and its grace not shorter: as
    /// of a dispute's start at most one board of an entity is a replaced one.
    /// @param shortest At least what finality and a forced inclusion take.
    constructor(
        IEntityProvider provider,
        uint32 shortest,
        uint32 longest
    ) EIP712("XLN Depository", "1") {
        if (shortest == 0 || shortest > longest) revert WindowBoundsInvalid(shortest, longest);
        (uint32 delay, uint32 grace) = (provider.delay(), provider.grace());
        if (delay <= longest || grace < longest) revert WindowTooLong(longest, delay, grace);
        (_PROVIDER, _SELF) = (provider, address(this));
        (_MIN_WINDOW, _MAX_WINDOW) = (shortest, longest);
    }

    modifier onlyWithin() {
        if (address(this) == _SELF) revert ModuleOnly();
        _;
    }

    /// @inheritdoc IEnforcement
    function enforceBatch(
        Batch calldata batch,
        bytes calldata
    ) external onlyWithin returns (uint256 weight) {
        Book.Scope memory scope = Book.Scope(_PROVIDER, _domainSeparatorV4(), batch.entity, 0);
        Enforcements[] calldata list = batch.operations.enforcements;
        for (uint256 i = 0; i < list.length; ++i) {
            weight += _book.run(list[i], scope, _bounds());
        }
    }

    /// @inheritdoc IEnforcement
    function enforce(
        Enforcements calldata enforcement
    ) external onlyWithin returns (uint256 weight) {
        Book.Scope memory scope = Book.Scope(_PROVIDER, _domainSeparatorV4(), 0, 0);
        return _book.run(enforcement, scope, _bounds());
    }

    /// @inheritdoc IEnforcement
    function enforceDebts(
        DebtSweep[] calldata sweeps,
        bytes32[] calldata creditors
    ) external onlyWithin {
        DebtRun.sweep(_book, sweeps, creditors);
    }

    /// @inheritdoc IEnforcement
    function entityProvider() external view returns (address) {
        return address(_PROVIDER);
    }

    /// @inheritdoc IEnforcement
    function minWindow() external view returns (uint32) {
        return _MIN_WINDOW;
    }

    /// @inheritdoc IEnforcement
    function maxWindow() external view returns (uint32) {
        return _MAX_WINDOW;
    }

    function _bounds() private view returns (DisputeRun.Bounds memory) {
        return DisputeRun.Bounds(_MIN_WINDOW, _MAX_WINDOW);
    }
}
