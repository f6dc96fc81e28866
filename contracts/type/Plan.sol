// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What a plan's hash covers beside its signers and its settlements (NET-5). The chain never
/// sees the legs, only their hash.
/// @param legsHash See "Digests of the Depository" in DESIGN.md.
/// @param salt Chosen by the coordinator.
/// @param commitBy The last second in which the plan may be committed.
/// @param ondeltaDiffs One for each diff of the settlements, in their order: unlike a settlement by
/// itself, a plan's need not be fair, since legs are its other side.
struct PlanTerms {
    bytes32 legsHash;
    bytes32 salt;
    uint64 commitBy;
    int128[] ondeltaDiffs;
}
