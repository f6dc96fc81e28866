/** What the plan machine of one entity can be told. */

import type { Claim } from "../account/message.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { EntityId, Settlement, TokenId } from "../jurisdiction/types.ts";
import type { PlanMessage } from "./message.ts";
import type { Plan } from "./types.ts";

export type PlanInput =
  /** This entity coordinates the plan; it need not be a signer. */
  | { readonly kind: "coordinate"; readonly plan: Plan }
  | {
      readonly kind: "message";
      readonly from: EntityId;
      readonly message: PlanMessage;
      /** What `from` signed, checked by the shell; the machine compares the digest. */
      readonly claim: Claim | null;
    }
  /**
   * The way to the peer is open again; messages of before may be lost. Also given for the entity
   * itself when its process began, for its messages to itself may be lost then.
   */
  | { readonly kind: "reconnected"; readonly peer: EntityId }
  /** The account with `peer` has the legs in a frame signed by both. */
  | { readonly kind: "held"; readonly plan: Bytes32; readonly peer: EntityId }
  /** A frame signed by both commits the legs. */
  | { readonly kind: "applied"; readonly plan: Bytes32; readonly peer: EntityId }
  /** A frame signed by both aborts the hold. */
  | { readonly kind: "released"; readonly plan: Bytes32; readonly peer: EntityId }
  /** The account with `peer` refused the hold for good, or this side's own copy did. */
  | {
      readonly kind: "holdRefused";
      readonly plan: Bytes32;
      readonly peer: EntityId;
      readonly code: string;
    }
  /** A certificate arrived inside a commit transaction; the machine checks every signature. */
  | { readonly kind: "certificate"; readonly plan: Bytes32; readonly certificate: Bytes }
  /** The next final block: its time, and the plans that it committed. */
  | { readonly kind: "final"; readonly timestamp: number; readonly committed: readonly Bytes32[] }
  /** The process began, maybe long after it ended: what is due by the clock is done. */
  | { readonly kind: "clock" }
  /**
   * Something was signed that this log lacks: an older disk. By the guard's word all plans are
   * meant, by a peer's (an exchange of ACC-6) those that touch the account with it.
   */
  | { readonly kind: "recovered"; readonly peer: EntityId | null };

/** What a participant may read to judge a plan alone: its own accounts, its own wishes. */
export type PlanContext = {
  readonly self: EntityId;
  readonly domain: Bytes32;
  /** Unix seconds: this side's own clock, or the chain's final time where that is ahead. */
  readonly now: number;
  /** Constants of the jurisdiction, seconds. */
  readonly inclusionMargin: number;
  readonly responseTime: number;
  /** Board hash of a numbered entity, from the chain; null for ids that carry their own board. */
  readonly boardHash: (entity: EntityId) => Bytes32 | null;
  /** True when nothing is signed in the account with the peer any more: the chain alone ends it. */
  readonly isFrozen: (peer: EntityId) => boolean;
  /** Null when the leg is acceptable to this entity's account and wishes, else the code. */
  readonly judge: (
    peer: EntityId,
    moves: readonly { readonly token: TokenId; readonly amount: bigint }[],
    commitBy: number,
  ) => string | null;
  /**
   * The same for those of the plan's settlements that name this entity: its reserve covers what it
   * pays, beside all else that may be paid from it first, and the epochs are those of its accounts.
   */
  readonly judgeSettlements: (settlements: readonly Settlement[]) => string | null;
};
