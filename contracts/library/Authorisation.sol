// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {IEntityProvider} from "../interface/IEntityProvider.sol";
import {Identity} from "./Identity.sol";
import {RootSignature} from "./RootSignature.sol";

/// @title Whether an entity signed a digest: single keys here, boards at the EntityProvider.
library Authorisation {
    /// @dev More than judging a board's signature costs: measured worst cases are below half.
    uint256 private constant BOARD_GAS = 60_000;
    uint256 private constant BOARD_GAS_A_BYTE = 60;

    /// @return reason Empty if the entity signed; else the error, encoded.
    function objection(
        IEntityProvider provider,
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bytes memory reason) {
        if (Identity.isAddress(entity)) {
            address signer = RootSignature.recover(entity, digest, signature);
            if (signer == Identity.toAddress(entity)) return reason;
            return _invalid(entity, digest);
        }
        // Else whoever submits could make a good signature fail by sending too little gas.
        uint256 needed = BOARD_GAS + BOARD_GAS_A_BYTE * signature.length;
        if (gasleft() < needed) revert IDepositoryErrors.GasTooLow(gasleft(), needed);
        try provider.verify(entity, digest, signature) {
            return reason;
        } catch (bytes memory failure) {
            return failure.length == 0 ? _invalid(entity, digest) : failure;
        }
    }

    /// @notice Reverts unless the id may be credited: no zero, no number that nobody has (ENT-1).
    function requireGiven(IEntityProvider provider, bytes32 entity) internal view {
        if (uint256(entity) > type(uint64).max) return;
        if (entity == 0 || uint256(entity) > provider.entityCount()) {
            revert IDepositoryErrors.EntityInvalid(entity);
        }
    }

    function _invalid(bytes32 entity, bytes32 digest) private pure returns (bytes memory) {
        bytes4 selector = IDepositoryErrors.SignatureInvalid.selector;
        return abi.encodeWithSelector(selector, entity, digest);
    }
}
