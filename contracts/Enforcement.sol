// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DepositoryStorage} from "./DepositoryStorage.sol";
import {DepositoryDomain} from "./digest/DepositoryDomain.sol";
import {IDepositoryErrors} from "./interface/IDepositoryErrors.sol";
import {IEnforcement} from "./interface/IEnforcement.sol";
import {IEntityProvider} from "./interface/IEntityProvider.sol";
import {Body} from "./library/Body.sol";
import {Book} from "./library/Book.sol";
import {Budget} from "./library/Budget.sol";
import {Calldata} from "./library/Calldata.sol";
import {DebtRun} from "./library/DebtRun.sol";
import {Dispute} from "./library/Dispute.sol";
import {DisputeRun} from "./library/DisputeRun.sol";
import {EnforcementLayout} from "./library/EnforcementLayout.sol";
import {EnforcementRun} from "./library/EnforcementRun.sol";
import {Finalisation} from "./library/Finalisation.sol";
import {Pool} from "./library/Pool.sol";
import {Refusal} from "./library/Refusal.sol";
import {Skip} from "./library/Skip.sol";
import {
    BodyRow,
    DebtSweep,
    DisputeCounter,
    Enforcement as Enforcements,
    Finalisation as Ending
} from "./type/Enforcement.sol";
import {Batch, Operations} from "./type/Operation.sol";

/// @title Enforcement: the module of disputes, conditions and debts (see IEnforcement).
contract Enforcement is IEnforcement, IDepositoryErrors, DepositoryStorage {
    using Calldata for uint256;
    using EnforcementRun for Book.State;

    IEntityProvider private immutable _PROVIDER;
    address private immutable _SELF;

    uint32 private immutable _MIN_WINDOW;
    uint32 private immutable _MAX_WINDOW;

    /// @param provider Its delay is longer than the longest window, and its grace not shorter: as
    /// of a dispute's start at most one board of an entity is a replaced one.
    /// @param shortest At least what finality and a forced inclusion take.
    constructor(IEntityProvider provider, uint32 shortest, uint32 longest) {
        if (shortest == 0 || shortest > longest) revert WindowBoundsInvalid(shortest, longest);
        (uint32 delay, uint32 grace) = (provider.delay(), provider.grace());
        if (delay <= longest || grace < longest) revert WindowTooLong(longest, delay, grace);
        (_PROVIDER, _SELF) = (provider, address(this));
        (_MIN_WINDOW, _MAX_WINDOW) = (shortest, longest);
    }

    /// @inheritdoc IEnforcement
    function enforceBatch(
        Batch calldata batch,
        bytes calldata signature
    ) external returns (uint256 weight) {
        uint256 base;
        Operations calldata operations = batch.operations;
        assembly ("memory-safe") {
            base := operations
        }
        Book.Scope memory scope = _scope(batch.entity);
        unchecked {
            // The Depository has checked this offset, and that the list is no longer than it may.
            uint256 heads = base + (base + 5 * Calldata.WORD).word() + Calldata.WORD;
            uint256 headsEnd = heads + (heads - Calldata.WORD).word() * Calldata.WORD;
            uint256 end = headsEnd;
            for (uint256 head = heads; head < headsEnd; head += Calldata.WORD) {
                EnforcementLayout.requireOffset(heads, head, end);
                uint256 cost;
                (end, cost) = _enforce(end, scope);
                weight += cost;
            }
            EnforcementLayout.requireEnd(end, Calldata.startOf(signature) - Calldata.WORD);
        }
    }

    /// @inheritdoc IEnforcement
    function enforce(Enforcements calldata enforcement) external returns (uint256 weight) {
        uint256 end;
        assembly ("memory-safe") {
            end := enforcement
        }
        (end, weight) = _enforce(end, _scope(0));
        EnforcementLayout.requireEnd(end, msg.data.length);
    }

    /// @inheritdoc IEnforcement
    function counter(
        DisputeCounter calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        bytes calldata signatures
    ) external returns (uint256 weight) {
        (Body.Place memory body, uint256 cost) = Body.only(
            rows,
            conditions,
            head.rows,
            head.conditionBytes
        );
        (uint256 length, uint256 left) = (signatures.length, head.leftSignature);
        if (left > length) revert ListMismatch(left, length);
        unchecked {
            Refusal.requireUsedUp(head.rightSignature, length - left);
            weight = cost + Budget.COUNTER + length * Budget.SIGNATURE_BYTE;
        }
        uint256 start = Calldata.startOf(signatures);
        _requireWithin();
        Book.Scope memory scope = Book.Scope(_PROVIDER, DepositoryDomain.separator(), 0, 0);
        DisputeRun.counter(_book, head, body, start, scope, Skip.ALONE);
    }

    /// @inheritdoc IEnforcement
    function finalise(
        Ending calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        uint32[] calldata tokens
    ) external returns (uint256 weight) {
        _requireWithin();
        (Body.Place memory body, uint256 cost) = Body.only(
            rows,
            conditions,
            head.rows,
            head.conditionBytes
        );
        Refusal.requireUsedUp(head.tokens, tokens.length);
        uint256 start;
        assembly ("memory-safe") {
            start := tokens.offset
        }
        uint256 given = Finalisation.finalise(_book, head, body, start, 0, _MAX_WINDOW, Skip.ALONE);
        unchecked {
            weight = cost + Budget.FINALISATION + tokens.length * Budget.CLOSED_TOKEN + given;
        }
    }

    /// @inheritdoc IEnforcement
    function enforceDebts(DebtSweep[] calldata sweeps, bytes32[] calldata creditors) external {
        _requireWithin();
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

    /// @param base Where the enforcement lies in calldata.
    /// @return end Where it ends.
    /// @return weight What it may have cost, in gas.
    function _enforce(
        uint256 base,
        Book.Scope memory scope
    ) private returns (uint256 end, uint256 weight) {
        Pool.State memory pool;
        weight = EnforcementLayout.walk(base, pool);
        weight += _book.run(pool, scope, _bounds());
        end = pool.end;
    }

    function _bounds() private view returns (uint256) {
        return Dispute.bounds(_MIN_WINDOW, _MAX_WINDOW);
    }

    function _scope(bytes32 carrier) private view returns (Book.Scope memory) {
        _requireWithin();
        return Book.Scope(_PROVIDER, DepositoryDomain.separator(), carrier, 0);
    }

    function _requireWithin() private view {
        if (address(this) == _SELF) revert ModuleOnly();
    }
}
