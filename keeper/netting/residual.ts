/**
 * Judges a solution without trusting the solver: bounds, conservation and optimality in `bigint`
 * (DESIGN NET-3, NET-4). Nothing here knows of cores, nodes or digits.
 */

import { assert } from "../base/assert.ts";
import { type Bound, bound, FROZEN } from "./bound.ts";
import { arcCost, lexicographicWeight } from "./graph.ts";
import type { Network, Objective, Position } from "./types.ts";

/** Why `flows` is not a netting of the network; undefined when it is one. */
export type Violation =
  | { readonly code: "LENGTH" }
  | { readonly code: "BOUND"; readonly position: number }
  | { readonly code: "CONSERVATION"; readonly entity: number };

/** Bounds of every position, and nobody's net position changed. */
export function findViolation(
  network: Network,
  bounds: readonly Bound[],
  flows: readonly bigint[],
): Violation | undefined {
  if (flows.length !== network.positions.length) {
    return { code: "LENGTH" };
  }
  const net = new Array<bigint>(network.entities).fill(0n);
  for (let index = 0; index < flows.length; index += 1) {
    const flow = flows[index] as bigint;
    if (flow === 0n) {
      continue;
    }
    const { up, down } = bounds[index] as Bound;
    if (flow > up || flow < -down) {
      return { code: "BOUND", position: index };
    }
    const { left, right } = network.positions[index] as Position;
    net[left] = (net[left] as bigint) + flow;
    net[right] = (net[right] as bigint) - flow;
  }
  const entity = net.findIndex((sum) => sum !== 0n);
  return entity === -1 ? undefined : { code: "CONSERVATION", entity };
}

/** What flows gain for the objective, and how much they move. */
export type Measure = { readonly cleared: bigint; readonly moved: bigint };

export function measure(bounds: readonly Bound[], flows: readonly bigint[]): Measure {
  let cleared = 0n;
  let moved = 0n;
  for (let index = 0; index < flows.length; index += 1) {
    const flow = flows[index] as bigint;
    if (flow === 0n) {
      continue;
    }
    const amount = flow < 0n ? -flow : flow;
    const { gain } = bounds[index] as Bound;
    moved += amount;
    cleared += amount < gain ? amount : gain;
  }
  return { cleared, moved };
}

/**
 * Weak duality: no circulation costs less than the capacities' sum at negative reduced cost. When
 * the flows cost exactly that, they are optimal, whatever found them and the potentials. O(arcs).
 * @param measured what the flows gain and move; they must be within bounds and conserve
 * @param potential an integer for each entity
 */
export function dualProves(
  network: Network,
  objective: Objective,
  bounds: readonly Bound[],
  { cleared, moved }: Measure,
  potential: Float64Array,
): boolean {
  const weight = lexicographicWeight(network);
  const primal = objective === "value" ? -moved : moved - BigInt(weight) * cleared;
  const gainCost = arcCost(objective, true, weight);
  const moveCost = arcCost(objective, false, weight);
  let dual = 0n;
  const add = (capacity: bigint, cost: number): void => {
    if (cost < 0 && capacity > 0n) {
      assert(Number.isSafeInteger(cost), "a reduced cost is an exact integer", {
        cost,
      });
      dual += capacity * BigInt(cost);
    }
  };
  for (let index = 0; index < bounds.length; index += 1) {
    const range = bounds[index] as Bound;
    if (range === FROZEN) {
      continue;
    }
    const { up, down, gain } = range;
    const { left, right } = network.positions[index] as Position;
    const rise = (potential[left] as number) - (potential[right] as number);
    if (gain > 0n) {
      const slope = up > 0n ? rise : -rise;
      add(gain, gainCost + slope);
      add(up + down - gain, moveCost + slope);
    } else {
      add(up, moveCost + rise);
      add(down, moveCost - rise);
    }
  }
  return primal === dual;
}

/**
 * Whether the residual graph has a cycle that would better the objective, by Bellman and Ford:
 * the check that needs no dual, O(entities × positions). The flows must be within bounds.
 */
export function hasImprovingCycle(
  network: Network,
  objective: Objective,
  flows: readonly bigint[],
): boolean {
  const edges = residualEdges(network, objective, flows);
  const distance = new Float64Array(network.entities);
  for (let round = 0; round <= network.entities; round += 1) {
    let changed = false;
    for (const { from, to, cost } of edges) {
      const through = (distance[from] as number) + cost;
      if (through < (distance[to] as number)) {
        distance[to] = through;
        changed = true;
      }
    }
    if (!changed) {
      return false;
    }
  }
  return true;
}

type Edge = {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
};

/** Each step of one unit that a position still allows, with what it costs there. */
function residualEdges(
  network: Network,
  objective: Objective,
  flows: readonly bigint[],
): readonly Edge[] {
  const edges: Edge[] = [];
  const weight = lexicographicWeight(network);
  for (const [index, position] of network.positions.entries()) {
    const { left, right } = position;
    const { up, down, gain } = bound(position, objective);
    const flow = flows[index] as bigint;
    const amount = flow < 0n ? -flow : flow;
    const outward = arcCost(objective, amount < gain, weight);
    const inward = -arcCost(objective, amount <= gain, weight);
    if (flow < up) {
      edges.push({ from: left, to: right, cost: flow < 0n ? inward : outward });
    }
    if (flow > -down) {
      edges.push({ from: right, to: left, cost: flow > 0n ? inward : outward });
    }
  }
  return edges;
}
