// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";

import {Permit, SignedDeposit} from "../type/Deposit.sol";
import {
    BodyRow,
    DebtSweep,
    DisputeCounter,
    Enforcement,
    Finalisation
} from "../type/Enforcement.sol";
import {Batch, Settlements, SignedBatch} from "../type/Operation.sol";
import {PlanTerms} from "../type/Plan.sol";
import {IDepositoryErrors} from "./IDepositoryErrors.sol";
import {IDepositoryEvents} from "./IDepositoryEvents.sol";

/// @title Holds the money of a jurisdiction: reserves of entities, collateral of accounts.
/// @dev Nobody owns it, nothing in it can be paused or upgraded.
/// @dev Warning: a token is judged by nobody. One that lies about balances, takes back what it
/// gave, or refuses transfers harms those who hold it, and nobody else. What a rebase adds is
/// nobody's; what it takes is missing for whoever withdraws last, and until then nothing can be
/// deposited. An ERC-721 registered as an ERC-20 never comes out again.
/// @dev Warning: a withdrawal that its token or its receiver refuses fails the whole batch.
/// @dev Warning: while a token is moved its code runs, and all doors that change something are
/// shut. The views show what comes in only when it is there, and what goes out no longer before
/// it leaves: in between they never show more than is held.
/// @dev Warning: a contract that signs, alone or on a board, may spend 150,000 gas each time it is
/// asked, whatever it spent in a simulation. A call that could run short of that fails as a whole,
/// in a list that skips, too: send 160,000 for each contract, or leave those out that you do not
/// know.
interface IDepository is IDepositoryEvents, IDepositoryErrors, IERC1155Receiver {
    // Tokens and deposits

    /// @notice Gives an asset its token id. Anyone may, once for each asset.
    /// @param kind 1 for ERC-20, 2 for ERC-1155.
    /// @param asset A contract.
    /// @param assetId Zero for ERC-20; which of the contract's tokens for ERC-1155.
    function registerToken(
        uint8 kind,
        address asset,
        uint256 assetId
    ) external returns (uint32 token);

    /// @notice Brings the caller's tokens into an entity's reserve. It must have approved the
    /// Depository before. ERC-1155 tokens that are sent here unasked are refused.
    /// @param amount What is pulled; what is credited is the balance change that really happened.
    /// @return credited The amount credited.
    function deposit(
        bytes32 entity,
        uint32 token,
        uint128 amount
    ) external returns (uint128 credited);

    /// @notice Brings an owner's tokens into the reserve that the owner's signature names.
    /// @param owner A key; its signature is over EIP-712 `Deposit`, not under a root.
    /// @param signature `r ‖ s ‖ v`, 65 bytes.
    /// @param permit Only sets the allowance, gets at most 200,000 gas, and its failure is ignored;
    /// ERC-1155 knows none.
    function depositSigned(
        SignedDeposit calldata order,
        address owner,
        bytes calldata signature,
        Permit calldata permit
    ) external returns (uint128 credited);

    // Batches and settlements

    /// @notice Carries out an entity's signed list of operations (DEP-2). Anyone may submit it.
    /// @dev Short settlements whose number is used or whose epoch is over are skipped and
    /// reported, and so is every settlement that fails in a list that is not atomic; all else
    /// fails the batch.
    /// @param signature The entity's, under `batchDigest(batch)`: a key signature for an address
    /// id, or what the contract there takes; a board signature for any other (see
    /// IEntityProvider).
    function processBatch(Batch calldata batch, bytes calldata signature) external;

    /// @notice Carries out signed batches, of one entity or many, in their order (DEP-3). One that
    /// fails is undone as a whole and reported by `BatchFailed`; the others land.
    /// @dev Each gets an equal share of the gas that is left: what one leaves over goes to those
    /// behind it, so what needs most belongs at the end. With too little gas a batch fails; its
    /// nonce is unused, and it can be submitted again.
    /// @dev Warning: while it runs the views show what batches did that may yet be undone.
    function processBatches(SignedBatch[] calldata batches) external;

    /// @notice What `processBatches` calls for each batch: for the Depository itself only, which
    /// holds its guard meanwhile.
    /// @dev Of the names that fit this one has a low selector, which is found first: a door as far
    /// down as `processBatch` costs 300 gas a batch.
    function processBatchInTurn(Batch calldata batch, bytes calldata signature) external;

    /// @notice Carries out settlements that both sides signed (DEP-4). Anyone may submit them.
    function settleDiffs(Settlements calldata settlements) external;

    /// @notice Marks a plan as committed, which plan locks wait for, and lands its settlements,
    /// all or none (NET-5, NET-6). Anyone may submit it.
    /// @dev The settlements' numbers are zero and accounts' numbers stay what they are: the mark is
    /// what keeps them from landing twice. Reserves are judged on balance.
    /// @param list Its entities are the signers, at most 256, whether a settlement names them or
    /// not; its signatures are the certificate, for each signer in order `length:u16 ‖ signature`
    /// under the digest of `Prepared(plan)`; its heads carry no lengths. A plan without settlements
    /// leaves tokens, heads and diffs empty. `atomic` is not read.
    function commitPlan(PlanTerms calldata terms, Settlements calldata list) external;

