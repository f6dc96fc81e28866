// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransformer} from "../interface/ITransformer.sol";

/// @title A transformer that does what its payload says, for tests. It is no part of a deployment.
contract DevTransformer is ITransformer {
    /// @param payload A byte that says what to do with the rest: 0 answers with it, 1 reverts with
    /// it, 2 uses up all gas, any other answers with so many thousand zero bytes.
    function transform(bytes calldata payload) external pure returns (int256) {
        uint256 kind = uint8(payload[0]);
        bytes memory rest = kind > 2 ? new bytes(kind * 1000) : payload[1:];
        assembly ("memory-safe") {
            switch kind
            case 1 {
                revert(add(rest, 0x20), mload(rest))
            }
            case 2 {
                invalid()
            }
            default {
                return(add(rest, 0x20), mload(rest))
            }
        }
    }
}
