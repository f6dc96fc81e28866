// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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
}
