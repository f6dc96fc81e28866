/** The solver's door: network in, proved flows out (DESIGN NET-2, NET-3, NET-4). */

import { assert } from "../base/assert.ts";
import { extendDual } from "./dual.ts";
import { type Graph, graphOf } from "./graph.ts";
import { dualProves, findViolation, measure } from "./residual.ts";
import { type Circulation, solveExact } from "./solver/exact.ts";
import { solveFast } from "./solver/fast.ts";
import type { Budget, Network, Objective, Solution } from "./types.ts";

/**
 * The best netting of one token's network. Nobody's net position changes and RCP-1 holds;
 * positions must keep RCP-1 to begin with. The same network gives the same flows.
 * @param budget steps to spend; without it the search runs to the optimum
 * @returns flows that were checked in `bigint`; `proved` when their dual was checked too, which
 * only a spent budget prevents
 * @throws InvariantError when the network is malformed, or a check finds a bug of the solver
 */
export function solve(network: Network, objective: Objective, budget?: Budget): Solution {
  const graph = graphOf(network, objective);
  const fast = judge(graph, solveFast(graph, budget?.steps));
  if (fast !== undefined) {
    return fast;
  }
  // The check in bigint is what counts: an answer that fails it is solved again in bigint.
  const exact = judge(graph, solveExact(graph, budget?.steps));
  assert(exact !== undefined, "the exact solver's flows pass the last check");
  return exact;
}

/** The last step, always in `bigint`; undefined when the circulation does not pass it. */
export function judge(graph: Graph, circulation: Circulation): Solution | undefined {
  const { network, objective, bounds } = graph;
  const flows = flowsOf(graph, circulation);
  if (findViolation(network, bounds, flows) !== undefined) {
    return undefined;
  }
  const potential = extendDual(graph, circulation.potential);
  const measured = measure(bounds, flows);
  const proved = dualProves(network, objective, bounds, measured, potential);
  if (circulation.optimal && !proved) {
    return undefined;
  }
  return { flows, ...measured, proved };
}

/** Flow by position, from flow by arc. */
function flowsOf(graph: Graph, { flow }: Circulation): bigint[] {
  const flows = new Array<bigint>(graph.network.positions.length).fill(0n);
  for (let arc = 0; arc < flow.length; arc += 1) {
    const amount = flow[arc] as bigint;
    if (amount !== 0n) {
      const position = graph.position[arc] as number;
      const before = flows[position] as bigint;
      flows[position] = (graph.sign[arc] as number) > 0 ? before + amount : before - amount;
    }
  }
  return flows;
}
