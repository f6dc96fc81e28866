/** What the plan machine of one entity can be told. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { EntityId, TokenId } from "../jurisdiction/types.ts";
import type { PlanMessage } from "./message.ts";
import type { Plan } from "./types.ts";

export type PlanInput =
  /** This entity coordinates the plan; it need not be a signer. */
  | { readonly kind: "coordinate"; readonly plan: Plan }
  | {
      readonly kind: "message";
      readonly from: EntityId;
      readonly message: PlanMessage;
      /** Valid signature of `from` under `Prepared(plan)`, when the message is "prepared". */
      readonly signature: Bytes | null;
    }
  /** The account with `peer` has the legs in a frame signed by both. */
  | { readonly kind: "held"; readonly plan: Bytes32; readonly peer: EntityId }
  | { readonly kind: "applied"; readonly plan: Bytes32; readonly peer: EntityId }
  | { readonly kind: "released"; readonly plan: Bytes32; readonly peer: EntityId }
  /** The account with `peer` refused the hold for good. */
  | {
      readonly kind: "holdRefused";
      readonly plan: Bytes32;
      readonly peer: EntityId;
      readonly code: string;
    }
  /** A certificate arrived inside a commit transaction; the machine checks every signature. */
  | { readonly kind: "certificate"; readonly plan: Bytes32; readonly certificate: Bytes };

/** What a participant may read to judge a plan alone: its own accounts, its own wishes. */
export type PlanContext = {
  readonly self: EntityId;
  readonly domain: Bytes32;
  readonly now: number;
  /** Board hash of a numbered entity, from the chain; null for ids that carry their own board. */
  readonly boardHash: (entity: EntityId) => Bytes32 | null;
  /** Null when the leg is acceptable to this entity's account and wishes, else the code. */
  readonly judge: (
    peer: EntityId,
    moves: readonly { readonly token: TokenId; readonly amount: bigint }[],
  ) => string | null;
};
