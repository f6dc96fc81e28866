// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {IEntityProvider} from "../interface/IEntityProvider.sol";

/// @title Asks a contract whether it signed (ERC-1271), at a bounded price (ENT-3).
library ContractSignature {
    /// @dev What the contract may spend.
    uint256 internal constant GAS = 150_000;
    /// @dev A call gets at most 63/64 of what is left, here 156 k; the rest pays for the call.
    uint256 private constant NEEDED = GAS + GAS / 16;
    bytes32 private constant VALID = bytes32(IERC1271.isValidSignature.selector);

    /// @notice Whether the contract says so. What it answers beyond one word is not copied.
    /// @dev With less gas than it may spend the call reverts: else whoever submits could make the
    /// answer fail by sending too little.
    /// @param signer Without code it says nothing.
    function isValid(
        address signer,
        bytes32 hash,
        bytes calldata signature
    ) internal view returns (bool valid) {
        if (signer.code.length == 0) return false;
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (hash, signature));
        if (gasleft() < NEEDED) revert IEntityProvider.GasTooLow(gasleft(), NEEDED);
        bytes32 answer;
        assembly ("memory-safe") {
            mstore(0, 0)
            let done := staticcall(GAS, signer, add(question, 0x20), mload(question), 0, 0x20)
            if and(done, gt(returndatasize(), 0x1f)) {
                answer := mload(0)
            }
        }
        return answer == VALID;
    }
}
