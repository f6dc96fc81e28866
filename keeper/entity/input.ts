/** What one entity can be told. */
import type { Claim } from "../account/message.ts";
import type { Block, EntityId } from "../jurisdiction/types.ts";
import type { EntityMessage } from "./message.ts";
import type { Command, CommandId } from "./types.ts";

export type EntityInput =
  | { readonly kind: "command"; readonly id: CommandId; readonly command: Command }
  | {
      readonly kind: "message";
      readonly from: EntityId;
      readonly connection: number;
      readonly message: EntityMessage;
      readonly claim: Claim | null;
    }
  /** The way to the peer's keeper is open, under a number that is never used again. */
  | { readonly kind: "connect"; readonly peer: EntityId; readonly connection: number }
  | { readonly kind: "disconnect"; readonly peer: EntityId }
  /** A final block; only the events that concern this entity are looked at. */
  | { readonly kind: "final"; readonly block: Block }
  /** The process began anew: what the chain was to get is asked for again. */
  | { readonly kind: "resume" }
  /** The guard remembers signatures that this log lacks: the disk is an older one (NET-5). */
  | { readonly kind: "older" }
  /** The guard would not sign this number: on a newer disk it has signed up to `mark` (BFT-4). */
  | {
      readonly kind: "numberTaken";
      readonly peer: EntityId;
      readonly epoch: number;
      readonly number: number;
      readonly mark: number;
    }
  /** The guard would not sign the batch of this nonce: on a newer disk another had it (CHN-3). */
  | { readonly kind: "nonceTaken"; readonly nonce: number }
  /** End of the tick: accounts that were touched propose. */
  | { readonly kind: "flush" };
