// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Says who an entity is, whether its board signed, and what it is called.
/// @dev Nobody owns it, nothing in it can be paused or upgraded.
/// @dev Times are in seconds since 1970. A board counts from `since`, that second included, until
/// the next one's, that second excluded. A replaced board counts under proofs as long as the time
/// is below its successor's `since` plus `grace`, that second excluded.
/// @dev Warning: a board is known by its hash alone until it signs. A number whose hash is of no
/// valid board never signs, and what is credited to it stays there for ever. The same holds for a
/// replacement: prove that the incoming board can sign before it is proposed.
/// @dev Warning: whoever can sign for the threshold of the current board can replace it, give its
/// names away, and cancel what the others propose. The delay is there to be watched.
/// @dev Warning: from the activation of a replacement the replaced board can sign neither batches
/// nor settlements, but for `grace` seconds it can still sign proofs; the Depository takes no more
/// than collateral by them. Have proofs signed anew before activation.
/// @dev Warning: an entity that is a member of a board signs with whatever board it has then: who
/// replaces the member's board takes its seat.
/// @dev Warning: boards that need one another's signatures (A needs B, B needs A) sign nothing.
/// @dev Warning: a contract that signs by ERC-1271 can change its mind. It is asked only when a
/// batch, a settlement or an action here is carried out, never about proofs and certificates: an
/// entity that is a contract, or whose threshold needs one, cannot enforce an account. Two
/// contracts of one owner may both take one signature: what is signed binds the outermost entity,
/// not the member.
/// @dev Warning: names are letters, not proofs of anything: `a-bank` and `abank` may have
/// different owners. Do not decode names that begin with `xn--`. A name can be given to an entity
/// that did not ask for it.
interface IEntityProvider {
    /// @notice A number was given to a board.
    event EntityRegistered(uint64 indexed number, bytes32 indexed boardHash);
    /// @notice A number's board is to be replaced.
    event BoardProposed(uint64 indexed number, bytes32 indexed boardHash, uint64 activatesAt);
    /// @notice A replacement will not happen.
    event BoardCancelled(uint64 indexed number, bytes32 indexed boardHash);
    /// @notice A name has its first owner.
    event NameClaimed(bytes32 indexed entity, string name);
    /// @notice A name has another owner.
    event NameTransferred(bytes32 indexed from, bytes32 indexed to, string name);

    /// @notice Thrown when the grace is zero, or the delay is shorter.
    error TimesInvalid(uint256 delay, uint256 grace);

    // Numbers and boards

    /// @notice Thrown when what is brought as a board's hash is out of the range of lazy ids.
    error BoardHashInvalid(bytes32 boardHash);
    /// @notice Thrown when a number is asked for that nobody has.
    error NumberNotGiven(uint64 number);
    /// @notice Thrown when a number has not had so many boards.
    error TenureNotGiven(uint64 number, uint64 index);
    /// @notice Thrown when zero is used as an entity.
    error EntityInvalid(bytes32 entity);
    /// @notice Thrown when a board is proposed while another one is yet to activate.
    error ProposalPending(uint64 number, uint256 activatesAt);
    /// @notice Thrown when there is no proposal to cancel, or it is active already.
    error ProposalNotPending(uint64 number);
    /// @notice Thrown when the board brought along is not the entity's, or was not then.
    error BoardNotOfEntity(bytes32 entity, bytes32 boardHash);
    /// @notice Thrown when a board has no member, or more than 64.
    error BoardSizeInvalid(uint256 members);
    /// @notice Thrown when members are not strictly ascending by id.
    error BoardUnsorted(bytes32 previous, bytes32 member);
    /// @notice Thrown when a member has no weight.
    error MemberWeightZero(bytes32 member);
    /// @notice Thrown when the threshold is zero, above the whole weight, or not above two
    /// thirds of it in a board of several.
    error ThresholdInvalid(uint256 threshold, uint256 weight);

    // Signatures

    /// @notice Thrown when a board signature is longer than 32,768 bytes.
    error SignatureTooLong(uint256 length);
    /// @notice Thrown when a path is longer than 32 levels.
    error PathTooDeep(uint256 depth);
    /// @notice Thrown when more than 64 member signatures are brought, nested ones included.
    /// @param signatures How many the list has that goes beyond.
    error SignaturesTooMany(uint256 signatures);
    /// @notice Thrown when member signatures are not strictly ascending, or name no member.
    error SignatureMisplaced(uint256 member);
    /// @notice Thrown when a signature is not that member's under the root, or is malleable.
    error MemberSignatureInvalid(bytes32 member, bytes32 root);
    /// @notice Thrown when the key of an address id did not sign, nor the contract there.
    error KeySignatureInvalid(bytes32 entity, bytes32 digest);
    /// @notice Thrown when those who signed weigh less than the threshold.
    error ThresholdNotReached(uint256 weight, uint256 threshold);
    /// @notice Thrown when a board signature is not laid out as abi.encode would, or carries bytes
    /// that mean nothing.
    error SignatureNotCanonical();
    /// @notice Thrown when too little gas is left for a contract to be asked. Send more.
    error GasTooLow(uint256 left, uint256 needed);
    /// @notice Thrown when boards are asked about that may still change.
    error TimeAhead(uint256 asOf, uint256 timestamp);

