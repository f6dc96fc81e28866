import { assert } from "../base/assert.ts";
import { type Bytes32, compareBytes, equalBytes, toHex, ZERO_BYTES32 } from "../base/bytes.ts";
import { compareNumbers, indexOfSorted } from "../base/order.ts";
import { ok, type Refusal, type Result } from "../base/result.ts";
import type { EntityId, Settlement, SettlementDiff, TokenId } from "../jurisdiction/types.ts";
import { compareSettlements } from "./settlement.ts";
import { checkShape, compareLegs, keepsNet } from "./shape.ts";
import type { Plan, PlanLeg } from "./types.ts";

/** The change of one account's delta, left the lower id, as the solver's part gives it. */
export type PartLeg = {
  readonly left: EntityId;
  readonly right: EntityId;
  readonly token: TokenId;
  /** Signed; not zero. */
  readonly amount: bigint;
};

/** What a part lacks to be a plan. */
export type PlanTerms = {
  /** EIP-712 domain of the Depository. */
  readonly domain: Bytes32;
  /** Makes a second plan with the same legs another plan. */
  readonly salt: Bytes32;
  /** Unix seconds, the chain's time. */
  readonly commitBy: number;
};

/** What the legs leave open at two end points, paid from one's reserve to the other's (NET-6). */
export type PartPayment = {
  readonly from: EntityId;
  readonly to: EntityId;
  readonly token: TokenId;
  /** Above 0. */
  readonly amount: bigint;
  /** Of the account of the two, on chain. */
  readonly epoch: number;
};

/**
 * The plan of one independent part of a solution: the entities of its legs are its signers. Refuses
 * what `checkShape` refuses (a part of more than 32 entities, for example) and, with `planNet`, a
 * part that changes what somebody has in sum.
 */
export function planFromPart(
  legs: readonly PartLeg[],
  terms: PlanTerms,
  payments: readonly PartPayment[] = [],
): Result<Plan> {
  const signers = signersOf(legs);
  const indexed = legs.map(({ left, right, token, amount }): PlanLeg => {
    assert(compareBytes(left, right) < 0, "left is the lower id");
    assert(amount !== 0n, "a leg moves something");
    return { left: indexOf(signers, left), right: indexOf(signers, right), token, amount };
  });
  indexed.sort(compareLegs);
  const { domain, salt, commitBy } = terms;
  const settlements = settlementsOf(payments, commitBy);
  const plan: Plan = { domain, signers, legs: indexed, settlements, salt, commitBy };
  const refusal = checkShape(plan) ?? checkNets(plan);
  return refusal === null ? ok(plan) : { ok: false, refusal };
}

/** One settlement for each pair, with the payments of all tokens between the two on balance. */
function settlementsOf(payments: readonly PartPayment[], commitBy: number): readonly Settlement[] {
  const byPair = new Map<string, PartPayment[]>();
  for (const payment of payments) {
    const { left, right } = sidesOf(payment);
    const key = `${toHex(left)}${toHex(right)}`;
    byPair.set(key, [...(byPair.get(key) ?? []), payment]);
  }
  const settlements = Array.from(byPair.values(), (paid): Settlement => {
    const [first] = paid as [PartPayment];
    const changes = new Map<TokenId, bigint>();
    for (const { from, token, amount } of paid) {
      const leftDiff = equalBytes(from, sidesOf(first).left) ? -amount : amount;
      changes.set(token, (changes.get(token) ?? 0n) + leftDiff);
    }
    const diffs = Array.from(changes, ([token, leftDiff]) => reserveDiff(token, leftDiff));
    diffs.sort((a, b) => compareNumbers(a.token, b.token));
    const none = { number: 0, plan: ZERO_BYTES32 };
    return { ...sidesOf(first), epoch: first.epoch, ...none, deadline: commitBy, diffs };
  });
  return settlements.sort(compareSettlements);
}

function sidesOf({ from, to }: PartPayment): { readonly left: EntityId; readonly right: EntityId } {
  return compareBytes(from, to) < 0 ? { left: from, right: to } : { left: to, right: from };
}

function reserveDiff(token: TokenId, leftDiff: bigint): SettlementDiff {
  return { token, leftDiff, rightDiff: -leftDiff, collateralDiff: 0n, ondeltaDiff: 0n };
}

function checkNets(plan: Plan): Refusal | null {
  if (plan.signers.every((_, index) => keepsNet(plan, index))) return null;
  return { code: "planNet", message: "the legs change what somebody has in sum" };
}

function signersOf(legs: readonly PartLeg[]): readonly EntityId[] {
  const sorted = legs.flatMap(({ left, right }) => [left, right]).sort(compareBytes);
  return sorted.filter(
    (id, index) => index === 0 || !equalBytes(id, sorted[index - 1] as EntityId),
  );
}

function indexOf(signers: readonly EntityId[], id: EntityId): number {
  return indexOfSorted(signers, id, compareBytes);
}
