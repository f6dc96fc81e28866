/** The solver's door: network in, proved flows out (DESIGN NET-2, NET-3, NET-4). */

import { assert } from "../base/assert.ts";
import { extendDual } from "./dual.ts";
import { type Graph, graphOf } from "./graph.ts";
import { dualProves, findViolation, measure } from "./residual.ts";
import { type Circulation, solveExact } from "./solver/exact.ts";
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
  const circulation = solveExact(graph, budget?.steps);
  const flows = flowsOf(graph, circulation);
  const violation = findViolation(network, graph.bounds, flows);
  assert(violation === undefined, "flows are a circulation within bounds", violation);
  const { cleared, moved } = measure(graph.bounds, flows);
  const potential = extendDual(graph, circulation.potential);
  const proved = dualProves(network, objective, graph.bounds, flows, potential);
  assert(proved || !circulation.optimal, "an optimum has a dual of the same value");
  return { flows, cleared, moved, proved };
}

/** Flow by position, from flow by arc. */
function flowsOf(graph: Graph, { flow }: Circulation): bigint[] {
  const flows = new Array<bigint>(graph.network.positions.length).fill(0n);
  for (const [arc, amount] of flow.entries()) {
    if (amount !== 0n) {
      const position = graph.position[arc] as number;
      const before = flows[position] as bigint;
      flows[position] = (graph.sign[arc] as number) > 0 ? before + amount : before - amount;
    }
  }
  return flows;
}
