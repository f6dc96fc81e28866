import { expect } from "chai";
import { describe, it } from "mocha";
import { bound } from "../../../../keeper/netting/bound.ts";
import { arcCost, graphOf } from "../../../../keeper/netting/graph.ts";
import { findViolation } from "../../../../keeper/netting/residual.ts";
import { judge } from "../../../../keeper/netting/solve.ts";
import { lift } from "../../../../keeper/netting/solver/lift.ts";
import { solveScaling } from "../../../../keeper/netting/solver/scaling.ts";
import { generateNetwork } from "../../../../scripts/network.ts";
import { position } from "./sample.ts";

const triangle = {
  entities: 3,
  positions: [position(0, 1, 10n), position(1, 2, 10n), position(2, 0, 10n)],
};
const bounds = triangle.positions.map((item) => bound(item, "value"));

describe("netting: what is no netting", () => {
  const rows = [
    { title: "a netting", flows: [-10n, -10n, -10n], violation: undefined },
    {
      title: "one unit too much",
      flows: [-11n, -11n, -11n],
      violation: { code: "BOUND", position: 0 },
    },
    {
      title: "an exposure that rises",
      flows: [0n, 1n, 0n],
      violation: { code: "BOUND", position: 1 },
    },
    {
      title: "one unit that vanishes",
      flows: [-10n, -10n, -9n],
      violation: { code: "CONSERVATION", entity: 0 },
    },
    {
      title: "one unit lost away from the first entity",
      flows: [-10n, -9n, -10n],
      violation: { code: "CONSERVATION", entity: 1 },
    },
    { title: "a position left out", flows: [-10n, -10n], violation: { code: "LENGTH" } },
  ] as const;
  for (const { title, flows, violation } of rows) {
    it(`NET-3: ${title}`, () => {
      expect(findViolation(triangle, bounds, flows)).deep.equal(violation);
    });
  }

  it("NET-4: a dual under a small weight lifts to the full one, without a second solve", () => {
    for (const shape of ["uniform", "preferential", "hub"] as const) {
      const network = generateNetwork({ shape, entities: 500, positions: 4000, seed: 2, bits: 90 });
      const graph = graphOf(network, "excess");
      const cost = Float64Array.from(graph.gains, (gains) => arcCost("excess", gains === 1, 256));
      const found = solveScaling({ ...graph, cost });
      const potential = lift(graph, found, 256);
      expect(potential, shape).not.equal(undefined);
      expect(judge(graph, { ...found, potential: potential as Float64Array })?.proved).equal(true);
    }
  });
});
