// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Enforcement} from "./Enforcement.sol";

// Everything that a batch or a call of `settleDiffs` carries. Items are static and grouped by
// token; amounts are in the token's smallest unit, 0 < x < 2^127; groups are strictly ascending
// by token. Times are in seconds since 1970; what happens at a deadline is in time.

struct ReserveTransfer {
    bytes32 to;
    uint128 amount;
}

/// @dev The batch's entity pays others from its reserve.
struct ReserveToReserve {
    uint32 token;
    ReserveTransfer[] transfers;
}

/// @dev Fields are whole words because narrower ones cost more to read; ranges are checked.
/// @param epoch u64.
/// @param number u64.
/// @param deadline u64.
/// @param amount u128.
/// @param signatureLength Of the counterparty's signature within the group's `signatures`.
struct CollateralRelease {
    bytes32 counterparty;
    uint256 epoch;
    uint256 number;
    uint256 deadline;
    uint256 amount;
    uint256 signatureLength;
}

/// @dev Settlements in short form: the batch's entity takes collateral out of an account into its
/// reserve, and `ondelta` falls by the amount if it is left. The counterparty signed the
/// settlement that this is, with one diff and no plan.
/// @param signatures The counterparties' signatures, one after the other.
struct CollateralToReserve {
    uint32 token;
    CollateralRelease[] releases;
    bytes signatures;
}

/// @dev A list of settlements in tables. Heads and diffs are one word each, because that halves
/// what they cost; the most significant bits come first.
///
/// A head is `epoch:u32 | number:u64 | deadline:u64 | left:u8 | right:u8 | tokens:u32 |
/// leftSignature:u24 | rightSignature:u24`: a settlement as both sides signed it, without its
/// diffs. `left` and `right` are indices into `entities`, left below right. `tokens` has a bit for
/// every token that the settlement changes, the lowest for the first of the table; its diffs are
/// the next in the list, one for each bit, lowest first. The lengths of the two signatures are in
/// bytes, zero for a side whose own batch carries the settlement. It names no plan: what does is
/// signed differently, and belongs in the commit of that plan.
///
/// A diff is `leftDiff:i128 | rightDiff:i128`, the changes of both reserves; it must not be -2^127.
/// What reserves change by decides the rest, since the changes of a settlement sum to zero and it
/// is fair by itself: `collateralDiff = -(leftDiff + rightDiff)`, and what left pays its claim
/// grows by, `ondeltaDiff = -leftDiff`. All four are signed.
///
/// @param atomic True: all land or the call fails, and reserves are checked once, on balance, so
/// a ring needs no liquidity. False: each must be solvent in its turn; what fails is skipped and
/// reported.
/// @param entities Every entity that the heads name, strictly ascending; at most 256.
/// @param tokens Every token that the diffs name, strictly ascending; at most 32.
/// @param signatures Left's then right's signature of each head, one after the other.
struct Settlements {
    bool atomic;
    bytes32[] entities;
    uint32[] tokens;
    uint256[] heads;
    uint256[] diffs;
    bytes signatures;
}

/// @param beneficiary Whose side of the account the collateral counts for.
struct CollateralFunding {
    bytes32 beneficiary;
    bytes32 counterparty;
    uint128 amount;
}

/// @dev The batch's entity pays collateral into accounts, its own or others'.
struct ReserveToCollateral {
    uint32 token;
    CollateralFunding[] fundings;
}

struct Withdrawal {
    address to;
    uint128 amount;
}

/// @dev The batch's entity takes tokens out of the Depository.
struct Withdrawals {
    uint32 token;
    Withdrawal[] items;
}

/// @dev Carried out in the order of the fields, enforcements after the settlements, so that money
/// freed by one kind funds the next. Each list of settlements is summed by itself and written
/// before the next.
struct Operations {
    ReserveToReserve[] reserveToReserve;
    CollateralToReserve[] collateralToReserve;
    Settlements[] settlements;
    ReserveToCollateral[] reserveToCollateral;
    Withdrawals[] withdrawals;
    Enforcement[] enforcements;
}

/// @param nonce How many batches of the entity have landed before.
/// @param deadline The last second in which the batch may land.
struct Batch {
    bytes32 entity;
    uint64 nonce;
    uint64 deadline;
    Operations operations;
}

/// @param signature The entity's, under the batch.
struct SignedBatch {
    Batch batch;
    bytes signature;
}
