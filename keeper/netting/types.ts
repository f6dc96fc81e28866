/**
 * The words of netting: one token's network of positions, what a solver answers, and how an
 * answer is cut into plans. Indices stand for entities and positions; names live in `ledger/`.
 */

/** Which exposure netting removes (DESIGN NET-2). */
export type Objective = "excess" | "value";

/**
 * One account seen in one token. `delta` is left's claim; right owes `max(delta − collateral, 0)`,
 * left owes `max(−delta, 0)`. All amounts are in the token's smallest unit, below 2^127 (RCP-5).
 */
export type Position = {
  /** Index of the left entity, `0 ≤ left < entities`. */
  readonly left: number;
  readonly right: number;
  readonly delta: bigint;
  readonly collateral: bigint;
  /** `Ll`: what left may owe. */
  readonly leftLimit: bigint;
  /** `Lr`: what right may owe. */
  readonly rightLimit: bigint;
  /** Left's own wish: the exposure of right above which left wants settlement. */
  readonly leftSoftLimit: bigint;
  /** Right's own wish about what left owes it. */
  readonly rightSoftLimit: bigint;
  /** False freezes the position: a participant of this account has not agreed to netting. */
  readonly consent: boolean;
};

/** All positions of one token. Several positions between the same two entities are allowed. */
export type Network = {
  readonly entities: number;
  readonly positions: readonly Position[];
};

/** What a solver answers. `flows[i]` is the signed change of `positions[i].delta`. */
export type Solution = {
  readonly flows: readonly bigint[];
  /** The objective's own sum: exposure removed (*value*) or excess removed (*excess*). */
  readonly cleared: bigint;
  /** `Σ |flow|`: how much value moves; the second aim of *excess*. */
  readonly moved: bigint;
  /** True when a dual of the same value was found and checked in `bigint` (NET-4). */
  readonly proved: boolean;
};

/** What the solver may spend. Steps, not time: a pure floor has no clock. */
export type Budget = {
  /** Pushes and relabels before it returns its best feasible flow with `proved: false`. */
  readonly steps: number;
};

/** A sign-consistent cycle of a solution: every leg moves its position towards the solution. */
export type Cycle = {
  /** Positions in cycle order with the signed change of each one's delta. */
  readonly legs: readonly { readonly position: number; readonly amount: bigint }[];
};

/** Legs that stand or fall together, with at most `maxSigners` distinct entities (NET-5). */
export type PlanPart = {
  /** Distinct entities, ascending. */
  readonly signers: readonly number[];
  readonly legs: readonly { readonly position: number; readonly amount: bigint }[];
};

/** Sums of one network in one state, as section "Command line" of DESIGN.md defines them. */
export type Totals = {
  /** Sum of exposures. */
  readonly gross: bigint;
  /** Sum over entities of `max(owed to it − owed by it, 0)`. */
  readonly netInternalDebt: bigint;
  /** Sum of exposure above soft limits. */
  readonly excess: bigint;
  /** Positions whose exposure is above the soft limit of the side that is owed. */
  readonly overLimit: number;
};
