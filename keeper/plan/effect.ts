/** What the plan machine asks its entity to do. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { EntityId, TokenId } from "../jurisdiction/types.ts";
import type { PlanMessage } from "./message.ts";
import type { Plan } from "./types.ts";

export type PlanEffect =
  | {
      readonly kind: "send";
      readonly to: EntityId;
      readonly message: PlanMessage;
      /** Set for "prepared": the digest to be signed, once, in the guard's slot for this plan. */
      readonly sign: Bytes32 | null;
    }
  /** Propose this hold in the account with `peer`; only its left side is asked to. */
  | {
      readonly kind: "hold";
      readonly peer: EntityId;
      readonly plan: Bytes32;
      readonly deadline: number;
      readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
    }
  /**
   * Propose the commit. Both sides are asked to, whoever has the certificate: the second finds no
   * hold any more and is dropped by the account. The certificate is empty where the chain is the
   * proof: a side that has not seen the block yet refuses, and proposes itself once it has.
   */
  | {
      readonly kind: "commit";
      readonly peer: EntityId;
      readonly plan: Bytes32;
      readonly certificate: Bytes;
    }
  /** Propose the abort, behind the hold if that still waits; likewise asked of both sides. */
  | { readonly kind: "abort"; readonly peer: EntityId; readonly plan: Bytes32 }
  /**
   * Show the certificate to the chain, which alone decides from here on. Asked for again at each
   * final block until one has it or lies past `commitBy`: whoever carries it must bear repetition.
   */
  | {
      readonly kind: "commitPlan";
      readonly plan: Plan;
      readonly hash: Bytes32;
      readonly certificate: Bytes;
    }
  /** For people: the plan ended otherwise in the account with `peer` than in others. */
  | { readonly kind: "torn"; readonly plan: Bytes32; readonly peer: EntityId }
  /** The coordinator knows that it ended for every signer, and how. */
  | {
      readonly kind: "outcome";
      readonly plan: Bytes32;
      readonly committed: boolean;
      readonly refusals: readonly { readonly by: EntityId; readonly code: string }[];
    };