    // Enforcement

    /// @notice What anyone may do: reveal preimages, counter with both sides' signatures, finalise
    /// after the window. Starts, fills and forgivenesses belong in their entity's batch.
    function enforce(Enforcement calldata enforcement) external;

    /// @notice Brings a newer proof with both sides' signatures into a live dispute, as `enforce`
    /// does for many; what has nothing to do fails here.
    /// @param rows The proof's body.
    /// @param conditions The proof's body, packed as in Enforcement.
    /// @param signatures Left's, then right's.
    function counter(
        DisputeCounter calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        bytes calldata signatures
    ) external;

    /// @notice Ends a dispute after its window, as `enforce` does for many; what has nothing to do
    /// fails here.
    /// @param rows The winning body.
    /// @param conditions The winning body, packed as in Enforcement.
    /// @param tokens To be closed as well, not listed by the body, strictly ascending.
    function finalise(
        Finalisation calldata head,
        BodyRow[] calldata rows,
        bytes calldata conditions,
        uint32[] calldata tokens
    ) external;

    /// @notice Pays open debts out of their debtors' reserves, oldest first (DEB-1).
    /// @param creditors Of each sweep in turn, from the oldest debt on.
    function enforceDebts(DebtSweep[] calldata sweeps, bytes32[] calldata creditors) external;

    // Views

    /// @return The contract that knows entities and boards.
    function entityProvider() external view returns (address);

    /// @return The module of disputes, conditions and debts.
    function enforcement() external view returns (address);

    /// @return The EIP-712 domain of all digests here ("XLN Depository", "1").
    function domainSeparator() external view returns (bytes32);

    /// @return What an entity signs, as a leaf, for its batch.
    function batchDigest(Batch calldata batch) external view returns (bytes32);

    /// @return The nonce of the entity's next batch.
    function nonceOf(bytes32 entity) external view returns (uint64);

    /// @return What is in an entity's reserve.
    function reserveOf(bytes32 entity, uint32 token) external view returns (uint128);

    /// @return epoch How often the account has been closed.
    /// @return number The highest number used in the epoch.
    function accountOf(
        bytes32 left,
        bytes32 right
    ) external view returns (uint64 epoch, uint64 number);

    /// @return head What the account's slot holds: `dispute:160 | overtaken:1 | epoch:31 |
    /// number:64`; a dispute is live if the first part is not zero.
    /// @return overtaking `number:64 | low192(keccak256(window ‖ bodyHash))` of the proof that
    /// overtook the head's, zero if none did.
    function disputeOf(
        bytes32 left,
        bytes32 right
    ) external view returns (uint256 head, uint256 overtaking);

    /// @return When the preimage of a hash was revealed, zero if it was not.
    function revealedAt(bytes32 hash) external view returns (uint64);

    /// @return When a plan was committed, zero if it was not.
    function planCommittedAt(bytes32 plan) external view returns (uint64);

    /// @return How much of an order its taker took, of 2^32.
    /// @param orderKey keccak256(accountKey ‖ epoch:u64 ‖ order ‖ deadline:u64 ‖ taker:u8), the
    /// taker 0 for left and 1 for right.
    function ratioOf(bytes32 orderKey) external view returns (uint64);

    /// @return head Index of the oldest open debt.
    /// @return tail Index of the next debt; none is open if it equals `head`.
    function debtsOf(bytes32 debtor, uint32 token) external view returns (uint64 head, uint64 tail);

    /// @return creditor The low 128 bits of keccak256(creditor).
    /// @return amount What is still owed; zero if it was paid or forgiven.
    function debtAt(
        bytes32 debtor,
        uint32 token,
        uint64 index
    ) external view returns (uint128 creditor, uint128 amount);

    /// @return ondelta The on-chain part of left's claim.
    /// @return collateral What is locked in the account.
    function moneyOf(
        bytes32 left,
        bytes32 right,
        uint32 token
    ) external view returns (int128 ondelta, uint128 collateral);

    /// @return How many tokens are registered: their ids are 1 to this.
    function tokenCount() external view returns (uint32);

    /// @return kind 1 for ERC-20, 2 for ERC-1155, 0 if there is no such token.
    /// @return asset Its contract.
    /// @return assetId Its id within the contract.
    /// @return total The sum of all reserves and collateral in it.
    function tokenOf(
        uint32 token
    ) external view returns (uint8 kind, address asset, uint256 assetId, uint128 total);

    /// @return The token id of an asset, 0 if it has none.
    function tokenIdOf(uint8 kind, address asset, uint256 assetId) external view returns (uint32);

    /// @return Whether a nonce of an owner's signed deposits is used.
    function depositNonceUsed(address owner, uint256 nonce) external view returns (bool);
}
