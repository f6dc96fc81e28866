// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What a token's owner signs so that anyone may bring its tokens into a reserve.
/// @param nonce Any number that the owner has not used; they have no order.
struct SignedDeposit {
    bytes32 entity;
    uint32 token;
    uint128 amount;
    uint256 nonce;
    uint64 deadline;
}

/// @dev An ERC-2612 permit for the Depository; tried only if `v` is not zero.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
