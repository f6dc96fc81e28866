import { expect } from "chai";
import { describe, it } from "mocha";
import { solve } from "../../../../keeper/netting/solve.ts";
import type { Objective } from "../../../../keeper/netting/types.ts";
import { judge } from "./linear.ts";
import { randomNetwork } from "./sample.ts";

/** A longer campaign is `ORACLE_CASES=1000`. */
const CASES = Number(process.env.ORACLE_CASES ?? 300);

describe("netting/solver: against HiGHS", () => {
  for (const objective of ["value", "excess"] as const) {
    it(`NET-4: ${objective} equals the linear program on ${CASES} networks`, () => {
      let cleared = 0;
      for (let seed = 0; seed < CASES; seed += 1) {
        cleared += compare(seed, objective);
      }
      expect(cleared, "networks on which something is cleared").greaterThan(CASES / 2);
    }).timeout(120_000);
  }
});

function compare(seed: number, objective: Objective): number {
  const network = randomNetwork(seed, 24);
  const solution = solve(network, objective);
  const judged = judge(network, objective);
  expect(Number(solution.cleared), `cleared, seed ${seed}`).equal(judged.cleared);
  if (objective === "excess") {
    expect(Number(solution.moved), `moved, seed ${seed}`).equal(judged.moved);
  }
  expect(solution.proved, `proved, seed ${seed}`).equal(true);
  return solution.cleared > 0n ? 1 : 0;
}
