import { expect } from "chai";
import { describe, it } from "mocha";
import { createRandom } from "../../../../keeper/base/random.ts";
import { bound } from "../../../../keeper/netting/bound.ts";
import { decompose, MAX_SIGNERS } from "../../../../keeper/netting/decompose.ts";
import { findViolation, measure } from "../../../../keeper/netting/residual.ts";
import { solve } from "../../../../keeper/netting/solve.ts";
import type { Network, Objective, PlanPart } from "../../../../keeper/netting/types.ts";
import { generateNetwork } from "../../../../scripts/network.ts";
import { position, randomNetwork } from "./sample.ts";

const objectives: readonly Objective[] = ["value", "excess"];

describe("netting: a solution cut into plans", () => {
  for (const objective of objectives) {
    it(`NET-5: ${objective}, each part alone and any of them together are a netting`, () => {
      for (let seed = 0; seed < 60; seed += 1) {
        const network = randomNetwork(seed, 100);
        const { flows } = solve(network, objective);
        const { parts, flows: kept } = decompose(network, objective, flows);
        const bounds = network.positions.map((item) => bound(item, objective));
        const random = createRandom(seed);
        expect(sum(network, parts), `sum, seed ${seed}`).deep.equal(kept);
        for (const chosen of [...parts.map((part) => [part]), some(parts, random)]) {
          const flow = sum(network, chosen);
          expect(findViolation(network, bounds, flow), `seed ${seed}`).equal(undefined);
        }
        expectSameSigns(parts);
      }
    }).timeout(30_000);

    it(`NET-5: ${objective}, small networks lose nothing`, () => {
      for (let seed = 0; seed < 40; seed += 1) {
        const network = { ...randomNetwork(seed, 60) };
        if (network.entities <= MAX_SIGNERS) {
          const { flows } = solve(network, objective);
          expect(decompose(network, objective, flows).flows, `seed ${seed}`).deep.equal(flows);
        }
      }
    });
  }

  it("NET-5: signers are distinct, ascending and at most as many as asked", () => {
    const network = generateNetwork({
      shape: "uniform",
      entities: 200,
      positions: 1200,
      seed: 4,
      bits: 80,
    });
    const { flows } = solve(network, "value");
    for (const maxSigners of [4, 32]) {
      const { parts } = decompose(network, "value", flows, maxSigners);
      expect(parts.length).greaterThan(0);
      for (const { signers, legs } of parts) {
        expect(signers.length).most(maxSigners);
        expect(signers.length).equal(legs.length);
        expect(signers).deep.equal([...new Set(signers)].sort((a, b) => a - b));
      }
    }
  });

  it("NET-5: the second pass finds a short way where the solution took a long one", () => {
    // Six in a ring clear more than the three that a chord would close, but are too many to sign.
    const ring = [0, 1, 2, 3, 4, 5].map((left) => position(left, (left + 1) % 6, 10n));
    const network = { entities: 6, positions: [...ring, position(2, 0, 10n)] };
    const { flows, cleared } = solve(network, "value");
    expect(cleared).equal(60n);
    const cut = decompose(network, "value", flows, 3);
    expect(cut.flows).deep.equal([-10n, -10n, 0n, 0n, 0n, 0n, -10n]);
    expect(cut.parts).deep.equal([
      {
        signers: [0, 1, 2],
        legs: cut.parts[0]?.legs,
      },
    ]);
  });

  it("NET-5: at least 95 % of a thousand positions is kept, for either objective", () => {
    for (const objective of objectives) {
      const network = generateNetwork({
        shape: "preferential",
        entities: 100,
        positions: 1000,
        seed: 9,
        bits: 100,
        spread: 20,
      });
      const { flows, cleared } = solve(network, objective);
      const bounds = network.positions.map((item) => bound(item, objective));
      const kept = measure(bounds, decompose(network, objective, flows).flows).cleared;
      expect(kept * 100n >= cleared * 95n, `${objective}: ${kept} of ${cleared}`).equal(true);
    }
  });
});

function some(parts: readonly PlanPart[], random: ReturnType<typeof createRandom>): PlanPart[] {
  return parts.filter(() => random.chance(1, 2));
}

function sum(network: Network, parts: readonly PlanPart[]): bigint[] {
  const flows = network.positions.map(() => 0n);
  for (const leg of parts.flatMap(({ legs }) => legs)) {
    flows[leg.position] = (flows[leg.position] ?? 0n) + leg.amount;
  }
  return flows;
}

function expectSameSigns(parts: readonly PlanPart[]): void {
  const rises = new Map<number, boolean>();
  for (const { position: index, amount } of parts.flatMap(({ legs }) => legs)) {
    expect(amount > 0n, `position ${index}`).equal(rises.get(index) ?? amount > 0n);
    rises.set(index, amount > 0n);
  }
}
