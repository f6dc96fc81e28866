/** Plans to try: a ring, a chain of three, and what is wrong with others. */
import { asBytes32, type Bytes32 } from "../../../keeper/base/bytes.ts";
import type { Plan, PlanLeg } from "../../../keeper/plan/types.ts";
import { DOMAIN, NOW, type Person } from "./world.ts";

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
    commitBy: NOW + 3600,
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
