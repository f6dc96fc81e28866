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
  /**
   * Residual end points, paid from reserve to reserve by the transaction that commits the plan
   * (NET-6), strictly ascending by (left, right). With one of them only the chain commits the plan.
   */
  readonly settlements: readonly Settlement[];
  readonly salt: Bytes32;
  /** Unix seconds, the chain's time. */
  readonly commitBy: number;
};

/**
 * A participant's phase. `holding` begins when all have accepted; `prepared` when all own legs, and
 * by the coordinator's word everybody's, are in frames signed by both, and the signature is asked
 * for; `certified` when all signatures are known in time, so that every leg counts as committed.
 * `dropped` is reached from the first two, or from any when a final block past `commitBy` shows no
 * commit. `committed`: a final block shows it. `recovered`: the guard or a peer remembers more than
 * this log, so neither "prepared" nor a drop is signed, and the chain or a certificate decides. A
 * plan whose accounts have all applied it, or let it go, is finished and leaves a `FinishedPlan`.
 */
export type Phase =
  | "accepted"
  | "holding"
  | "prepared"
  | "certified"
  | "dropped"
  | "committed"
  | "recovered";

/** One neighbour's account that the plan touches, from the participant's side. */
export type PlanAccount = {
  readonly peer: EntityId;
  readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
  readonly status: AccountStatus;
};

/** `waiting` for the hold, or dropped before one; the others are in a frame signed by both. */
export type AccountStatus = "waiting" | "held" | "applied" | "released";

export type Participation = {
  readonly plan: Plan;
  readonly hash: Bytes32;
  readonly coordinator: EntityId;
  readonly phase: Phase;
  /** Strictly ascending by peer. */
  readonly accounts: readonly PlanAccount[];
  /** Signatures under "prepared", by index of signer; own one included once it is known. */
  readonly prepared: readonly (Bytes | null)[];
  /** All of `prepared`, as proposed with each commit, or shown to the chain. */
  readonly certificate: Bytes | null;
  /** Why it was dropped; `own` when it was this entity that refused: its coordinator must hear. */
  readonly refusal: { readonly own: boolean; readonly code: string } | null;
};

export type PlanRefusal = { readonly by: EntityId; readonly code: string };

/**
 * What is left of a plan that has ended here. It stays new to nobody until its `commitBy` has
 * passed: else a coordinator could propose it again and play the old certificate.
 */
export type FinishedPlan = {
  readonly coordinator: EntityId;
  readonly commitBy: number;
  readonly committed: boolean;
  /** Set when it was this entity that refused. */
  readonly code: string | null;
};

/**
 * What the coordinator waits for: everybody's accept, everybody's hold, everybody's end. It leaves
 * the first two for `preparing` or for `dropping`, once and for ever.
 */
export type Stage = "proposing" | "holding" | "preparing" | "dropping";

/** What the coordinator knows, each by index of signer. */
export type Coordination = {
  readonly plan: Plan;
  readonly hash: Bytes32;
  readonly stage: Stage;
  readonly accepted: readonly boolean[];
  readonly held: readonly boolean[];
  readonly done: readonly boolean[];
  /** A final block shows the commit. */
  readonly onChain: boolean;
  /** Unix seconds until which reports are waited for; 0 before `commitBy` has passed. */
  readonly waitsUntil: number;
  /** The first of each signer, in the order in which they came. */
  readonly refusals: readonly PlanRefusal[];
};

/**
 * Everything that one entity knows about plans, by the hash in hexadecimal. The maps are copied
 * when written to; named limits keep them small.
 */
export type PlanBook = {
  readonly participations: ReadonlyMap<string, Participation>;
  readonly coordinations: ReadonlyMap<string, Coordination>;
  readonly finished: ReadonlyMap<string, FinishedPlan>;
  /**
   * Unix seconds; 0 unless the disk was found to be an older one. Plans that end by then are not
   * taken on: "prepared" may have been signed under them before.
   */
  readonly quietUntil: number;
};