    // Names

    /// @notice Thrown when a name is empty, or longer than 32 bytes.
    error NameLengthInvalid(uint256 length);
    /// @notice Thrown when a letter is not of a–z, 0–9 and, but for the ends, the hyphen.
    error NameLetterInvalid(uint256 position, bytes1 letter);
    /// @notice Thrown when a name that has an owner is claimed.
    error NameTaken(string name, bytes32 owner);
    /// @notice Thrown when a name is given away by one who does not own it.
    /// @param owner Who does; zero if nobody.
    error NameNotOwned(string name, bytes32 owner);

    // Boards of numbers. What is signed is in "Digests of the EntityProvider" in DESIGN.md, always
    // under the entity's next nonce. Anyone may submit it.

    /// @notice Gives the next number to a board. Anyone may, for any board.
    /// @param boardHash See "Ids" in DESIGN.md.
    /// @return number The numbered id, from 1.
    function registerEntity(bytes32 boardHash) external returns (uint64 number);

    /// @notice Replaces a number's board, `delay` seconds from now.
    /// @param boardHash The incoming board. Nothing shows that it is valid.
    /// @param signature Of the current board, under `Replacement`.
    function proposeBoard(uint64 number, bytes32 boardHash, bytes calldata signature) external;

    /// @notice Takes back what was proposed and is not active yet.
    /// @param signature Of the current board, under `Cancellation`.
    function cancelBoard(uint64 number, bytes calldata signature) external;

    /// @return Seconds from a proposal to its activation.
    function delay() external view returns (uint32);

    /// @return Seconds from an activation for which the replaced board counts under proofs.
    function grace() external view returns (uint32);

    /// @return How many numbers are given: they are 1 to this.
    function entityCount() external view returns (uint64);

    /// @return The hash of the number's current board. Reverts if nobody has the number.
    function boardHashOf(uint64 number) external view returns (bytes32);

    /// @return How many boards a number has had, one that is pending included.
    function tenureCountOf(uint64 number) external view returns (uint64);

    /// @param index From 0 in order of time; the last one may be pending.
    /// @return boardHash The board.
    /// @return since From when it counts; zero for the first, which nobody was before.
    function tenureOf(
        uint64 number,
        uint64 index
    ) external view returns (bytes32 boardHash, uint64 since);

    // Names: 1 to 32 letters of a–z, 0–9 and the hyphen, which is neither first nor last.

    /// @notice Gives a name that nobody has to the entity that signed for it.
    /// @param entity Any class.
    /// @param signature Of the entity, under `NameClaim`.
    function claimName(bytes32 entity, string calldata name, bytes calldata signature) external;

    /// @notice Gives a name to another entity, which is not asked.
    /// @param from Its owner.
    /// @param to Any class; a number must be given.
    /// @param signature Of the owner, under `NameTransfer`.
    function transferName(
        bytes32 from,
        bytes32 to,
        string calldata name,
        bytes calldata signature
    ) external;

    /// @return Whose name it is; zero if nobody's. Reverts for what can be no name.
    function ownerOf(string calldata name) external view returns (bytes32);

    /// @return The nonce under which the entity's next action is signed, from 0.
    function nonceOf(bytes32 entity) external view returns (uint64);

    /// @return The EIP-712 domain of actions: "XLN EntityProvider", version "1".
    function domainSeparator() external view returns (bytes32);

    // Signatures

    /// @notice Returns if the entity signed the digest, and reverts with the reason if not. For
    /// batches and settlements: numbers sign by their current boards, and contracts may be asked.
    /// @dev Never reverts without data, unless gas runs out.
    /// @param entity Any class: a numbered or lazy id brings a board signature, an address id a
    /// key signature, or what the contract there takes under a tree of one leaf (ENT-3, ENT-4).
    /// @param digest What was signed, as a leaf of the signed tree.
    /// @param signature For a board `abi.encode(Board, bytes32[] path, MemberSignature[])`, with
    /// nothing after it; a member that is an entity signs with `abi.encode(Board,
    /// MemberSignature[])`. For a key `r ‖ s ‖ v ‖ path`.
    /// @return asked How many contracts were asked, each of which may have spent 150,000 gas.
    function verify(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (uint256 asked);

    /// @notice The same for proofs and plan certificates: boards are those of that time, or the
    /// ones before them within their grace, at every depth; no contract is asked.
    /// @param asOf Not ahead of now.
    /// @return retired Whether a replaced board was needed, at any depth.
    function verifyAsOf(
        bytes32 entity,
        bytes32 digest,
        bytes calldata signature,
        uint64 asOf
    ) external view returns (bool retired);
}
