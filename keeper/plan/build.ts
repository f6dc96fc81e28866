import { assert } from "../base/assert.ts";
import { type Bytes32, compareBytes, equalBytes } from "../base/bytes.ts";
import { indexOfSorted } from "../base/order.ts";
import { ok, type Refusal, type Result } from "../base/result.ts";
import type { EntityId, TokenId } from "../jurisdiction/types.ts";
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

/**
 * The plan of one independent part of a solution: the entities of its legs are its signers. Refuses
 * what `checkShape` refuses (a part of more than 32 entities, for example) and, with `planNet`, a
 * part that changes somebody's net.
 */
export function planFromPart(legs: readonly PartLeg[], terms: PlanTerms): Result<Plan> {
  const signers = signersOf(legs);
  const indexed = legs.map(({ left, right, token, amount }): PlanLeg => {
    assert(compareBytes(left, right) < 0, "left is the lower id");
    assert(amount !== 0n, "a leg moves something");
    return { left: indexOf(signers, left), right: indexOf(signers, right), token, amount };
  });
  indexed.sort(compareLegs);
  const { domain, salt, commitBy } = terms;
  const plan: Plan = { domain, signers, legs: indexed, settlements: [], salt, commitBy };
  const refusal = checkShape(plan) ?? checkNets(plan);
  return refusal === null ? ok(plan) : { ok: false, refusal };
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
