/** The single-writer machine inside a keeper: many entities, one tick, one `Ready` (RUN-1). */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Interner } from "../base/intern.ts";
import type { WritableMap } from "../base/overlay.ts";
import type { Refusal } from "../base/result.ts";
import type { GuardSlot } from "../entity/effect.ts";
import type { CommandId, CommandResult, Entity } from "../entity/types.ts";
import type { Batch, EntityId, PlanCommit, Settlement, View } from "../jurisdiction/types.ts";

/** Raised when the same inputs would give other bytes; recorded in the log (ARC-4). */
export const PROTOCOL_VERSION = 5;

export type Runtime = {
  readonly protocol: number;
  /** Number of ticks taken. */
  readonly height: number;
  /** Root after the last tick: what replay is compared with. */
  readonly root: Bytes32;
  /** Seconds, from the last tick's own time input; never goes back. */
  readonly now: number;
  /** Small integers for ids, given in the order of their first appearance (SPEED 12). */
  readonly interner: Interner;
  readonly view: View;
  /** Connection by which a remote entity is reached now; entities of this keeper are always up. */
  readonly links: WritableMap<number, number>;
  /** Highest connection number used so far. */
  readonly connections: number;
  /** The number under which entities of this keeper reach each other since the last start. */
  readonly local: number;
  /** By interned id, only the entities that this keeper runs. */
  readonly entities: WritableMap<number, Entity>;
};

/** A digest to be signed by the entity's key, if the guard's slot allows it. */
export type SignatureRequest = {
  readonly entity: EntityId;
  readonly slot: GuardSlot;
  readonly digest: Bytes32;
  /** Meant for the chain now: signed as a tree of one leaf, so that no path costs gas (ENT-4). */
  readonly alone: boolean;
};

/**
 * A message to another entity, here or elsewhere: it always arrives in a later tick (ARC-6).
 * `payload` is the canonical encoding; the shell puts the claim beside it.
 */
export type OutgoingMessage = {
  readonly from: EntityId;
  readonly to: EntityId;
  readonly payload: Bytes;
  /** Index into `Ready.signatures`, or -1 for a message without a claim. */
  readonly signature: number;
};

/** What the submitter is to bring to the chain; repeated after a restart until it is final. */
export type ChainRequest =
  | { readonly kind: "batch"; readonly batch: Batch; readonly signature: number }
  | {
      readonly kind: "settlement";
      readonly settlement: Settlement;
      readonly by: EntityId;
      readonly peerSignature: Bytes;
      readonly signature: number;
    }
  /** Carries its signatures: nothing is signed for it. */
  | { readonly kind: "plan"; readonly commit: PlanCommit };

/** For people and metrics; never read back by a machine. */
export type Notice =
  | {
      readonly kind: "committed";
      readonly entity: EntityId;
      readonly peer: EntityId;
      readonly number: number;
      readonly hash: Bytes32;
      readonly stateRoot: Bytes32;
    }
  | {
      readonly kind: "alarm";
      readonly entity: EntityId;
      readonly peer: EntityId;
      readonly refusal: Refusal;
    }
  /** Every signer's "prepared" is here: this entity now applies its legs. */
  | { readonly kind: "certified"; readonly entity: EntityId; readonly plan: Bytes32 }
  /** The watcher told a block that does not fit: it reads the chain again from what is known. */
  | { readonly kind: "refusedBlock"; readonly refusal: Refusal }
  | { readonly kind: "reorg"; readonly height: number; readonly depth: number };

/**
 * All that one tick wants done, in the order in which it must be done (ARC-3).
 *
 * 1. `record` is appended to the log and synced.
 * 2. `signatures` are made. The guard's own record of them is synced before any of them leaves, and
 *    never before the log's: it must not know of more than replay does.
 * 3. Only after both: `messages`, `transactions` and `results` leave the keeper.
 * 4. Only after that the next tick is asked for.
 */
export type Ready = {
  readonly height: number;
  /** 1. Canonical bytes of the tick's inputs; state is recomputed from them by replay. */
  readonly record: Bytes;
  /** 1. Root after the tick, written beside the record. */
  readonly root: Bytes32;
  /** 2. */
  readonly signatures: readonly SignatureRequest[];
  /** 3. */
  readonly messages: readonly OutgoingMessage[];
  readonly transactions: readonly ChainRequest[];
  /** A command's id is its entity's: another's of the same name is another command. */
  readonly results: readonly {
    readonly entity: EntityId;
    readonly id: CommandId;
    readonly result: CommandResult;
  }[];
  readonly notices: readonly Notice[];
  /** Set when going on would be wrong: the chain took back a block that was final. */
  readonly halt: Refusal | null;
};
