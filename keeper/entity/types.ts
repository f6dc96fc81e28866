/**
 * The words of one entity: its board, its accounts, its batch, its plans. A board of one validator
 * commits each input at once; the shape (frame, height, certified outputs) is that of BFT.
 */

import type { Transaction } from "../account/transaction.ts";
import type { Account } from "../account/types.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { WritableMap } from "../base/overlay.ts";
import type { Refusal } from "../base/result.ts";
import type { Batch, EntityId, Operations, TokenId } from "../jurisdiction/types.ts";
import type { Plan, PlanBook } from "../plan/types.ts";

/** Weighted members and a threshold above 2/3 of the weight, unless there is one (ENT-2). */
export type Board = {
  readonly threshold: number;
  /** Strictly ascending by id. */
  readonly members: readonly { readonly id: EntityId; readonly weight: number }[];
};

/** A name that the client gives a command; its second run returns the first's result (QUE-1). */
export type CommandId = string;

/** What the owner of an entity may ask for. */
export type Command =
  /** Opens an account and connects to the peer; one that is open already stays as it is. */
  | { readonly kind: "openAccount"; readonly peer: EntityId }
  /** Puts transactions into the account's mempool. Done when a frame signed by both has them. */
  | {
      readonly kind: "transact";
      readonly peer: EntityId;
      /** Only what an owner decides: set credit and pay. */
      readonly transactions: readonly Transaction[];
    }
  /** Signs and submits one batch. Done when it is final on chain. */
  | { readonly kind: "batch"; readonly deadline: number; readonly operations: Operations }
  /** Proposes settlement of everything owed in this account and token. Done when it is closed. */
  | {
      readonly kind: "settle";
      readonly peer: EntityId;
      readonly tokens: readonly TokenId[];
      readonly deadline: number;
    }
  /** Asks these entities for their rows; the answer is the command's result (NET-1). */
  | { readonly kind: "collectRows"; readonly from: readonly EntityId[] }
  /** Coordinates a plan. Done when every signer has reported the end. */
  | { readonly kind: "coordinate"; readonly plan: Plan }
  /** This entity's standing answer to proposals of plans: its consent (NET-2). */
  | { readonly kind: "setConsent"; readonly netting: boolean };

export type CommandResult =
  | { readonly ok: true; readonly value: CommandValue }
  | { readonly ok: false; readonly refusal: Refusal };

export type CommandValue =
  | { readonly kind: "done" }
  | { readonly kind: "frame"; readonly number: number; readonly hash: Bytes32 }
  | { readonly kind: "batch"; readonly nonce: number }
  | { readonly kind: "settlement"; readonly number: number; readonly landed: boolean }
  /** Rows that both of their sides handed in alike; `disagreed` counts the others. */
  | { readonly kind: "rows"; readonly rows: readonly HandedRow[]; readonly disagreed: number }
  | {
      readonly kind: "plan";
      readonly committed: boolean;
      readonly refusals: readonly { readonly by: EntityId; readonly code: string }[];
    };

/** One account and token as a participant hands it to a coordinator, signed by the participant. */
export type HandedRow = {
  readonly left: EntityId;
  readonly right: EntityId;
  readonly token: TokenId;
  readonly delta: bigint;
  readonly collateral: bigint;
  readonly leftLimit: bigint;
  readonly rightLimit: bigint;
  readonly leftSoftLimit: bigint;
  readonly rightSoftLimit: bigint;
  /** False where the side that handed it in takes no part in netting. */
  readonly consent: boolean;
};

/** The answer of one entity to a request for rows. */
export type Handed = {
  readonly by: EntityId;
  readonly rows: readonly HandedRow[];
};

/** A command that is not finished, and what will finish it. */
export type OpenCommand = {
  readonly id: CommandId;
  readonly waitsFor:
    | { readonly kind: "transactions"; readonly peer: EntityId }
    /** The nonce is null while another batch is under way. */
    | { readonly kind: "batch"; readonly nonce: number | null }
    | { readonly kind: "settlement"; readonly peer: EntityId }
    | {
        readonly kind: "rows";
        readonly missing: readonly EntityId[];
        readonly handed: readonly Handed[];
      }
    | { readonly kind: "plan"; readonly plan: Bytes32 };
};

/** What one command still waits for in an account; equal transactions are interchangeable. */
export type Outstanding = {
  readonly id: CommandId;
  readonly transactions: readonly Transaction[];
  /** Those before this index are agreed: in the common case they end in their order. */
  readonly from: number;
};

/** The batch that is signed and not yet final: no other is signed meanwhile (CHN-3). */
export type PendingBatch = {
  readonly batch: Batch;
  readonly digest: Bytes32;
  /** In which it was asked to be signed: nothing that the chain shows in that tick can be it. */
  readonly tick: number;
};

export type Entity = {
  readonly id: EntityId;
  readonly board: Board;
  /** Of the entity's own frames; one an input here. */
  readonly height: number;
  /** By the peer's interned id, in the order in which they were opened. */
  readonly accounts: WritableMap<number, Account>;
  /** Interned peers whose account waits for the chain: a held frame, or an open settlement. */
  readonly waiting: WritableMap<number, true>;
  /** Final, from the chain. */
  readonly reserves: WritableMap<TokenId, bigint>;
  /** Batches that are final on chain: the nonce of the next one. */
  readonly nonce: number;
  readonly pendingBatch: PendingBatch | null;
  /** Batches asked for while one is pending, oldest first. */
  readonly waitingBatches: readonly {
    readonly id: CommandId;
    readonly deadline: number;
    readonly operations: Operations;
  }[];
  readonly plans: PlanBook;
  readonly consent: { readonly netting: boolean };
  readonly open: WritableMap<CommandId, OpenCommand>;
  /** By the peer's interned id: commands that wait for transactions, the oldest first. */
  readonly outstanding: WritableMap<number, readonly Outstanding[]>;
  /** Results of finished commands, the newest last; bounded, the bound is a named constant. */
  readonly results: WritableMap<CommandId, CommandResult>;
  /** Running hash over all results, in their order. */
  readonly history: Bytes32;
  /** Board hashes of numbered entities, final, from the chain. */
  readonly boards: WritableMap<number, Bytes32>;
};

/** A key or board signature as DESIGN.md "Encodings" defines it. */
export type BoardSignature = Bytes;
