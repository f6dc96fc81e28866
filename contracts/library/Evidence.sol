// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDepositoryEvents} from "../interface/IDepositoryEvents.sol";

/// @title What conditions wait for, as recorded on chain (CND-1).
library Evidence {
    /// @param revealedAt When the preimage of a hash became known; zero if it is not.
    /// @param committedAt When a plan was committed; zero if it was not.
    /// @param ratios How much of a limit order its taker took, of 2^32.
    struct State {
        mapping(bytes32 hash => uint64) revealedAt;
        mapping(bytes32 plan => uint64) committedAt;
        mapping(bytes32 orderKey => uint64) ratios;
    }

    /// @dev The whole of an order.
    uint256 internal constant WHOLE = 1 << 32;

    /// @dev The first time counts: what was known in time stays so.
    function reveal(State storage self, bytes32 preimage) internal {
        bytes32 hash;
        assembly ("memory-safe") {
            mstore(0, preimage)
            hash := keccak256(0, 0x20)
        }
        if (self.revealedAt[hash] != 0) return;
        self.revealedAt[hash] = uint64(block.timestamp);
        emit IDepositoryEvents.HashRevealed(hash, preimage);
    }

    /// @param deadline Below 2^64, as is `epoch`.
    /// @return result keccak256(accountKey ‖ epoch:u64 ‖ order ‖ deadline:u64 ‖ taker:u8).
    function orderKey(
        bytes32 accountKey,
        uint256 epoch,
        bytes32 order,
        uint256 deadline,
        uint256 taker
    ) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, accountKey)
            mstore(add(pointer, 0x20), shl(192, epoch))
            mstore(add(pointer, 0x28), order)
            mstore(add(pointer, 0x48), shl(192, deadline))
            mstore8(add(pointer, 0x50), taker)
            result := keccak256(pointer, 0x51)
        }
    }
}
