/** Plans to try: a ring, a chain of three, and what is wrong with others. */
import { asBytes32, type Bytes32, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import type { Settlement } from "../../../keeper/jurisdiction/types.ts";
import type { Plan, PlanLeg } from "../../../keeper/plan/types.ts";
import { COMMIT_BY, DOMAIN, type Person } from "./person.ts";

export function saltOf(value: number): Bytes32 {
  return asBytes32(new Uint8Array(32).fill(value));
}

/** A plan over these people, who are in ascending order of their ids. */
export function planOf(
  signers: readonly Person[],
  legs: readonly (readonly [number, number, bigint])[],
  changes: Partial<Plan> = {},
): Plan {
  return {
    domain: DOMAIN,
    signers: signers.map(({ id }) => id),
    legs: legs.map(([left, right, amount]): PlanLeg => ({ left, right, token: 1, amount })),
    settlements: [],
    salt: saltOf(7),
    commitBy: COMMIT_BY,
    ...changes,
  };
}

/** Everybody's claim grows by 5 towards the next and falls by 5 towards the one before. */
export function ring(signers: readonly Person[]): Plan {
  const last = signers.length - 1;
  const legs: (readonly [number, number, bigint])[] = [[0, last, -5n]];
  for (let i = 0; i < last; i++) legs.push([i, i + 1, 5n]);
  legs.sort(([a, b], [c, d]) => a - c || b - d);
  return planOf(signers, legs);
}

/** The accounts that a ring touches, as pairs of left and right. */
export function ringPairs(count: number): readonly (readonly [number, number])[] {
  const pairs = Array.from({ length: count - 1 }, (_, i): readonly [number, number] => [i, i + 1]);
  return count > 2 ? [...pairs, [0, count - 1]] : pairs;
}

/**
 * Each owes the next one 5: the legs cancel that, and the first pays the last from its reserve.
 * The people are in ascending order of their ids.
 */
export function settledChain(signers: readonly Person[]): Plan {
  const legs = signers.slice(1).map((_, i): readonly [number, number, bigint] => [i, i + 1, 5n]);
  const [first] = signers as readonly [Person];
  const settlement: Settlement = {
    left: first.id,
    right: (signers.at(-1) as Person).id,
    epoch: 0,
    number: 0,
    deadline: COMMIT_BY,
    plan: ZERO_BYTES32,
    diffs: [{ token: 1, leftDiff: -5n, rightDiff: 5n, collateralDiff: 0n, ondeltaDiff: 0n }],
  };
  return planOf(signers, legs, { settlements: [settlement] });
}

/** The accounts that a chain touches. */
export function chainPairs(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count - 1 }, (_, i): readonly [number, number] => [i, i + 1]);
}
