import { expect } from "chai";
import { describe, it } from "mocha";
import { createRandom } from "../../../../keeper/base/random.ts";
import { bound } from "../../../../keeper/netting/bound.ts";
import { graphOf } from "../../../../keeper/netting/graph.ts";
import { findViolation, hasImprovingCycle } from "../../../../keeper/netting/residual.ts";
import { judge, solve } from "../../../../keeper/netting/solve.ts";
import { solveExact } from "../../../../keeper/netting/solver/exact.ts";
import { solveFast } from "../../../../keeper/netting/solver/fast.ts";
import { totals } from "../../../../keeper/netting/total.ts";
import type { Network, Objective } from "../../../../keeper/netting/types.ts";
import { generateNetwork, shapes } from "../../../../scripts/network.ts";
import { randomNetwork } from "./sample.ts";

const objectives: readonly Objective[] = ["value", "excess"];
const seeds = Array.from({ length: 120 }, (_, seed) => seed);

describe("netting/solver: properties", () => {
  for (const objective of objectives) {
    it(`NET-3, RCP-1: ${objective} keeps bounds, limits and net positions`, () => {
      for (const seed of seeds) {
        const network = randomNetwork(seed, seed % 2 === 0 ? 60 : 126);
        const { flows, cleared } = solve(network, objective);
        const bounds = network.positions.map((position) => bound(position, objective));
        expect(findViolation(network, bounds, flows), `seed ${seed}`).equal(undefined);
        expectLimits(network, flows, objective);
        const before = totals(network);
        const after = totals(network, flows);
        const counted = objective === "value" ? "gross" : "excess";
        expect(before[counted] - after[counted], `cleared, seed ${seed}`).equal(cleared);
        expect(after.overLimit <= before.overLimit, `over limit, seed ${seed}`).equal(true);
      }
    }).timeout(30_000);

    it(`NET-4: above 2^53, ${objective} leaves no improving cycle and equals bigint`, () => {
      for (const seed of seeds) {
        const network = randomNetwork(seed, 126);
        const solution = solve(network, objective);
        const graph = graphOf(network, objective);
        const exact = judge(graph, solveExact(graph));
        expect(solution.proved, `proved, seed ${seed}`).equal(true);
        expect(hasImprovingCycle(network, objective, solution.flows), `seed ${seed}`).equal(false);
        expect(exact?.cleared, `cleared, seed ${seed}`).equal(solution.cleared);
        expect(exact?.moved, `moved, seed ${seed}`).equal(solution.moved);
      }
    }).timeout(60_000);

    it(`ARC-4: ${objective} gives the same flows again, the same sum in any order`, () => {
      for (const seed of seeds.slice(0, 30)) {
        const network = randomNetwork(seed, 100);
        const { flows, cleared, moved } = solve(network, objective);
        expect(solve(network, objective).flows).deep.equal(flows);
        const positions = createRandom(seed).shuffle(network.positions);
        const shuffled = solve({ ...network, positions }, objective);
        expect(shuffled.cleared).equal(cleared);
        expect(objective === "value" ? 0n : shuffled.moved).equal(
          objective === "value" ? 0n : moved,
        );
      }
    });

    it(`NET-4: ${objective} on a spent budget is a netting all the same`, () => {
      const network = large(7);
      const best = solve(network, objective);
      let last = -1n;
      for (const steps of [1, 10_000, 30_000, 10_000_000]) {
        const solution = solve(network, objective, { steps });
        expect(solution.cleared <= best.cleared).equal(true);
        expect(solution.cleared >= last, `more steps clear no less, ${steps}`).equal(true);
        expect(solution.proved || solution.cleared < best.cleared || steps < 10_000_000).equal(
          true,
        );
        last = solution.cleared;
      }
      expect(last).equal(best.cleared);
    }).timeout(20_000);
  }

  it("NET-3: the fast solver passes the last check itself, never by its fallback", () => {
    for (const seed of seeds) {
      for (const objective of objectives) {
        for (const bits of [20, 53, 126]) {
          const graph = graphOf(randomNetwork(seed, bits), objective);
          const found = judge(graph, solveFast(graph));
          expect(found?.proved, `seed ${seed}, ${bits} bits, ${objective}`).equal(true);
        }
      }
    }
  }).timeout(30_000);

  it("NET-3: the last check refuses a flow that is wrong by one unit, or a dual that is", () => {
    const graph = graphOf(large(5), "value");
    const found = solveFast(graph);
    const most = found.flow.findIndex((amount) => amount > 1n);
    const flow = found.flow.map((amount, arc) => (arc === most ? amount - 1n : amount));
    expect(judge(graph, { ...found, flow })).equal(undefined);
    const node = graph.tail[most] as number;
    const potential = found.potential.map((value, index) => (index === node ? value + 1 : value));
    expect(judge(graph, { ...found, potential })).equal(undefined);
    expect(judge(graph, found)?.proved).equal(true);
  });

  it("NET-4: the residual check sees one unit that was left", () => {
    const network = large(3);
    const { flows } = solve(network, "value");
    const triangle = { entities: 3, positions: ring(10n) };
    expect(hasImprovingCycle(triangle, "value", [-10n, -10n, -10n])).equal(false);
    expect(hasImprovingCycle(triangle, "value", [-9n, -9n, -9n])).equal(true);
    expect(
      hasImprovingCycle(
        network,
        "value",
        flows.map(() => 0n),
      ),
    ).equal(true);
  });

  it("NET-4: the fast solver and bigint agree on a thousand positions of each shape", () => {
    for (const shape of shapes) {
      for (const objective of objectives) {
        const network = generateNetwork({
          shape,
          entities: 150,
          positions: 1000,
          seed: 11,
          bits: 126,
          collateralPercent: 20,
        });
        const graph = graphOf(network, objective);
        const exact = judge(graph, solveExact(graph));
        const { cleared, proved } = solve(network, objective);
        expect({ cleared, proved }).deep.equal({ cleared: exact?.cleared, proved: true });
      }
    }
  }).timeout(30_000);
});

function expectLimits(network: Network, flows: readonly bigint[], objective: Objective): void {
  for (const [index, position] of network.positions.entries()) {
    const { delta, collateral, leftLimit, rightLimit } = position;
    const after = delta + (flows[index] as bigint);
    expect(after >= -leftLimit && after <= collateral + rightLimit, `RCP-1 at ${index}`).equal(
      true,
    );
    if (objective === "value") {
      const exposure = (at: bigint): bigint => totals(single(network, index, at)).gross;
      expect(exposure(after) <= exposure(delta), `exposure at ${index}`).equal(true);
    }
  }
}

function single(network: Network, index: number, delta: bigint): Network {
  const position = network.positions[index];
  return { ...network, positions: position === undefined ? [] : [{ ...position, delta }] };
}

function large(seed: number): Network {
  return generateNetwork({ shape: "uniform", entities: 200, positions: 2000, seed, bits: 90 });
}

function ring(amount: bigint): Network["positions"] {
  return [0, 1, 2].map((left) => ({
    left,
    right: (left + 1) % 3,
    delta: amount,
    collateral: 0n,
    leftLimit: 0n,
    rightLimit: amount,
    leftSoftLimit: 0n,
    rightSoftLimit: 0n,
    consent: true,
  }));
}
