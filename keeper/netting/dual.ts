/** Extends a dual of the core to every entity, so that anyone can recheck it in O(positions). */

import { arcCost, type Graph } from "./graph.ts";

/**
 * Potentials of all entities from those of the core's nodes. Arcs between components lead downwards
 * in component number, so a height for each number keeps them from looking useful; a peeled entity
 * hangs from its one position, so it takes whatever makes that position indifferent.
 */
export function extendDual(graph: Graph, inner: Float64Array): Float64Array {
  const { network, core, node } = graph;
  const potential = new Float64Array(network.entities);
  const height = heightOf(graph, inner);
  for (let entity = 0; entity < potential.length; entity += 1) {
    const index = node[entity] as number;
    const own = index === -1 ? 0 : (inner[index] as number);
    potential[entity] = own + height * Math.max(core.component[entity] as number, 0);
  }
  for (let next = core.peeled.length - 1; next >= 0; next -= 1) {
    const stem = core.stem[next] as number;
    if (stem !== -1) {
      hang(graph, potential, core.peeled[next] as number, stem);
    }
  }
  return potential;
}

/** More than any reduced cost between two entities can be. */
function heightOf(graph: Graph, inner: Float64Array): number {
  const largest = inner.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return 2 * largest + graph.weight + 1;
}

function hang(graph: Graph, potential: Float64Array, entity: number, stem: number): void {
  const { left, right } = graph.network.positions[stem] as {
    left: number;
    right: number;
  };
  const { up, down, gain } = graph.bounds[stem] as {
    up: bigint;
    down: bigint;
    gain: bigint;
  };
  const base = potential[entity === left ? right : left] as number;
  if (up > 0n && down > 0n) {
    potential[entity] = base;
    return;
  }
  const cost = arcCost(graph.objective, gain > 0n, graph.weight);
  const leaves = up > 0n === (entity === left);
  potential[entity] = leaves ? base - cost : base + cost;
}
