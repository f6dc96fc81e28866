// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Says who an entity is, and whether its board signed.
/// @dev Nobody owns it, nothing in it can be paused or upgraded.
/// @dev Warning: a board's members must be keys; contracts and other entities are refused.
/// @dev Warning: `registerEntity` does not see the board behind the hash. A number whose hash
/// is of no valid board never signs, and what is credited to it stays there for ever.
interface IEntityProvider {
    /// @notice A number was given to a board.
    event EntityRegistered(uint64 indexed number, bytes32 indexed boardHash);

    /// @notice Thrown when zero is registered as a board.
    error BoardHashZero();
    /// @notice Thrown when a number is asked for that nobody has.
    error NumberNotGiven(uint64 number);
    /// @notice Thrown when zero is used as an entity.
    error EntityInvalid(bytes32 entity);
    /// @notice Thrown when the board brought along is not the entity's.
    error BoardNotOfEntity(bytes32 entity, bytes32 boardHash);
    /// @notice Thrown when a board has no member, or more than 64.
    error BoardSizeInvalid(uint256 members);
    /// @notice Thrown when members are not strictly ascending by id.
    error BoardUnsorted(bytes32 previous, bytes32 member);
    /// @notice Thrown when a member is not a key.
    error MemberClassUnsupported(bytes32 member);
    /// @notice Thrown when a member has no weight.
    error MemberWeightZero(bytes32 member);
    /// @notice Thrown when the threshold is zero, above the whole weight, or not above two
    /// thirds of it in a board of several.
    error ThresholdInvalid(uint256 threshold, uint256 weight);
    /// @notice Thrown when a path is longer than 32 levels.
    error PathTooDeep(uint256 depth);
    /// @notice Thrown when more than 64 member signatures are brought.
    error SignaturesTooMany(uint256 signatures);
    /// @notice Thrown when member signatures are not strictly ascending, or name no member.
    error SignatureMisplaced(uint256 member);
    /// @notice Thrown when a signature is not that member's under the root, or is malleable.
    error MemberSignatureInvalid(bytes32 member, bytes32 root);
    /// @notice Thrown when the key of an address id did not sign.
    error KeySignatureInvalid(bytes32 entity, bytes32 digest);
    /// @notice Thrown when those who signed weigh less than the threshold.
    error ThresholdNotReached(uint256 weight, uint256 threshold);
    /// @notice Thrown when a board signature carries bytes that mean nothing.
    error SignatureNotCanonical();

    /// @notice Gives the next number to a board. Anyone may, for any board.
    /// @param boardHash See "Ids" in DESIGN.md; not zero.
    /// @return number The numbered id, from 1.
    function registerEntity(bytes32 boardHash) external returns (uint64 number);

    /// @return How many numbers are given: they are 1 to this.
    function entityCount() external view returns (uint64);

    /// @return The hash of the board behind a number. Reverts if nobody has it.
    function boardHashOf(uint64 number) external view returns (bytes32);

    /// @notice Returns if the entity signed the digest, and reverts with the reason if not.
    /// @param entity Any class: a numbered or lazy id brings a board signature, an address id a
    /// key signature (ENT-3, ENT-4).
    /// @param digest What was signed, as a leaf of the signed tree.
    /// @param signature For a board `abi.encode(Board, bytes32[] path, MemberSignature[])`, with
    /// nothing after it. For a key `r ‖ s ‖ v ‖ path`. Malformed encodings revert without data.
    function verify(bytes32 entity, bytes32 digest, bytes calldata signature) external view;
}
