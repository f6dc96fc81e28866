// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryErrors} from "../interface/IDepositoryErrors.sol";
import {ITransformer} from "../interface/ITransformer.sol";

/// @title Asks a transformer, so that it can do no harm (CND-1).
library Transformer {
    /// @dev Between the look at what is left and the call, with something to spare.
    uint256 private constant OVERHEAD = 1_000;

    /// @param given Exactly what the transformer gets, in gas.
    /// @param payload Where its payload lies in calldata.
    /// @param answer Where in memory so many words may be written, past the free pointer; they mean
    /// nothing unless it answered.
    /// @return answered Whether it returned exactly so many words. No more are copied than that.
    function ask(
        address transformer,
        uint256 given,
        uint256 payload,
        uint256 payloadLength,
        uint256 answer,
        uint256 words
    ) internal view returns (bool answered) {
        if (transformer.code.length == 0) return false;
        bytes4 selector = ITransformer.transform.selector;
        uint256 size = words * 32;
        uint256 input = answer + size;
        uint256 inputLength;
        assembly ("memory-safe") {
            let data := add(input, 0x44)
            // First the end, so that what pads the last word is zero.
            mstore(add(data, payloadLength), 0)
            mstore(input, selector)
            mstore(add(input, 4), 0x20)
            mstore(add(input, 0x24), payloadLength)
            calldatacopy(data, payload, payloadLength)
            inputLength := add(0x44, and(add(payloadLength, 0x1f), not(0x1f)))
        }
        // A call gets at most 63 of 64 parts of what is left.
        uint256 needed = given + given / 63 + OVERHEAD;
        if (gasleft() < needed) revert IDepositoryErrors.TransformerGasTooLow(gasleft(), needed);
        assembly ("memory-safe") {
            answered := staticcall(given, transformer, input, inputLength, answer, size)
            answered := and(answered, eq(returndatasize(), size))
        }
    }
}
