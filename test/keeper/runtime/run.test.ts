import { expect } from "chai";
import { describe, it } from "mocha";
import type { Account } from "../../../keeper/account/types.ts";
import { compareBytes, toHex } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Entity } from "../../../keeper/entity/types.ts";
import { planFromPart } from "../../../keeper/plan/build.ts";
import { jurisdiction } from "./chain.ts";
import { createWorld, type Faults, NO_FAULTS, type Person, personOf, type World } from "./world.ts";

const names = ["alice", "bob", "carol", "dave"];
const [alice, bob, carol, dave] = names.map(personOf) as [Person, Person, Person, Person];
const TOKEN = 1;

/** Both sides' replicas of the account of two people. */
function sides(world: World, a: Person, b: Person): readonly [Account, Account] {
  const find = (self: Person, peer: Person): Account => {
    for (const runtime of world.runtimes()) {
      const entity = runtime.entities.get(runtime.interner.find(self.id)) as Entity | undefined;
      const account = entity?.accounts.get(runtime.interner.find(peer.id));
      if (account) return account;
    }
    throw new Error("no such account");
  };
  return [find(a, b), find(b, a)];
}

/** What `of` has with `peer`: positive when the peer owes it. */
function claim(world: World, of: Person, peer: Person): bigint {
  const [own] = sides(world, of, peer);
  const row = own.state.rows.find(({ token }) => token === TOKEN);
  if (!row) return 0n;
  const delta = row.ondelta + row.offdelta;
  return own.me === "left" ? delta : row.collateral - delta;
}

function ring(world: World, people: readonly Person[], faultless: () => void): void {
  for (const [index, person] of people.entries()) {
    const peer = people[(index + 1) % people.length] as Person;
    world.command(person, `open-${index}`, { kind: "openAccount", peer: peer.id });
  }
  faultless();
  for (const [index, person] of people.entries()) {
    for (const peer of people) {
      if (peer === person) continue;
      world.command(person, `credit-${index}-${toHex(peer.id).slice(-6)}`, {
        kind: "transact",
        peer: peer.id,
        transactions: [{ kind: "setCredit", token: TOKEN, limit: 1_000n, softLimit: 100n }],
      });
    }
  }
  faultless();
}

function expectAgreement(world: World, pairs: readonly (readonly [Person, Person])[]): void {
  for (const [a, b] of pairs) {
    const [left, right] = sides(world, a, b);
    expect(toHex(left.state.head)).to.equal(toHex(right.state.head));
    expect(left.mempool.length + right.mempool.length).to.equal(0);
    expect(left.inFlight ?? right.inFlight).to.equal(null);
    expect(left.frozen ?? right.frozen).to.equal(null);
  }
}

const hard: Faults = { drop: 20, disconnect: 40, repeat: 100, reorder: 100 };

describe("runtimes that talk over a link", () => {
  for (const [title, faults, seeds] of [
    ["a good link", NO_FAULTS, [1]],
    ["a faulty link", hard, [2, 3, 4, 5, 6, 7]],
  ] as const) {
    for (const seed of seeds) {
      it(`RUN-1 ARC-6: payments over ${title}, seed ${seed}`, () => payments(seed, faults));
      it(`NET-5: a ring is netted over ${title}, seed ${seed}`, () => netRing(seed, faults));
      it(`ACC-9: a settlement lands over ${title}, seed ${seed}`, () => settlement(seed, faults));
    }
  }
});

describe("an entity's commands", () => {
  it("ACC-9: a settlement that the other side does not agree to ends at its deadline", () => {
    const world = createWorld([[alice], [bob]], 8, NO_FAULTS);
    ring(world, [alice, bob], () => rest(world));
    world.command(alice, "pay", {
      kind: "transact",
      peer: bob.id,
      transactions: [{ kind: "pay", token: TOKEN, amount: 250n }],
    });
    rest(world);
    // Alice owes and has no reserve to pay from: she does not sign.
    const deadline = world.now() + 50;
    world.command(bob, "settle", { kind: "settle", peer: alice.id, tokens: [TOKEN], deadline });
    rest(world);
    expect(world.result("settle")).to.equal(undefined);
    world.settle(200);
    const result = world.result("settle");
    expect(result?.ok === false && result.refusal.code).to.equal("settlementNotAgreed");
    expect(world.chain.settled()).to.equal(0);
  });
});

/** Lets the faulty world run, heals it, and lets it come to rest. */
function rest(world: World): void {
  world.settle(20);
  world.heal();
  world.settle(20);
  world.hurt();
}

