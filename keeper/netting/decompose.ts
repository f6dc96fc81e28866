/**
 * A solution cut into plans (DESIGN NET-5): parts that keep every net position by themselves, with
 * few signers each. All parts move a position the same way, so any of them, in any order, keep
 * every bound; what one participant refuses stops only the parts that it is in.
 */

import { assert } from "../base/assert.ts";
import { type CycleArcs, takeCycles } from "./cycle.ts";
import { graphOf } from "./graph.ts";
import type { Cycle, Network, Objective, PlanPart } from "./types.ts";

/** The most signers of a plan (DESIGN NET-5). */
export const MAX_SIGNERS = 32;

/** A cut of a solution. */
export type Cut = {
  readonly parts: readonly PlanPart[];
  /** What all parts together change, by position. */
  readonly flows: readonly bigint[];
};

/**
 * Cuts flows into cycles of at most `maxSigners` entities. What only flows on longer cycles is
 * left out; a second pass then looks for short cycles that clear some of it another way.
 * @param flows a netting of the network under the objective, as `solve` gives it
 */
export function decompose(
  network: Network,
  objective: Objective,
  flows: readonly bigint[],
  maxSigners: number = MAX_SIGNERS,
): Cut {
  const first = takeCycles(arcsOf(network, flows), maxSigners);
  const kept = sumOf(network, first);
  const complete = kept.every((amount, index) => amount === flows[index]);
  const second = complete ? [] : takeCycles(openArcs(network, objective, kept), maxSigners);
  const cycles = [...first, ...second];
  const parts = cycles.map((cycle) => partOf(network, cycle, maxSigners));
  return { parts, flows: second.length === 0 ? kept : sumOf(network, cycles) };
}

/** One arc for each position that flows, any of which may close a cycle. */
function arcsOf(network: Network, flows: readonly bigint[]): CycleArcs {
  const moved = [...flows.keys()].filter((index) => flows[index] !== 0n);
  const rises = moved.map((index) => (flows[index] as bigint) > 0n);
  const ends = moved.map((index) => {
    const { left, right } = network.positions[index] as { left: number; right: number };
    return { left, right };
  });
  return {
    nodes: network.entities,
    tail: Int32Array.from(ends, (end, arc) => (rises[arc] ? end.left : end.right)),
    head: Int32Array.from(ends, (end, arc) => (rises[arc] ? end.right : end.left)),
    position: Int32Array.from(moved),
    sign: Int8Array.from(rises, (rise) => (rise ? 1 : -1)),
    amount: moved.map(
      (index, arc) => (rises[arc] ? flows[index] : -(flows[index] ?? 0n)) as bigint,
    ),
    closes: new Uint8Array(moved.length).fill(1),
  };
}

/** What positions still allow after `kept`, each only in the direction in which it has moved. */
function openArcs(network: Network, objective: Objective, kept: readonly bigint[]): CycleArcs {
  const positions = network.positions.map((position, index) => {
    const amount = kept[index] as bigint;
    return amount === 0n ? position : { ...position, delta: position.delta + amount };
  });
  const graph = graphOf({ entities: network.entities, positions }, objective);
  const amount = graph.capacity.map((capacity, arc) => {
    const moved = kept[graph.position[arc] as number] as bigint;
    const rises = (graph.sign[arc] as number) > 0;
    return moved === 0n || moved > 0n === rises ? capacity : 0n;
  });
  const { nodes, tail, head, position, sign, gains } = graph;
  return { nodes, tail, head, position, sign, amount, closes: gains };
}

/** The change of each position by all the cycles. */
function sumOf(network: Network, cycles: readonly Cycle[]): bigint[] {
  const sum = new Array<bigint>(network.positions.length).fill(0n);
  for (const { legs } of cycles) {
    for (const { position, amount } of legs) {
      sum[position] = (sum[position] as bigint) + amount;
    }
  }
  return sum;
}

function partOf(network: Network, { legs }: Cycle, maxSigners: number): PlanPart {
  const entities = new Set<number>();
  for (const { position } of legs) {
    const { left, right } = network.positions[position] as { left: number; right: number };
    entities.add(left).add(right);
  }
  assert(entities.size <= maxSigners, "a part has no more signers than asked", {
    signers: entities.size,
  });
  return { signers: [...entities].sort((a, b) => a - b), legs };
}
