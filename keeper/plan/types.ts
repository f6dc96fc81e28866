/**
 * The words of one netting plan (NET-5): its content, and what one entity knows of it as a
 * participant and, where it is that too, as its coordinator.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { EntityId, Settlement, TokenId } from "../jurisdiction/types.ts";

/** Indices point into `signers`; `left < right`; strictly ascending by (left, right, token). */
export type PlanLeg = {
  readonly left: number;
  readonly right: number;
  readonly token: TokenId;
  /** Signed change of delta. */
  readonly amount: bigint;
};

export type Plan = {
  /** EIP-712 domain of the Depository: a plan lives in one jurisdiction. */
  readonly domain: Bytes32;
  /** Distinct, strictly ascending; at most 32 (NET-5). */
  readonly signers: readonly EntityId[];
  readonly legs: readonly PlanLeg[];
  /** Residual end points paid on chain with the commit (NET-6); empty so far. */
  readonly settlements: readonly Settlement[];
  readonly salt: Bytes32;
  /** Unix seconds, the chain's time. */
  readonly commitBy: number;
};

/**
 * A participant's phase. `holding` begins when all have accepted; `prepared` when all own legs are
 * in frames signed by both and the signature is asked for; `committed` when all own legs are
 * applied in frames signed by both.
 */
export type Phase =
  | "proposed"
  | "accepted"
  | "holding"
  | "prepared"
  | "certified"
  | "committed"
  | "dropped";

/** One neighbour's account that the plan touches, from the participant's side. */
export type PlanAccount = {
  readonly peer: EntityId;
  readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
  readonly status: "waiting" | "held" | "applied" | "released";
};

export type Participation = {
  readonly plan: Plan;
  readonly hash: Bytes32;
  readonly coordinator: EntityId;
  readonly phase: Phase;
  readonly accounts: readonly PlanAccount[];
  /** Signatures under "prepared", by index of signer; own one included once it is known. */
  readonly prepared: readonly (Bytes | null)[];
  /** All of `prepared`, as proposed with each commit. */
  readonly certificate: Bytes | null;
  readonly refusal: { readonly by: EntityId; readonly code: string } | null;
};

/** What the coordinator knows: who has accepted, who refused, who has reported the end. */
export type Coordination = {
  readonly plan: Plan;
  readonly hash: Bytes32;
  readonly accepted: readonly boolean[];
  readonly done: readonly boolean[];
  readonly outcome: "open" | "committed" | "refused";
  readonly refusals: readonly { readonly by: EntityId; readonly code: string }[];
};

/** Everything that one entity knows about plans, by hash. */
export type PlanBook = {
  readonly participations: ReadonlyMap<string, Participation>;
  readonly coordinations: ReadonlyMap<string, Coordination>;
};
