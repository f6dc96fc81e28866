// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Batch, Operations, Settlements} from "../../../contracts/type/Operation.sol";
import {Fixture} from "./Fixture.sol";

/// @title DEP-8: what the largest lists of a batch cost.
contract MaximumGasTest is Fixture {
    function setUp() public {
        deploy();
    }

    /// @dev What a list takes of memory, which grows dearer the more there is, it gives back.
    function test_DEP8_TheWidestListsOfSettlements() public {
        for (uint256 i = 2; i < 32; ++i) depository.registerToken(2, address(assets[0]), i);
        Settlements memory widest;
        (widest.entities, widest.tokens) = (new bytes32[](256), new uint32[](32));
        for (uint32 i = 0; i < 256; ++i) widest.entities[i] = bytes32(uint256(i) + 1);
        for (uint32 i = 0; i < 32; ++i) widest.tokens[i] = i + 1;
        Operations memory operations;
        operations.settlements = new Settlements[](8);
        for (uint256 i = 0; i < 8; ++i) operations.settlements[i] = widest;
        Batch memory batch = batchOf(0, operations);
        bytes memory data = abi.encodeCall(depository.processBatch, (batch, signBatch(0, batch)));
        uint256 before = gasleft();
        (bool landed, ) = address(depository).call(data);
        uint256 cost = before - gasleft() + 21_000 + 16 * data.length;
        assertTrue(landed && cost < 15_000_000, "the widest lists fit");
    }
}
