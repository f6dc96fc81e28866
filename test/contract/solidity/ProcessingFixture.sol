// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryEvents as Events} from "../../../contracts/interface/IDepositoryEvents.sol";
import {Batch, Operations, SignedBatch} from "../../../contracts/type/Operation.sol";
import {Log} from "./Test.sol";
import {TokenFixture} from "./TokenFixture.sol";

/// @title Signed batches of the parties, and what is reported of them.
abstract contract ProcessingFixture is TokenFixture {
    /// @dev No operations.
    Operations internal empty;

    /// @dev The party's next batch.
    function signed(
        uint256 party,
        Operations memory operations
    ) internal view returns (SignedBatch memory) {
        return signedAt(party, depository.nonceOf(ids[party]), operations);
    }

    function signedAt(
        uint256 party,
        uint64 nonce,
        Operations memory operations
    ) internal view returns (SignedBatch memory) {
        Batch memory batch = Batch(ids[party], nonce, FAR, operations);
        return SignedBatch(batch, signBatch(party, batch));
    }

    /// @dev An empty batch of each of the first parties.
    function empties(uint256 count) internal view returns (SignedBatch[] memory batches) {
        batches = new SignedBatch[](count);
        for (uint256 i = 0; i < count; ++i) batches[i] = signed(i, empty);
    }

    /// @dev Exactly one failure among the logs recorded, and this one.
    function expectFailure(uint256 party, uint64 nonce, bytes memory reason) internal {
        Log[] memory logs = VM.getRecordedLogs();
        uint256 found = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != Events.BatchFailed.selector) continue;
            ++found;
            expectReport(logs[i], party, nonce, reason);
        }
        assertEq(found, 1);
    }

    function expectReport(
        Log memory log,
        uint256 party,
        uint64 nonce,
        bytes memory reason
    ) internal view {
        assertEq(log.topics[0], Events.BatchFailed.selector);
        assertEq(log.topics[1], ids[party]);
        assertEq(keccak256(log.data), keccak256(abi.encode(nonce, reason)));
    }

    /// @dev Of the first three parties.
    function expectNonces(uint64 first, uint64 second, uint64 third) internal view {
        assertEq(depository.nonceOf(ids[0]), first);
        assertEq(depository.nonceOf(ids[1]), second);
        assertEq(depository.nonceOf(ids[2]), third);
    }
}
