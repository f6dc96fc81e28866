// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @param id A key or a contract as its address id, left-padded; or another entity.
/// @param weight At least one.
struct Member {
    bytes32 id;
    uint32 weight;
}

/// @param threshold The weight that must sign: more than two thirds of all, unless there is one
/// member; never zero.
/// @param members Strictly ascending by id, 1 to 64.
struct Board {
    uint32 threshold;
    Member[] members;
}

/// @param member Index into the board's members.
/// @param signature Over the root that all members of one board signature sign: 65 bytes of a key,
/// what a contract takes, or `abi.encode(Board, MemberSignature[])` of another entity's board.
struct MemberSignature {
    uint8 member;
    bytes signature;
}
