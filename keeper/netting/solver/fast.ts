/** Both aims of an objective in one weighted cost, kept small while solving, lifted at the end. */

import { arcCost, type Graph } from "../graph.ts";
import type { Circulation } from "./exact.ts";
import { lift } from "./lift.ts";
import { solveScaling } from "./scaling.ts";

/** What a gain weighs while solving: small weights make few distinct distances. */
const SMALL_WEIGHT = 256;

/**
 * The circulation of least cost under the graph's own weight. It is sought under a small weight,
 * which nearly always finds the same; where the dual cannot be lifted, under the full one.
 */
export function solveFast(graph: Graph, limit?: number): Circulation {
  if (graph.weight <= SMALL_WEIGHT) {
    return solveScaling(graph, limit);
  }
  const small = { ...graph, cost: costUnder(graph, SMALL_WEIGHT) };
  const found = solveScaling(small, limit);
  const potential = found.optimal ? lift(graph, found, SMALL_WEIGHT) : undefined;
  if (!found.optimal || potential !== undefined) {
    return { ...found, potential: potential ?? found.potential };
  }
  return solveScaling(graph, limit === undefined ? undefined : Math.max(1, limit - found.steps));
}

function costUnder(graph: Graph, weight: number): Float64Array {
  return Float64Array.from(graph.gains, (gains) => arcCost(graph.objective, gains === 1, weight));
}
