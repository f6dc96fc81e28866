import { expect } from "chai";
import { describe, it } from "mocha";
import { exposureOf } from "../../../keeper/account/rcpan.ts";
import type { Account } from "../../../keeper/account/types.ts";
import { compareBytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { CommandResult, Entity } from "../../../keeper/entity/types.ts";
import { type PartLeg, planFromPart } from "../../../keeper/plan/build.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { createWorld, NO_FAULTS, type Person, personOf, type World } from "../runtime/world.ts";

const TOKEN = 1;
const SOFT = 100n;
const { domain } = jurisdiction;
const people = ["alice", "bob", "carol", "dave"]
  .map(personOf)
  .sort((a, b) => compareBytes(a.id, b.id));
const [A, B, C, D] = people as [Person, Person, Person, Person];
const ring = [
  [A, B],
  [B, C],
  [C, A],
] as const;

/** Three with accounts between them in which each lets the other owe it 100, or 1,000 at most. */
function worldOf(seed: number): World {
  const world = createWorld([[A], [B], [C], [D]], seed, NO_FAULTS);
  for (const [index, [one, other]] of ring.entries()) {
    world.command(one, `open ${index}`, { kind: "openAccount", peer: other.id });
    world.settle(3);
    const credit = { kind: "setCredit", token: TOKEN, limit: 1_000n, softLimit: SOFT } as const;
    for (const [self, peer] of [[one, other] as const, [other, one] as const]) {
      const transactions = [credit];
      const id = `credit ${index}`;
      world.command(self, id, { kind: "transact", peer: peer.id, transactions });
    }
    world.settle(3);
  }
  return world;
}

/** Round the ring each comes to owe the next so much, or the other way round. */
function planOf(world: World, salt: string, amount: bigint) {
  const legs = ring.map(([one, other]): PartLeg => {
    const isLeft = compareBytes(one.id, other.id) < 0;
    const [left, right] = isLeft ? [one.id, other.id] : [other.id, one.id];
    return { left, right, token: TOKEN, amount: isLeft ? -amount : amount };
  });
  const terms = { domain, salt: keccakText(salt), commitBy: world.now() + 1_000 };
  const plan = planFromPart(legs, terms);
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.value;
}

function coordinate(world: World, amounts: readonly bigint[]): number {
  for (const [index, amount] of amounts.entries()) {
    const plan = planOf(world, `plan ${index}`, amount);
    world.command(D, `plan ${index}`, { kind: "coordinate", plan });
  }
  world.settle(60);
  const ended = amounts.map((_, index) => world.result(`plan ${index}`));
  return ended.filter(isCommitted).length;
}

function isCommitted(result: CommandResult | undefined): boolean {
  return result?.ok === true && result.value.kind === "plan" && result.value.committed;
}

/** The most that anybody owes anybody else. */
function greatestDebt(world: World): bigint {
  const debts = world.runtimes().flatMap(({ entities }) =>
    [...entities.keys()].flatMap((index) => {
      const { accounts } = entities.get(index) as Entity;
      return [...accounts.keys()].flatMap((peer) => {
        const { rows } = (accounts.get(peer) as Account).state;
        return rows.flatMap((row) => [exposureOf(row, "left"), exposureOf(row, "right")]);
      });
    }),
  );
  return debts.reduce((most, debt) => (debt > most ? debt : most), 0n);
}

describe("several plans over the same accounts", () => {
  it("NET-2 NET-5: together bring nobody above what it lets the other side owe it", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = worldOf(seed);
      expect(coordinate(world, [80n, 80n, 80n])).to.be.at.most(1);
      expect(greatestDebt(world) <= SOFT, `seed ${seed}: ${greatestDebt(world)}`).to.equal(true);
    }
  });

  it("NET-5: what fits together goes at once, and what one lowers another may not use up", () => {
    const world = worldOf(9);
    expect(coordinate(world, [40n, 60n])).to.equal(2);
    expect(greatestDebt(world)).to.equal(SOFT);
    const other = worldOf(10);
    expect(coordinate(other, [-90n, 90n, 20n])).to.be.at.least(1);
    expect(greatestDebt(other) <= SOFT).to.equal(true);
  });
});
