// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the Depository reports. Rows are absolute: the newest event about a row is the row.
/// @dev Packings, most significant bits first:
/// - `tokenEpochNumber`: 96 zero bits, `token:u32`, `epoch:u64`, `number:u64`. Number 0 with epoch
///   0 means that the account's epoch and number are what they were.
/// - `money`: `ondelta:i128` (two's complement), `collateral:u128`.
/// - `tokenAndAmount`: 96 zero bits, `token:u32`, `amount:u128`.
/// - `epochNumber`: 128 zero bits, `epoch:u64`, `number:u64`.
/// - `window`: 56 zero bits, `salt:u64`, `flags:u8`, `startedAt:u64`, `end:u64`. The salt is the
///   low bits of the hash of the block before the start. Flags: 1 right started; 2 right's batch
///   brought the proof, 4 left's did (neither: anyone with both signatures); 8 left's signature is
///   a retired board's, 16 right's.
/// - `tokenAndIndex`: 160 zero bits, `token:u32`, `index:u64`.
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

    /// @notice A batch among many failed and changed nothing.
    /// @param reason The error that it failed with, cut to 256 bytes.
    event BatchFailed(bytes32 indexed entity, uint64 nonce, bytes reason);

    /// @notice Every signer's "prepared" was shown, and the plan's settlements landed.
    event PlanCommitted(bytes32 indexed plan);

    /// @notice A preimage is known from this block on.
    event HashRevealed(bytes32 indexed hash, bytes32 preimage);

    /// @notice A taker recorded how much of a limit order it takes.
    /// @param ratio Of 2^32.
    event OrderFilled(
        bytes32 indexed left,
        bytes32 indexed right,
        bytes32 order,
        bool takerIsRight,
        uint64 epoch,
        uint64 deadline,
        uint64 ratio
    );

    /// @notice A dispute began.
    event DisputeStarted(
        bytes32 indexed left,
        bytes32 indexed right,
        uint256 epochNumber,
        uint256 window,
        bytes32 bodyHash
    );

    /// @notice A newer proof was brought.
    /// @param overtaking Whether it lies beside the account's head, whose window and body stay.
    event DisputeCountered(
        bytes32 indexed left,
        bytes32 indexed right,
        uint256 epochNumber,
        uint256 window,
        bytes32 bodyHash,
        bool overtaking
    );

    /// @notice A dispute ended; rows that changed were reported before, in the same transaction.
    /// @param epoch The account's new epoch.
    event DisputeFinalised(bytes32 indexed left, bytes32 indexed right, uint64 epoch);

    /// @notice A debt was made, paid in part or in whole, or forgiven.
    /// @param amount What is still owed.
    event DebtUpdated(
        bytes32 indexed debtor,
        bytes32 indexed creditor,
        uint256 tokenAndIndex,
        uint256 amount
    );

    /// @notice What had been reached before was passed over and changed nothing.
    /// @param kind 1 start, 2 counter, 3 finalisation, 4 fill, 5 forgiveness, 6 sweep of debts (of
    /// the last two left is the debtor, right the creditor).
    /// @param reason The error that it would have failed with.
    event EnforcementSkipped(bytes32 indexed left, bytes32 indexed right, uint8 kind, bytes reason);
}
