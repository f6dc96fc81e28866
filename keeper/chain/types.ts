/** The chain as the keeper reaches it: a watcher that tells, a submitter that lands. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";
import type { Batch, PlanCommit, Settlement } from "../jurisdiction/types.ts";
import type { Expected } from "./standing.ts";

export type KnownBlock = { readonly height: number; readonly hash: Bytes32 };

export type Watcher = {
  /**
   * Follows the head by parent hash and reports each block and reorg in order. A missed, repeated
   * or reordered answer of the node changes nothing that is reported. Looks once at the start, and
   * then whenever it is asked to. Nothing is reported while the chain or the contracts are others
   * than those that it was told of.
   * @param known blocks that the machines have, oldest first; the newest is where to go on
   */
  readonly start: (known: readonly KnownBlock[]) => void;
  /** Looks at the node; a look that is under way is the same one. */
  readonly poll: () => Promise<void>;
  readonly head: () => number | null;
  readonly stop: () => Promise<void>;
};

export type WatcherOptions = Expected & {
  readonly rpc: readonly string[];
  /** The first block that can hold an event of ours. */
  readonly deployedAt: number;
  readonly pollMs: number;
  readonly report: (inputs: readonly JurisdictionInput[]) => void;
  readonly trouble: (event: string, detail: string) => void;
};

/** Signed work for the chain; landing it twice is impossible by its nonce, number or mark. */
export type Submission =
  | { readonly kind: "batch"; readonly batch: Batch; readonly signature: Bytes }
  | {
      readonly kind: "settlement";
      readonly settlement: Settlement;
      readonly leftSignature: Bytes;
      readonly rightSignature: Bytes;
    }
  /** Shows a plan's certificate: whoever comes second finds it committed. */
  | { readonly kind: "plan"; readonly commit: PlanCommit };

export type Submitter = {
  /** Takes work in; asking twice for the same is harmless. Settlements go out in calls of 32. */
  readonly submit: (work: readonly Submission[]) => void;
  /** Pieces of work that wait or are in the mempool. */
  readonly waiting: () => number;
  readonly stop: () => Promise<void>;
};

/** One transaction that a block has taken. */
export type Landed = {
  readonly hash: string;
  readonly gasUsed: bigint;
  readonly batches: number;
  readonly settlements: number;
  readonly plans: number;
};

export type SubmitterOptions = {
  readonly rpc: readonly string[];
  readonly chainId: number;
  readonly depository: Bytes;
  /** Pays gas; holds no funds of any entity. */
  readonly gasKey: Bytes32;
  readonly pollMs: number;
  /** Blocks above one that is final: until then what has landed is looked after. 0 unless told. */
  readonly finalityDepth?: number;
  /** Told when a transaction has been handed to the node. */
  readonly sent: () => void;
  readonly landed: (transaction: Landed) => void;
  readonly trouble: (event: string, detail: string) => void;
};
