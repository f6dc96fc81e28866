/** What one entity asks the runtime for. With a larger board: released by its certificate only. */
import type { SignatureSlot } from "../account/effect.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { Batch, EntityId, PlanCommit, Settlement } from "../jurisdiction/types.ts";
import type { EntityMessage } from "./message.ts";
import type { CommandId, CommandResult } from "./types.ts";

/**
 * One digest per slot, ever; the signer's guard keeps them (section 5 of the design). A batch alone
 * gives its slot up, when a final block past its deadline shows that it never landed.
 */
export type GuardSlot =
  | (SignatureSlot & { readonly account: Bytes32; readonly domain: Bytes32 })
  | {
      readonly kind: "batch";
      readonly domain: Bytes32;
      readonly nonce: number;
      /** Of this batch, Unix seconds: the chain takes it in no block later than that. */
      readonly deadline: number;
      /** Time of a final block by which no batch of this nonce had landed. */
      readonly unused: number;
    }
  /** "Prepared", once a plan. */
  | { readonly kind: "plan"; readonly plan: Bytes32 }
  /** Says nothing that binds money: any number of digests. */
  | { readonly kind: "rows" };

export type Signing = {
  readonly slot: GuardSlot;
  readonly digest: Bytes32;
  /** Set where the chain will read it, batches and settlements apart, of which that is clear. */
  readonly alone?: boolean;
};

export type EntityEffect =
  | {
      readonly kind: "send";
      readonly to: EntityId;
      readonly message: EntityMessage;
      readonly sign: Signing | null;
    }
  | { readonly kind: "submitBatch"; readonly batch: Batch; readonly sign: Signing }
  | {
      readonly kind: "submitSettlement";
      readonly settlement: Settlement;
      readonly peerSignature: Bytes;
      readonly sign: Signing;
    }
  /** Nothing is signed for it: the certificate is. Asked for until it is final or too late. */
  | { readonly kind: "submitPlan"; readonly commit: PlanCommit }
  | { readonly kind: "result"; readonly id: CommandId; readonly result: CommandResult }
  /** A frame signed by both: for logs, for the audit that compares roots with the peer. */
  | {
      readonly kind: "committed";
      readonly peer: EntityId;
      readonly number: number;
      readonly hash: Bytes32;
      readonly stateRoot: Bytes32;
    }
  /** A plan's certificate is complete here. */
  | { readonly kind: "certified"; readonly plan: Bytes32 }
  /** For people: a peer misbehaved, or an account froze. */
  | { readonly kind: "alarm"; readonly peer: EntityId; readonly refusal: Refusal };
