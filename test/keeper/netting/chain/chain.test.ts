import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { excessAt, leftExposure, rightExposure } from "../../../../keeper/netting/bound.ts";
import { chainsOf } from "../../../../keeper/netting/chain.ts";
import type { Network, Position } from "../../../../keeper/netting/types.ts";

/** A debt of `amount`, above a soft limit of `soft`; left owes where its index is the lower. */
function debt(from: number, to: number, amount: bigint, soft = 10n, collateral = 0n): Position {
  const isLeft = from < to;
  return {
    left: isLeft ? from : to,
    right: isLeft ? to : from,
    delta: isLeft ? -amount : amount + collateral,
    collateral,
    leftLimit: 1_000n,
    rightLimit: 1_000n,
    leftSoftLimit: soft,
    rightSoftLimit: soft,
    consent: true,
  };
}

const network = (entities: number, ...positions: readonly Position[]): Network => ({
  entities,
  positions,
});

/** For example `0→3 50: 0+50 1+50 2-50`. */
function lines(of: Network, maxSigners?: number): string[] {
  return chainsOf(of, maxSigners).map(({ legs, pays }) => {
    const moved = legs.map(
      ({ position, amount }) => `${position}${amount > 0n ? "+" : ""}${amount}`,
    );
    return `${pays.from}→${pays.to} ${pays.amount}: ${moved.join(" ")}`;
  });
}

describe("chains of debts", () => {
  it("NET-6: A owes B owes C owes D becomes one payment of A to D", () => {
    const chain = network(
      4,
      debt(0, 1, 50n),
      debt(1, 2, 60n),
      debt(3, 2, 9n, 10n),
      debt(2, 3, 55n),
    );
    expect(lines(chain)).to.deep.equal(["0→3 50: 0+50 1+50 3+50"]);
  });

  it("NET-6: a debt of right's falls, and collateral is no debt", () => {
    const chain = network(3, debt(2, 1, 40n, 10n, 7n), debt(1, 0, 70n));
    expect(lines(chain)).to.deep.equal(["2→0 40: 0-40 1-40"]);
  });

  it("NET-6: what stands alone, is within its limit, or does not take part, is left", () => {
    expect(lines(network(2, debt(0, 1, 50n)))).to.deep.equal([]);
    expect(lines(network(3, debt(0, 1, 50n), debt(1, 2, 10n)))).to.deep.equal([]);
    const absent = { ...debt(1, 2, 60n), consent: false };
    expect(lines(network(3, debt(0, 1, 50n), absent))).to.deep.equal([]);
  });

  it("NET-6: a wide debt feeds several chains, the largest first", () => {
    const star = network(4, debt(0, 1, 90n), debt(1, 2, 20n), debt(1, 3, 60n));
    expect(lines(star)).to.deep.equal(["0→3 60: 0+60 2+60", "0→2 20: 0+20 1+20"]);
  });

  it("NET-5: no chain has more signers than a plan may have", () => {
    const debts = Array.from({ length: 6 }, (_, index) => debt(index, index + 1, 50n));
    expect(lines(network(7, ...debts), 4)).to.deep.equal([
      "0→3 50: 0+50 1+50 2+50",
      "3→6 50: 3+50 4+50 5+50",
    ]);
  });

  it("NET-6: on any network exposures only shrink, and each entity keeps what it has in sum", () => {
    const position = fc.record({
      ends: fc.tuple(fc.nat(7), fc.nat(7)).filter(([a, b]) => a !== b),
      amount: fc.bigInt(0n, 500n),
      soft: fc.bigInt(0n, 200n),
      collateral: fc.bigInt(0n, 100n),
    });
    fc.assert(
      fc.property(fc.array(position, { maxLength: 30 }), (drawn) => {
        const positions = drawn.map(({ ends: [from, to], amount, soft, collateral }) =>
          debt(from, to, amount, soft, collateral),
        );
        const deltas = positions.map(({ delta }) => delta);
        const nets = new Array<bigint>(8).fill(0n);
        const add = (entity: number, amount: bigint): void => {
          nets[entity] = (nets[entity] as bigint) + amount;
        };
        for (const { legs, pays, signers } of chainsOf({ entities: 8, positions })) {
          expect(legs.length).to.be.greaterThan(1);
          expect(signers.length).to.equal(legs.length + 1);
          expect(pays.amount > 0n).to.equal(true);
          add(pays.from, -pays.amount);
          add(pays.to, pays.amount);
          for (const { position: index, amount } of legs) {
            const { left, right, collateral } = positions[index] as Position;
            const before = deltas[index] as bigint;
            expect(excessAt(positions[index] as Position, before) > 0n, "over").to.equal(true);
            const after = before + amount;
            const owed = (delta: bigint) => leftExposure(delta) + rightExposure(delta, collateral);
            expect(owed(after)).to.equal(owed(before) - pays.amount);
            deltas[index] = after;
            add(left, amount);
            add(right, -amount);
          }
        }
        expect(nets.every((net) => net === 0n)).to.equal(true);
      }),
    );
  });
});
