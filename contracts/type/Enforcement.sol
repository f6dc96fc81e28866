// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What enforces a signed state: disputes, the facts that conditions wait for, and debts. Heads are
// static and take what varies in length from the pools, in the order starts, counters,
// finalisations; the pools must be used up exactly. Times are in seconds since 1970; what happens
// at a deadline is in time.

/// @dev One token of a proof's body.
/// @param offdelta Above −2^127.
/// @param leftLimit What left may owe, below 2^127.
/// @param rightLimit What right may owe, below 2^127.
struct BodyRow {
    uint32 token;
    int128 offdelta;
    uint128 leftLimit;
    uint128 rightLimit;
}

/// @dev The batch's entity starts a dispute with what the other side signed. Without a proof
/// (number 0, in an account whose stored number is 0) all else but the epoch is zero, rows apart:
/// they list tokens with nothing else, which whoever finalises then cannot leave out.
/// @param epoch u64.
/// @param number u64.
/// @param leftResponse u32, seconds.
/// @param rightResponse u32, seconds.
/// @param rows How many of the pool's rows are this body's.
/// @param conditionBytes How many of the pool's bytes are this body's conditions.
/// @param signatureLength Of the counterparty's signature under the proof.
struct DisputeStart {
    bytes32 counterparty;
    uint256 epoch;
    uint256 number;
    uint256 leftResponse;
    uint256 rightResponse;
    bytes32 frameHash;
    uint256 rows;
    uint256 conditionBytes;
    uint256 signatureLength;
}

/// @dev A newer proof in a live dispute; or the newest counter's again, where a retired board had
/// signed that and a current one has signed this.
/// @param window What the account's dispute commits to (see IDepositoryEvents).
/// @param bodyHash What the account's dispute commits to.
/// @param leftSignature Length; zero if left's own batch carries this and left did not start.
/// @param rightSignature Length; zero if right's own batch carries this and right did not start.
struct DisputeCounter {
    bytes32 left;
    bytes32 right;
    uint256 window;
    bytes32 bodyHash;
    uint256 number;
    uint256 leftResponse;
    uint256 rightResponse;
    bytes32 frameHash;
    uint256 rows;
    uint256 conditionBytes;
    uint256 leftSignature;
    uint256 rightSignature;
}

/// @dev The batch's entity, as taker, records how much of a limit order it takes.
/// @param epoch The account's, u64.
/// @param order The condition's subject.
/// @param deadline The condition's deadline, u64.
/// @param ratio Of 2^32; above what is recorded.
struct Fill {
    bytes32 counterparty;
    uint256 epoch;
    bytes32 order;
    uint256 deadline;
    uint256 ratio;
}

/// @dev Ends a dispute with its winning body.
/// @param window What the account's dispute commits to.
/// @param headBody Zero if the body brought is the one that the dispute commits to; else that
/// one's hash, and the body brought is the one that overtook it.
/// @param overtakingFlags Of the proof that overtook it, else zero.
/// @param tokens How many of the pool's tokens, not listed by the body, are closed as well.
struct Finalisation {
    bytes32 left;
    bytes32 right;
    uint256 window;
    bytes32 headBody;
    uint256 overtakingFlags;
    uint256 rows;
    uint256 conditionBytes;
    uint256 tokens;
}

/// @dev The batch's entity, as creditor, gives up a debt.
struct Forgiveness {
    bytes32 debtor;
    uint256 token;
    uint256 index;
}

/// @param preimages Revealed to the registry, where hash locks look.
/// @param rows Pool, strictly ascending by token within a body.
/// @param conditions Pool: for each slot of a body in order `length:u16 ‖ condition` with the
/// condition packed as it is hashed (DESIGN.md, Encodings), length zero for an empty slot.
/// @param tokens Pool, strictly ascending within a finalisation.
/// @param signatures Pool.
struct Enforcement {
    DisputeStart[] starts;
    DisputeCounter[] counters;
    bytes32[] preimages;
    Fill[] fills;
    Finalisation[] finalisations;
    Forgiveness[] forgivenesses;
    BodyRow[] rows;
    bytes conditions;
    uint32[] tokens;
    bytes signatures;
}

/// @dev Pays a debtor's oldest debts in one token out of its reserve.
/// @param creditors How many of the call's creditors are those of this sweep.
struct DebtSweep {
    bytes32 debtor;
    uint256 token;
    uint256 creditors;
}
