/** Positions and random networks for the solver's tests. */

import { createRandom } from "../../../../keeper/base/random.ts";
import type { Network, Position } from "../../../../keeper/netting/types.ts";
import { generateNetwork, shapes } from "../../../../scripts/network.ts";

/** A position of that delta; limits are in use to the full, soft limits are zero. */
export function position(
  left: number,
  right: number,
  delta: bigint,
  rest: Partial<Position> = {},
): Position {
  const collateral = rest.collateral ?? 0n;
  return {
    left,
    right,
    delta,
    collateral,
    leftLimit: delta < 0n ? -delta : 0n,
    rightLimit: delta > collateral ? delta - collateral : 0n,
    leftSoftLimit: 0n,
    rightSoftLimit: 0n,
    consent: true,
    ...rest,
  };
}

/** The network of a case number: 3 to 300 entities, all shapes, amounts of up to `bits` bits. */
export function randomNetwork(seed: number, bits: number): Network {
  const random = createRandom(`case ${seed}`);
  const entities = Math.floor(3 * 100 ** (random.below(1000) / 999));
  const base = generateNetwork({
    shape: random.pick(shapes),
    entities,
    positions: Math.ceil((entities * random.between(8, 40)) / 10),
    seed,
    bits,
    spread: random.pick([2, Math.min(20, bits), bits]),
    collateralPercent: random.pick([0, 30, 80]),
    frozenPercent: random.pick([0, 10]),
    tightPercent: random.pick([0, 40, 100]),
  });
  // Deltas that rest on collateral, zero soft limits and soft limits above the limit.
  const positions = base.positions.map((item): Position => {
    const kind = random.below(10);
    if (kind === 0) {
      return { ...item, delta: random.bigintBelow(item.collateral + 1n) };
    }
    if (kind === 1) {
      return { ...item, leftSoftLimit: 0n, rightSoftLimit: 0n };
    }
    return kind === 2 ? { ...item, leftSoftLimit: item.rightLimit * 2n } : item;
  });
  return { entities, positions };
}
