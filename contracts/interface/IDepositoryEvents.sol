// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the Depository reports. Rows are absolute: the newest event about a row is the row.
/// @dev Packings, most significant bits first:
/// - `tokenEpochNumber`: 96 zero bits, `token:u32`, `epoch:u64`, `number:u64`. Number 0 with epoch
///   0 means that the account's epoch and number are what they were.
/// - `money`: `ondelta:i128` (two's complement), `collateral:u128`.
/// - `tokenAndAmount`: 96 zero bits, `token:u32`, `amount:u128`.
interface IDepositoryEvents {
    /// @notice One row of an account changed, and its number, if a settlement did it.
    event AccountUpdated(
        bytes32 indexed left,
        bytes32 indexed right,
        uint256 tokenEpochNumber,
        uint256 money
    );

    /// @notice A reserve changed; the amount is what is in it now.
    event ReserveUpdated(bytes32 indexed entity, uint256 tokenAndAmount);

    /// @notice An asset got its token id.
    event TokenRegistered(uint32 indexed token, address indexed asset, uint8 kind, uint256 assetId);

    /// @notice Tokens came in; the amount is what was credited.
    event Deposited(bytes32 indexed entity, address indexed from, uint256 tokenAndAmount);

    /// @notice Tokens went out.
    event Withdrawn(bytes32 indexed entity, address indexed to, uint256 tokenAndAmount);

    /// @notice An entity's batch was accepted; what it did was or will be reported in the same
    /// transaction.
    event BatchProcessed(bytes32 indexed entity, uint64 nonce);

    /// @notice A settlement, or a short one in a batch, was passed over and changed nothing.
    /// @param reason The error that it would have failed with, cut to 256 bytes.
    event SettlementSkipped(
        bytes32 indexed left,
        bytes32 indexed right,
        uint64 epoch,
        uint64 number,
        bytes reason
    );
}
