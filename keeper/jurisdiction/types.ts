/**
 * The words of one chain with its Depository: ids, tokens, events, blocks, batches, settlements.
 * Heights, numbers, epochs and times are safe integers; times are Unix seconds; amounts are bigint.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";

/** Numbered, address or lazy id, 32 bytes big-endian (ENT-1). */
export type EntityId = Bytes32;
/** `uint32` given by the Depository's token registry (DEP-1). */
export type TokenId = number;
/** Left is the lower id. */
export type Side = "left" | "right";

/** What is fixed for one chain, from configuration and deployment; the same at every keeper. */
export type Jurisdiction = {
  readonly chainId: number;
  /** 20 bytes. */
  readonly depository: Bytes;
  /** 20 bytes. */
  readonly entityProvider: Bytes;
  /** EIP-712 domain separator of the Depository. */
  readonly domain: Bytes32;
  /** The first block that can hold an event of ours. */
  readonly deployedAt: number;
  /** Blocks on top of a block before machines may see it (CHN-2). */
  readonly finalityDepth: number;
  /** Seconds within which a transaction is expected to be included. */
  readonly inclusionMargin: number;
  /** Seconds a side may take to answer when nothing else is signed. */
  readonly responseTime: number;
};

export type BlockReference = {
  readonly height: number;
  readonly hash: Bytes32;
  /** Unix seconds, the chain's own time. */
  readonly timestamp: number;
};

/** What the contracts said, with absolute values (DEP-7). */
export type ChainEvent =
  | {
      readonly kind: "account";
      readonly left: EntityId;
      readonly right: EntityId;
      readonly token: TokenId;
      /** Epoch and number are both 0 when the event leaves them as they were. */
      readonly epoch: number;
      readonly number: number;
      readonly collateral: bigint;
      readonly ondelta: bigint;
    }
  | {
      readonly kind: "reserve";
      readonly entity: EntityId;
      readonly token: TokenId;
      readonly amount: bigint;
    }
  | { readonly kind: "batch"; readonly entity: EntityId; readonly nonce: number }
  | {
      readonly kind: "token";
      readonly token: TokenId;
      /** 20 bytes. */
      readonly contract: Bytes;
      /** Which of an ERC-1155 contract's tokens it is; null for an ERC-20. */
      readonly assetId: Bytes32 | null;
    }
  | {
      readonly kind: "board";
      readonly entity: EntityId;
      /** Zero, which is nobody's, once a replacement was proposed: none is followed yet (ENT-5). */
      readonly boardHash: Bytes32;
    }
  /** The plan of this hash is committed: every leg and settlement of it, at once (NET-5). */
  | { readonly kind: "plan"; readonly plan: Bytes32 };

/** One block as the watcher read it; blocks without an event of ours are still blocks. */
export type Block = BlockReference & {
  readonly parentHash: Bytes32;
  readonly events: readonly ChainEvent[];
};

/** The fold of a chain: what is final, and what is above it and may still be reorganised. */
export type View = {
  readonly jurisdiction: Jurisdiction;
  /** Newest final block; null before the first. */
  readonly final: BlockReference | null;
  /** The highest token that a final block has registered; 0 while none has. */
  readonly tokens: TokenId;
  /** Blocks above `final`, oldest first, linked by parent hash; the last one is the head. */
  readonly recent: readonly Block[];
};

/** One token's part of a settlement; `leftDiff + rightDiff + collateralDiff = 0` (DEP-4). */
export type SettlementDiff = {
  readonly token: TokenId;
  readonly leftDiff: bigint;
  readonly rightDiff: bigint;
  readonly collateralDiff: bigint;
  readonly ondeltaDiff: bigint;
};

/** A change of one account and both reserves that both sides sign (DEP-4, ACC-9). */
export type Settlement = {
  readonly left: EntityId;
  readonly right: EntityId;
  readonly epoch: number;
  readonly number: number;
  /** Unix seconds; refused strictly after. */
  readonly deadline: number;
  /** The plan that it belongs to; 32 zero bytes when it stands alone. */
  readonly plan: Bytes32;
  /** Strictly ascending by token. */
  readonly diffs: readonly SettlementDiff[];
};

/** What one entity's board signs for the chain, by kind in the order in which they run (DEP-2). */
export type Operations = {
  readonly reserveToReserve: readonly {
    readonly to: EntityId;
    readonly token: TokenId;
    readonly amount: bigint;
  }[];
  /** The other side's signature; the batch is this side's. */
  readonly settlements: readonly { readonly settlement: Settlement; readonly signature: Bytes }[];
  readonly reserveToCollateral: readonly {
    /** The account is the payer's unless `payee` and `counterparty` name another. */
    readonly payee: EntityId;
    readonly counterparty: EntityId;
    readonly token: TokenId;
    readonly amount: bigint;
  }[];
  readonly withdrawals: readonly {
    /** 20 bytes. */
    readonly to: Bytes;
    readonly token: TokenId;
    readonly amount: bigint;
  }[];
};

export type Batch = {
  readonly entity: EntityId;
  /** How many batches of the entity have landed before: the first is 0. */
  readonly nonce: number;
  readonly deadline: number;
  readonly operations: Operations;
};

/** What `commitPlan` takes: the certificate, and all that the plan's hash covers (NET-5, NET-6). */
export type PlanCommit = {
  /** The plan's hash. */
  readonly plan: Bytes32;
  /** Strictly ascending. */
  readonly signers: readonly EntityId[];
  /** The chain sees no leg, only their hash. */
  readonly legsHash: Bytes32;
  /** Without numbers and signatures; the certificate authorises them. */
  readonly settlements: readonly Settlement[];
  readonly salt: Bytes32;
  /** Unix seconds; refused strictly after. */
  readonly commitBy: number;
  /** Each signer's under `Prepared(plan)`, in the order of the signers. */
  readonly signatures: readonly Bytes[];
};
