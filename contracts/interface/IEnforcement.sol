// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BodyRow,
    DebtSweep,
    DisputeCounter,
    Enforcement,
    Finalisation
} from "../type/Enforcement.sol";
import {Batch} from "../type/Operation.sol";

/// @title The module that the Depository runs for what is rare: disputes, conditions, debts.
/// @dev It has no state: the Depository runs it by `delegatecall` over its own, with the calldata
/// that it was called with. It refuses to run by itself.
/// @dev Of a batch the Depository has checked all but the enforcements, which are laid out as
/// `abi.encode` would (see EnforcementLayout). It adds the weights up.
interface IEnforcement {
    /// @notice Carries out the enforcements of a batch whose signature was checked.
    /// @return weight What they may have cost, in gas.
    function enforceBatch(
        Batch calldata batch,
        bytes calldata signature
    ) external returns (uint256 weight);

    /// @notice See IDepository.
    /// @return weight What it may have cost, in gas.
    function enforce(Enforcement calldata enforcement) external returns (uint256 weight);

    /// @notice See IDepository.
    /// @return weight What it may have cost, in gas.
    function counter(
        DisputeCounter calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        bytes calldata signatures
    ) external returns (uint256 weight);

    /// @notice See IDepository.
    /// @return weight What it may have cost, in gas.
    function finalise(
        Finalisation calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        uint32[] calldata tokens
    ) external returns (uint256 weight);

    /// @notice See IDepository.
    function enforceDebts(DebtSweep[] calldata sweeps, bytes32[] calldata creditors) external;

    /// @return The contract that knows entities and boards.
    function entityProvider() external view returns (address);

    /// @return The shortest window of a dispute, in seconds.
    function minWindow() external view returns (uint32);

    /// @return The longest window of a dispute, in seconds.
    function maxWindow() external view returns (uint32);
}