function payments(seed: number, faults: Faults): void {
  const groups = [
    [alice, bob],
    [carol, dave],
  ];
  const world = createWorld(groups, seed, faults);
  const people = [alice, bob, carol, dave];
  ring(world, people, () => rest(world));
  for (let count = 0; count < 10; count++) {
    for (const [index, person] of people.entries()) {
      const peer = people[(index + 1) % 4] as Person;
      const transactions = [{ kind: "pay", token: TOKEN, amount: BigInt(count + 1) }] as const;
      world.command(person, `pay-${index}-${count}`, {
        kind: "transact",
        peer: peer.id,
        transactions,
      });
    }
    for (let turn = 0; turn < 3; turn++) world.turn();
    if (count === 5) world.restart(seed % 2);
  }
  rest(world);
  const pairs = people.map((person, index) => [person, people[(index + 1) % 4] as Person] as const);
  expectAgreement(world, pairs);
  for (const [index, [person, peer]] of pairs.entries()) {
    // A command that was on its way to a keeper that was killed is not known to it.
    const paid = Array.from({ length: 10 }, (_, count) =>
      world.result(`pay-${index}-${count}`)?.ok === true ? BigInt(count + 1) : 0n,
    ).reduce((sum, amount) => sum + amount, 0n);
    expect(claim(world, peer, person) >= paid).to.equal(true);
    expect(claim(world, person, peer)).to.equal(-claim(world, peer, person));
  }
  expect(world.conflicts()).to.deep.equal([]);
}

function netRing(seed: number, faults: Faults): void {
  const people = [alice, bob, carol];
  const world = createWorld([[alice], [bob], [carol, dave]], seed, faults);
  ring(world, people, () => rest(world));
  for (const [index, person] of people.entries()) {
    const peer = people[(index + 1) % 3] as Person;
    world.command(person, `pay-${index}`, {
      kind: "transact",
      peer: peer.id,
      transactions: [{ kind: "pay", token: TOKEN, amount: 300n + BigInt(index) }],
    });
  }
  rest(world);
  const legs = people.map((person, index) => {
    const peer = people[(index + 1) % 3] as Person;
    const isLeft = compareBytes(person.id, peer.id) < 0;
    const [left, right] = isLeft ? [person.id, peer.id] : [peer.id, person.id];
    // The payer now owes: what it owes shrinks by 300.
    return { left, right, token: TOKEN, amount: isLeft ? 300n : -300n };
  });
  const commitBy = world.now() + 1_000;
  const salt = keccakText(`salt ${seed}`);
  const plan = planFromPart(legs, { domain: jurisdiction.domain, salt, commitBy });
  if (!plan.ok) throw new Error(plan.refusal.message);
  world.command(dave, "net", { kind: "coordinate", plan: plan.value });
  rest(world);
  const result = world.result("net");
  expect(result).to.deep.equal({
    ok: true,
    value: { kind: "plan", committed: true, refusals: [] },
  });
  const pairs = people.map((person, index) => [person, people[(index + 1) % 3] as Person] as const);
  for (const [index, [person, peer]] of pairs.entries()) {
    expect(claim(world, peer, person)).to.equal(BigInt(index));
  }
  expectAgreement(world, pairs);
  expect(world.conflicts()).to.deep.equal([]);
}

function settlement(seed: number, faults: Faults): void {
  const world = createWorld([[alice], [bob]], seed, faults);
  ring(world, [alice, bob], () => rest(world));
  for (const person of [alice, bob]) world.chain.deposit(person.id, TOKEN, 10_000n);
  const batch = (person: Person, peer: Person, amount: bigint) =>
    world.command(person, `collateral-${amount}`, {
      kind: "batch",
      deadline: world.now() + 10_000,
      operations: {
        reserveToReserve: [],
        settlements: [],
        reserveToCollateral: [{ payee: person.id, counterparty: peer.id, token: TOKEN, amount }],
        withdrawals: [],
      },
    });
  world.settle(5);
  batch(alice, bob, 50n);
  batch(bob, alice, 20n);
  rest(world);
  expect(claim(world, alice, bob)).to.equal(50n);
  world.command(alice, "pay", {
    kind: "transact",
    peer: bob.id,
    transactions: [{ kind: "pay", token: TOKEN, amount: 250n }],
  });
  rest(world);
  expect(claim(world, alice, bob)).to.equal(-200n);
  const settle = { kind: "settle", peer: alice.id, tokens: [TOKEN] } as const;
  world.command(bob, "settle", { ...settle, deadline: world.now() + 1_000 });
  world.settle(3);
  world.restart(seed % 2);
  rest(world);
  expect(world.result("settle")?.ok).to.equal(true);
  expect(claim(world, alice, bob)).to.equal(0n);
  expect(claim(world, bob, alice)).to.equal(70n);
  expect(world.chain.reserveOf(alice.id, TOKEN)).to.equal(9_950n - 200n);
  expect(world.chain.settled()).to.equal(1);
  expectAgreement(world, [[alice, bob]]);
  expect(world.conflicts()).to.deep.equal([]);
}
