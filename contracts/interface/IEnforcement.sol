// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DebtSweep, Enforcement} from "../type/Enforcement.sol";
import {Batch} from "../type/Operation.sol";

/// @title The module that the Depository runs for what is rare: disputes, conditions, debts.
/// @dev It has no state: the Depository runs it by `delegatecall` over its own, with the calldata
/// that it was called with. It refuses to run by itself.
/// @dev Layouts and weights were checked by the Depository (see Layout).
interface IEnforcement {
    /// @notice Carries out the enforcements of a batch whose signature was checked.
    /// @return weight What transformers were given, in gas.
    function enforceBatch(
        Batch calldata batch,
        bytes calldata signature
    ) external returns (uint256 weight);

    /// @notice See IDepository.
    /// @return weight What transformers were given, in gas.
    function enforce(Enforcement calldata enforcement) external returns (uint256 weight);

    /// @notice See IDepository.
    function enforceDebts(DebtSweep[] calldata sweeps, bytes32[] calldata creditors) external;

    /// @return The contract that knows entities and boards.
    function entityProvider() external view returns (address);

    /// @return The shortest window of a dispute, in seconds.
    function minWindow() external view returns (uint32);

    /// @return The longest window of a dispute, in seconds.
    function maxWindow() external view returns (uint32);
}
