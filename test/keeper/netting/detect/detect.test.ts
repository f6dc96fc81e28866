import { expect } from "chai";
import { describe, it } from "mocha";
import { createRandom, type Random } from "../../../../keeper/base/random.ts";
import { detect } from "../../../../keeper/netting/detect.ts";
import type { Network, Position } from "../../../../keeper/netting/types.ts";

describe("netting/detect", () => {
  it("NET-1: names what is over its limit, net payers and receivers, cycles and chains", () => {
    // 0 → 1 → 2 → 0 is a cycle; 3 owes 2 and 4 owes 3, a chain into it; 5 owes 6, alone.
    const network = networkOf(9, [
      debt(0, 1, 60n, 50n),
      debt(1, 2, 50n, 50n),
      debt(2, 0, 70n, 100n),
      debt(3, 2, 20n, 10n),
      debt(4, 3, 5n, 10n),
      debt(5, 6, 9n, 9n),
      { ...debt(7, 8, 0n, 0n), collateral: 10n, delta: 10n },
    ]);
    const found = detect(network);
    expect(found.overLimit).to.deep.equal([0, 3]);
    // 0 is owed 70 and owes 60; 1 is owed 60 and owes 50; 2 is owed 70 and owes 70.
    expect(found.payers).to.deep.equal([3, 4, 5]);
    expect(found.receivers).to.deep.equal([0, 1, 6]);
    expect(found.exposed).to.deep.equal({ positions: 6, value: 214n });
    expect(found.onCycles).to.deep.equal({ positions: 3, value: 180n });
    expect(found.cores).to.equal(1);
    expect(found.onChains).to.deep.equal({ positions: 2, value: 25n });
  });

  it("NET-1: sees no cycle in a hub with spokes, nor in collateral", () => {
    const spokes = Array.from({ length: 9 }, (_, i) =>
      i % 2 === 0 ? debt(0, i + 1, 5n, 9n) : debt(i + 1, 0, 5n, 9n),
    );
    const found = detect(networkOf(10, spokes));
    expect(found.onCycles).to.deep.equal({ positions: 0, value: 0n });
    expect(found.onChains.positions).to.equal(9);
    const covered = [debt(0, 1, 5n, 9n), { ...debt(1, 0, 0n, 9n), collateral: 5n, delta: -0n }];
    expect(detect(networkOf(2, covered)).onCycles.positions).to.equal(0);
  });

  it("NET-1: a debt lies on a cycle exactly when its creditor reaches its debtor", () => {
    const random = createRandom("detect");
    for (let round = 0; round < 200; round++) {
      const network = randomNetwork(random);
      const arcs = network.positions.map(arcOf);
      const expected = arcs.filter((arc) => arc.value > 0n && reaches(arcs, arc.to, arc.from));
      expect(detect(network).onCycles, `round ${round}`).to.deep.equal({
        positions: expected.length,
        value: expected.reduce((sum, { value }) => sum + value, 0n),
      });
    }
  });
});

type Arc = { readonly from: number; readonly to: number; readonly value: bigint };

/** Written out anew from RCP-2, so that it does not share a fault with the code under test. */
function arcOf({ left, right, delta, collateral }: Position): Arc {
  if (delta < 0n) return { from: left, to: right, value: -delta };
  return { from: right, to: left, value: delta > collateral ? delta - collateral : 0n };
}

function reaches(arcs: readonly Arc[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const entity of seen) {
    for (const arc of arcs) if (arc.value > 0n && arc.from === entity) seen.add(arc.to);
  }
  return seen.has(to);
}

function randomNetwork(random: Random): Network {
  const entities = random.between(2, 12);
  const positions = Array.from({ length: random.between(1, 20) }, () => {
    const left = random.below(entities);
    const right = (left + random.between(1, entities - 1)) % entities;
    const collateral = BigInt(random.below(4));
    return { ...debt(left, right, 0n, 5n), collateral, delta: BigInt(random.between(-6, 9)) };
  });
  return networkOf(entities, positions);
}

/** Left owes right so much; right wants settlement above its soft limit. */
function debt(left: number, right: number, owes: bigint, soft: bigint): Position {
  return {
    left,
    right,
    delta: -owes,
    collateral: 0n,
    leftLimit: 1000n,
    rightLimit: 1000n,
    leftSoftLimit: soft,
    rightSoftLimit: soft,
    consent: true,
  };
}

function networkOf(entities: number, positions: readonly Position[]): Network {
  return { entities, positions };
}
