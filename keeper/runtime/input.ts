/** What one tick takes: everything that waits, in the order in which it arrived. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Command, CommandId } from "../entity/types.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";
import type { EntityId } from "../jurisdiction/types.ts";

/** A message as it came over the wire; the claim's signature has been checked by the shell. */
export type Envelope = {
  readonly from: EntityId;
  readonly to: EntityId;
  readonly connection: number;
  readonly payload: Bytes;
  readonly claim: { readonly digest: Bytes32; readonly signature: Bytes } | null;
};

export type RuntimeInput =
  | {
      readonly kind: "command";
      readonly entity: EntityId;
      readonly id: CommandId;
      readonly command: Command;
    }
  | { readonly kind: "message"; readonly envelope: Envelope }
  /**
   * The guard of this entity remembers signatures that the log lacks: the disk is an older one. It
   * comes before `start`, so that nothing is signed in between.
   */
  | { readonly kind: "older"; readonly entity: EntityId }
  /**
   * The guard would not sign `number` in the account with `peer`: on a newer disk it has signed up
   * to `mark`. What was refused has not left.
   */
  | {
      readonly kind: "numberTaken";
      readonly entity: EntityId;
      readonly peer: EntityId;
      readonly epoch: number;
      readonly number: number;
      readonly mark: number;
    }
  /** The guard would not sign the batch of this nonce: on a newer disk another had it. */
  | { readonly kind: "nonceTaken"; readonly entity: EntityId; readonly nonce: number }
  /** A process began: every connection is gone, what the chain was to get is asked for again. */
  | { readonly kind: "start" }
  /** A connection to a keeper that proved these entities; its number is never used again. */
  | {
      readonly kind: "connect";
      readonly connection: number;
      readonly peers: readonly EntityId[];
    }
  | { readonly kind: "disconnect"; readonly connection: number }
  | { readonly kind: "chain"; readonly input: JurisdictionInput };

/** One iteration: the shell's clock reading and all inputs that waited. */
export type Tick = {
  /** Unix seconds. */
  readonly now: number;
  readonly inputs: readonly RuntimeInput[];
};
