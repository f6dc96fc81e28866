// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Why the Depository refuses.
interface IDepositoryErrors {
    /// @notice Thrown when the EntityProvider's address has no code.
    error EntityProviderWithoutCode(address provider);

    /// @notice Thrown when a token or another stranger calls back in the middle of a call.
    error Reentered();

    // Entities and signatures

    /// @notice Thrown when an id is zero, or a number that nobody has.
    error EntityInvalid(bytes32 entity);
    /// @notice Thrown when an account's parties are equal or in the wrong order, or a batch pays
    /// its own entity.
    error PartiesUnordered(bytes32 left, bytes32 right);
    /// @notice Thrown when a signature is not the entity's under the digest, or is malleable.
    error SignatureInvalid(bytes32 entity, bytes32 digest);
    /// @notice Thrown when a deposit's signature is not the owner's.
    error OwnerSignatureInvalid(address owner, bytes32 digest);
    /// @notice Thrown when too little gas is left for a board's signature to be judged.
    error GasTooLow(uint256 left, uint256 needed);

    // Tokens

    /// @notice Thrown when a kind of token is not supported.
    error TokenKindUnsupported(uint8 kind);
    /// @notice Thrown when an ERC-20 is registered with an id within the asset.
    error TokenAssetIdUnused(uint256 assetId);
    /// @notice Thrown when an asset has no code.
    error TokenWithoutCode(address asset);
    /// @notice Thrown when an asset already has an id.
    error TokenAlreadyRegistered(uint32 token);
    /// @notice Thrown when a token id was never given.
    error TokenUnknown(uint256 token);
    /// @notice Thrown when a token's reserves and collateral would reach 2^127, or exceed what
    /// the Depository holds.
    error TokenTotalInvalid(uint32 token, uint256 total, uint256 held);
    /// @notice Thrown when a token fails or does not answer as its kind must.
    /// @param answer The first 128 bytes of what it said, in its own words: judge nothing by them.
    error TokenRefused(uint32 token, bytes answer);
    /// @notice Thrown when ERC-1155 tokens come in that the Depository did not pull.
    error TransferUnasked(address operator);
    /// @notice Thrown when a withdrawal is to the Depository itself.
    error ReceiverInvalid(address to);
    /// @notice Thrown when withdrawals took more out of the Depository than was asked for.
    error TokenTookTooMuch(uint32 token, uint256 asked, uint256 taken);

    // Money

    /// @notice Thrown when an amount is zero or not below 2^127.
    error AmountInvalid(uint256 amount);
    /// @notice Thrown when a reserve has less than what is to leave it.
    error ReserveInsufficient(bytes32 entity, uint256 token, uint256 reserve, uint256 needed);
    /// @notice Thrown when a collateral would not be in 0 … 2^127 − 1.
    error CollateralInvalid(uint256 token, int256 collateral);
    /// @notice Thrown when an `ondelta` would reach 2^127 on either side.
    error OndeltaInvalid(uint256 token, int256 ondelta);

    // Batches and deposits

    /// @notice Thrown when somebody else calls what the Depository only calls itself.
    error CallerNotSelf(address caller);
    /// @notice Thrown when a deadline has passed.
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when a batch is not the entity's next.
    error NonceInvalid(bytes32 entity, uint64 expected, uint64 given);
    /// @notice Thrown when a deposit's nonce was used before.
    error DepositNonceUsed(address owner, uint256 nonce);
    /// @notice Thrown when groups or tables are not strictly ascending.
    error Unsorted(uint256 previous, uint256 next);
    /// @notice Thrown when calldata is not laid out as `abi.encode` would: what is hashed must be
    /// all that is read.
    error LayoutNotCanonical(uint256 position, uint256 expected, uint256 given);
    /// @notice Thrown when a list is longer than its maximum.
    error ListTooLong(uint256 length, uint256 maximum);
    /// @notice Thrown when a call could need more gas than any call may.
    error BudgetExceeded(uint256 weight, uint256 maximum);
    /// @notice Thrown when the lengths that items state do not use up exactly what is there.
    error ListMismatch(uint256 stated, uint256 present);

    // Settlements

    /// @notice Thrown when a settlement names itself by indices outside of the tables, or in the
    /// wrong order, has no diff, or carries a number that is out of range.
    error SettlementMalformed(uint256 index);
    /// @notice Thrown when a settlement is of another epoch than the account.
    error EpochInvalid(uint256 stored, uint256 given);
    /// @notice Thrown when a settlement's or a proof's number is not above the stored one.
    error NumberUsed(uint256 stored, uint256 given);
    /// @notice Thrown when an account that is in dispute would be settled.
    error DisputeLive(bytes32 left, bytes32 right);

    // Plans

    /// @notice Thrown when a plan was committed before.
    error PlanAlreadyCommitted(bytes32 plan, uint64 committedAt);
    /// @notice Thrown when a plan names nobody.
    error PlanWithoutSigners();
    /// @notice Thrown when a replaced board signed "prepared" under a plan that settles.
    error SignerRetired(bytes32 signer);

    // Enforcement

    /// @notice Thrown when the module is called by itself, outside of a Depository.
    error ModuleOnly();
    /// @notice Thrown when a module belongs to another EntityProvider than the Depository.
    error ModuleOfAnotherProvider(address provider, address modules);
    /// @notice Thrown when the shortest window is zero, or longer than the longest.
    error WindowBoundsInvalid(uint256 minWindow, uint256 maxWindow);
    /// @notice Thrown when a board could be replaced, or a replaced one's grace be over, before the
    /// longest window ends: who sees a board proposed must have time to enforce what it holds.
    error WindowTooLong(uint256 maxWindow, uint256 delay, uint256 grace);
    /// @notice Thrown when what only an entity's own batch may carry comes without one.
    error CarrierNeeded();
    /// @notice Thrown when a head carries a number that is out of range, or what must be zero is
    /// not.
    /// @param position Where in the calldata the head lies, or what is wrong in it.
    error EnforcementMalformed(uint256 position);
    /// @notice Thrown when a body is not what a proof may sign: rows not ascending, a token that
    /// is not registered, an amount or length out of range.
    /// @param position Where in the calldata.
    error BodyInvalid(uint256 position);
    /// @notice Thrown when an account has no dispute.
    error DisputeNone(bytes32 left, bytes32 right);
    /// @notice Thrown when the dispute brought along is not the account's.
    error DisputeChanged(bytes32 left, bytes32 right);
    /// @notice Thrown when the window of a dispute is over.
    error WindowOver(uint256 end, uint256 timestamp);
    /// @notice Thrown when the window of a dispute is not over, and the caller may not accept.
    error WindowOpen(uint256 end, uint256 timestamp);
    /// @notice Thrown when a condition of the winning body may still be decided.
    error ConditionUndecided(uint256 slot, uint256 deadline);
    /// @notice Thrown when too little gas is left to give a transformer what was signed.
    error TransformerGasTooLow(uint256 left, uint256 needed);
    /// @notice Thrown when a ratio is not above the recorded one, or above the whole.
    error RatioInvalid(uint256 recorded, uint256 given);
    /// @notice Thrown when a reserve with an open debt would pay for anything else.
    error DebtsOpen(bytes32 debtor, uint256 token);
    /// @notice Thrown when a debt is not the creditor's.
    error CreditorInvalid(bytes32 debtor, uint256 token, uint256 index, bytes32 creditor);
}
