// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Book} from "./Book.sol";
import {Budget} from "./Budget.sol";
import {Identity} from "./Identity.sol";
import {Reason} from "./Reason.sol";
import {RootSignature} from "./RootSignature.sol";

/// @title Whether an entity signed a digest: single keys here, boards and contracts at the
/// EntityProvider.
/// @dev Too little gas is never an objection: it fails the call, so that whoever submits cannot
/// have a good signature skipped.
library Authorisation {
    /// @dev More than judging a board's signature costs: measured worst cases are below half.
    /// Contracts that are asked come on top: the EntityProvider itself wants their gas to be left.
    uint256 private constant BOARD_GAS = 60_000;
    uint256 private constant BOARD_GAS_A_BYTE = 90;

    /// @notice For batches and settlements: current boards, and contracts by ERC-1271.
    /// @param scope Counts what contracts that were asked may have spent. Of a refusal nobody says
    /// how many were, so all that it cost counts.
    /// @return reason Empty if the entity signed; else the error, encoded.
    function objection(
        Book.Scope memory scope,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bytes memory reason) {
        if (Identity.isAddress(entity)) {
            address signer = Identity.toAddress(entity);
            if (RootSignature.recover(entity, digest, signature) == signer) return reason;
            if (signer.code.length == 0) return _invalid(entity, digest);
        }
        _requireGas(signature.length);
        uint256 before = gasleft();
        try scope.provider.verify(entity, digest, signature) returns (uint256 asked) {
            scope.asked += asked * Budget.CONTRACT;
        } catch (bytes memory failure) {
            scope.asked += before - gasleft();
            return _passOn(failure);
        }
    }

    /// @notice For proofs and plan certificates: boards as of a time, and no contract.
    /// @param asOf u64, not ahead of now.
    /// @return reason Empty if the entity signed; else the error, encoded.
    /// @return retired Whether the signature needs a board that was replaced before that time.
    function objectionAsOf(
        IEntityProvider provider,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature,
        uint256 asOf
    ) internal view returns (bytes memory reason, bool retired) {
        if (Identity.isAddress(entity)) {
            address signer = RootSignature.recover(entity, digest, signature);
            if (signer != Identity.toAddress(entity)) reason = _invalid(entity, digest);
            return (reason, false);
        }
        _requireGas(signature.length);
        try provider.verifyAsOf(entity, digest, signature, uint64(asOf)) returns (bool replaced) {
            retired = replaced;
        } catch (bytes memory failure) {
            reason = _passOn(failure);
        }
    }

    /// @notice Reverts unless the id may be credited: no zero, no number that nobody has (ENT-1).
    function requireGiven(IEntityProvider provider, bytes32 entity) internal view {
        if (uint256(entity) > type(uint64).max) return;
        if (entity == 0 || uint256(entity) > provider.entityCount()) {
            revert IDepositoryErrors.EntityInvalid(entity);
        }
    }

    function _requireGas(uint256 length) private view {
        uint256 needed = BOARD_GAS + BOARD_GAS_A_BYTE * length;
        if (gasleft() < needed) revert IDepositoryErrors.GasTooLow(gasleft(), needed);
    }

    /// @dev The EntityProvider refuses with data, always: without it gas ran out.
    function _passOn(bytes memory failure) private view returns (bytes memory) {
        if (failure.length == 0) revert IDepositoryErrors.GasTooLow(gasleft(), BOARD_GAS);
        if (bytes4(failure) == IDepositoryErrors.GasTooLow.selector) Reason.raise(failure);
        return failure;
    }

    function _invalid(bytes32 entity, bytes32 digest) private pure returns (bytes memory) {
        bytes4 selector = IDepositoryErrors.SignatureInvalid.selector;
        return abi.encodeWithSelector(selector, entity, digest);
    }
}
