import { expect } from "chai";
import { describe, it } from "mocha";
import { solve } from "../../../../keeper/netting/solve.ts";
import { totals } from "../../../../keeper/netting/total.ts";
import type { Network, Position } from "../../../../keeper/netting/types.ts";
import { position } from "./sample.ts";

/** Right owes left that much. */
function owed(left: number, right: number, amount: bigint, rest: Partial<Position> = {}): Position {
  return position(left, right, amount, rest);
}

function network(entities: number, ...positions: readonly Position[]): Network {
  return { entities, positions };
}

describe("netting: examples worked by hand", () => {
  it("NET-2: a triangle clears its smallest debt on each side", () => {
    const triangle = network(3, owed(0, 1, 100n), owed(1, 2, 70n), owed(2, 0, 90n));
    const solution = solve(triangle, "value");
    expect(solution.flows).deep.equal([-70n, -70n, -70n]);
    expect(solution.cleared).equal(210n);
    expect(solution.proved).equal(true);
    expect(totals(triangle)).deep.include({ gross: 260n, netInternalDebt: 30n });
    expect(totals(triangle, solution.flows)).deep.include({ gross: 50n, netInternalDebt: 30n });
  });

  it("NET-2: the sign follows the account's orientation", () => {
    const triangle = network(3, owed(0, 1, 100n), position(2, 1, -70n), owed(2, 0, 90n));
    expect(solve(triangle, "value").flows).deep.equal([-70n, 70n, -70n]);
  });

  it("NET-2: A owes B and B owes A cancel", () => {
    const pair = network(2, owed(0, 1, 100n), owed(1, 0, 60n));
    expect(solve(pair, "value")).deep.include({ flows: [-60n, -60n], cleared: 120n });
  });

  it("NET-2: a chain does not net", () => {
    const chain = network(4, owed(0, 1, 50n), owed(1, 2, 50n), owed(2, 3, 50n));
    expect(solve(chain, "value")).deep.include({ cleared: 0n, moved: 0n, proved: true });
    expect(totals(chain).netInternalDebt).equal(50n);
  });

  it("NET-2: a hub and its spokes net nothing", () => {
    const spokes = [1, 2, 3, 4, 5].map((spoke) => owed(0, spoke, spoke % 2 === 0 ? 40n : -40n));
    const star = network(6, ...spokes);
    expect(solve(star, "value")).deep.include({ cleared: 0n, proved: true });
    expect(solve(star, "excess")).deep.include({ cleared: 0n, proved: true });
  });

  it("NET-2: value counts every leg, so two short cycles lose to a long one", () => {
    const choice = network(
      4,
      owed(0, 1, 10n),
      owed(1, 2, 10n),
      owed(2, 3, 10n),
      owed(3, 0, 10n),
      owed(2, 0, 10n),
    );
    expect(solve(choice, "value").flows).deep.equal([-10n, -10n, -10n, -10n, 0n]);
  });

  it("NET-2: a position without consent stays, and so does its cycle", () => {
    const triangle = network(
      3,
      owed(0, 1, 100n),
      owed(1, 2, 70n, { consent: false }),
      owed(2, 0, 90n),
    );
    expect(solve(triangle, "value")).deep.include({ flows: [0n, 0n, 0n], proved: true });
  });

  it("NET-2: excess moves onto accounts with room below their soft limits", () => {
    const room = { leftLimit: 100n, rightLimit: 100n, leftSoftLimit: 50n, rightSoftLimit: 50n };
    const ring = network(
      3,
      owed(0, 1, 80n, { ...room }),
      position(1, 2, 0n, room),
      position(2, 0, 30n, room),
    );
    const solution = solve(ring, "excess");
    // Right owes 30 too much on the first; each of the three gives way by as much.
    expect(solution).deep.include({ flows: [-30n, -30n, -30n], cleared: 30n, moved: 90n });
    expect(totals(ring)).deep.include({ excess: 30n, overLimit: 1 });
    expect(totals(ring, solution.flows)).deep.include({ excess: 0n, overLimit: 0 });
  });

  it("NET-2: excess takes the shorter of two ways, then the longer", () => {
    const room = { leftLimit: 20n, rightLimit: 20n, leftSoftLimit: 20n, rightSoftLimit: 20n };
    const ways = network(
      4,
      owed(0, 1, 30n),
      position(1, 0, 0n, room),
      position(1, 2, 0n, room),
      position(2, 3, 0n, room),
      position(3, 0, 0n, room),
    );
    const solution = solve(ways, "excess");
    expect(solution.flows).deep.equal([-30n, -20n, -10n, -10n, -10n]);
    expect(solution).deep.include({ cleared: 30n, moved: 80n });
  });

  it("NET-3: amounts far above 2^53 are exact to the unit", () => {
    const large = 2n ** 126n + 1n;
    const triangle = network(3, owed(0, 1, large + 2n), owed(1, 2, large), owed(2, 0, large + 1n));
    expect(solve(triangle, "value")).deep.include({ flows: [-large, -large, -large] });
  });

  it("NET-2: nothing to net: no positions, no entities", () => {
    expect(solve(network(0), "value")).deep.include({ flows: [], cleared: 0n, proved: true });
    expect(solve(network(5), "excess")).deep.include({ flows: [], cleared: 0n, proved: true });
  });

  it("ARC-2: a position outside of its network is our bug", () => {
    expect(() => solve(network(1, owed(0, 1, 5n)), "value")).throw("joins two entities");
    expect(() => solve(network(1, owed(0, 0, 5n)), "value")).throw("joins two entities");
  });
});
