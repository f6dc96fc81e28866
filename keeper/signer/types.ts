/**
 * Keys and the guard. The guard is apart from the log: its record is synced before a signature
 * leaves, and it refuses a second digest in a slot whatever the machines ask for.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Result } from "../base/result.ts";
import type { GuardSlot } from "../entity/effect.ts";
import type { Board } from "../entity/types.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { SignatureRequest } from "../runtime/types.ts";

/** A slot of which the guard keeps something. */
export type GuardedSlot = Exclude<GuardSlot, { readonly kind: "rows" }>;

export type Signer = {
  /** The entities whose keys this signer holds. */
  readonly entities: readonly EntityId[];
  /**
   * Signs all requests of one tick: one tree and one signature a key (ENT-4), those marked `alone`
   * apart. The guard's record is synced when the promise resolves. Entries are in the order of the
   * requests; a refusal (`guardConflict`) means that another digest was signed in that slot.
   * @throws SignerError `fenced` once another keeper has the folder; the journal's own errors,
   * after which the same requests may be asked again if those say so.
   */
  readonly sign: (requests: readonly SignatureRequest[]) => Promise<readonly Result<Bytes>[]>;
  /**
   * True when the guard remembers a signature of this entity at or above this slot's number: where
   * the log knows of none, the log is an older one (ACC-6, NET-5).
   */
  readonly remembers: (entity: EntityId, slot: GuardedSlot) => boolean;
  /** The same for all accounts of the log at once, a slot for each. */
  readonly survey: (slots: Iterable<readonly [EntityId, GuardedSlot]>) => Survey;
  /** Resolves when nothing is being written. The journal is closed by who opened it. */
  readonly close: () => Promise<void>;
};

export type Survey = {
  /** Places of the slots at or above which something was signed. */
  readonly remembered: ReadonlySet<number>;
  /** Something was signed in an account that has no slot here: the log is from before it. */
  readonly hasOthers: boolean;
};

/** How an entity signs: alone as an address, or by the members of its board whose keys are here. */
export type SignerKey =
  | { readonly entity: EntityId; readonly board: null; readonly privateKey: Bytes32 }
  | { readonly entity: EntityId; readonly board: Board; readonly privateKeys: readonly Bytes32[] };

/**
 * Where the guard writes: an append-only journal apart from the log, under the data folder's lock.
 * The store floor makes one; `append` resolves when the entry is durable.
 */
export type GuardJournal = {
  readonly height: () => number;
  readonly bytes: () => number;
  readonly append: (
    entries: readonly { readonly height: number; readonly parts: readonly Bytes[] }[],
  ) => Promise<void>;
  readonly read: (after: number) => AsyncIterable<{ readonly payload: Bytes }>;
  readonly rotate: () => void;
  readonly drop: (height: number) => Promise<void>;
};

/** Told of each tick's signatures before they leave: an oracle outside of the keeper. */
export type Recorder = (requests: readonly SignatureRequest[]) => void;
