/** The chain as the keeper reaches it: a watcher that tells, a submitter that lands (CHN-2, CHN-3). */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Batch, Settlement } from "../jurisdiction/types.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";

export type Watcher = {
  /**
   * Follows the head from the given point by parent hash and reports each block and reorg in
   * order. A missed, repeated or reordered answer of the node changes nothing that is reported.
   */
  readonly start: (
    from: { readonly height: number; readonly hash: Bytes32 } | null,
    report: (inputs: readonly JurisdictionInput[]) => Promise<void>,
  ) => void;
  readonly stop: () => Promise<void>;
};

/** Signed work for the chain; landing it twice is impossible by its nonce or number. */
export type Submission =
  | { readonly kind: "batch"; readonly batch: Batch; readonly signature: Bytes }
  | {
      readonly kind: "settlement";
      readonly settlement: Settlement;
      readonly leftSignature: Bytes;
      readonly rightSignature: Bytes;
    };

export type Submitter = {
  /** Takes work in; asking twice for the same is harmless. Settlements go out in calls of 32. */
  readonly submit: (work: readonly Submission[]) => void;
  /** Resolves when nothing is waiting or in the mempool. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Pays gas; holds no funds of any entity. */
export type GasAccount = { readonly privateKey: Bytes };
