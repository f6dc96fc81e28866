/**
 * Plans between runtimes on a simulated clock, network and chain: whoever is silent, late or slow,
 * and whatever the chain takes back before it is final, each plan ends alike for all (NET-5).
 */
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Account } from "../../../keeper/account/types.ts";
import { compareBytes, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Command, Entity } from "../../../keeper/entity/types.ts";
import { type PartLeg, type PartPayment, planFromPart } from "../../../keeper/plan/build.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import type { Phase, Plan } from "../../../keeper/plan/types.ts";
import { jurisdiction } from "./chain.ts";
import { createWorld, type Faults, NO_FAULTS, type Person, personOf, type World } from "./world.ts";

const TOKEN = 1;
const OWED = 300n;
const { domain, inclusionMargin, responseTime } = jurisdiction;
/** Seconds from the proposal to `commitBy`, and from `applyBy` to it. */
const AHEAD = 1_000;
const LATE = inclusionMargin + responseTime;

const people = ["alice", "bob", "carol", "dave"]
  .map(personOf)
  .sort((a, b) => compareBytes(a.id, b.id));
const [A, B, C, D] = people as [Person, Person, Person, Person];
/** Each on a node of its own; the last coordinates and signs nothing. */
const groups = people.map((person) => [person]);
type Pair = readonly [Person, Person];

function entityOf(world: World, { id }: Person): Entity {
  const home = groups.findIndex(([person]) => person?.id === id);
  const runtime = world.runtimes()[home];
  return runtime?.entities.get(runtime.interner.find(id)) as Entity;
}

function accountOf(world: World, self: Person, peer: Person): Account {
  const home = groups.findIndex(([person]) => person === self);
  const index = world.runtimes()[home]?.interner.find(peer.id) ?? -1;
  return entityOf(world, self).accounts.get(index) as Account;
}

/** What `of` has with `peer`: positive when the peer owes it. */
function claim(world: World, of: Person, peer: Person): bigint {
  const { state, me } = accountOf(world, of, peer);
  const delta = state.rows.reduce((sum, row) => sum + row.ondelta + row.offdelta, 0n);
  return me === "left" ? delta : -delta;
}

function phaseOf(world: World, person: Person, plan: Plan): Phase | "ended" | "nothing" {
  const { participations, finished } = entityOf(world, person).plans;
  const key = toHex(planHash(plan));
  return participations.get(key)?.phase ?? (finished.has(key) ? "ended" : "nothing");
}

/** Accounts with credit both ways, in which the first of each pair owes the second. */
function worldOf(
  pairs: readonly Pair[],
  seed: number,
  faults = NO_FAULTS,
  softLimit = OWED / 3n,
): World {
  const world = createWorld(groups, seed, NO_FAULTS);
  const names = new Map(people.map((person, index) => [person, index]));
  for (const [one, other] of pairs) {
    const pair = `${names.get(one)} ${names.get(other)}`;
    world.command(one, `open ${pair}`, { kind: "openAccount", peer: other.id });
    world.settle(3);
    const credit = { kind: "setCredit", token: TOKEN, limit: 1_000n, softLimit } as const;
    world.command(one, `credit ${pair}`, transact(other, credit));
    world.command(other, `trust ${pair}`, transact(one, credit));
    world.settle(3);
    world.command(one, `pay ${pair}`, transact(other, { kind: "pay", token: TOKEN, amount: OWED }));
    world.settle(3);
    expect(claim(world, other, one)).to.equal(OWED);
  }
  if (faults !== NO_FAULTS) world.hurt(faults);
  return world;
}

function transact({ id: peer }: Person, transaction: Transaction): Command {
  return { kind: "transact", peer, transactions: [transaction] };
}

/** What each owes the next is cancelled; what that leaves at the ends is paid on chain. */
function planOf(world: World, pairs: readonly Pair[], salt: string, pays: readonly Pair[]): Plan {
  const legs = pairs.map(([one, other]): PartLeg => {
    const isLeft = compareBytes(one.id, other.id) < 0;
    const [left, right] = isLeft ? [one.id, other.id] : [other.id, one.id];
    return { left, right, token: TOKEN, amount: isLeft ? OWED : -OWED };
  });
  const payments = pays.map(([one, other]): PartPayment => {
    return { from: one.id, to: other.id, token: TOKEN, amount: OWED, epoch: 0 };
  });
  const terms = { domain, salt: keccakText(salt), commitBy: world.now() + AHEAD };
  const plan = planFromPart(legs, terms, payments);
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.value;
}

const circle: readonly Pair[] = [
  [A, B],
  [B, C],
  [C, A],
];
const line: readonly Pair[] = [
  [A, B],
  [B, C],
];

/** Turns and blocks until this holds. */
function until(world: World, isSo: () => boolean, blocks = 2_000): void {
  for (let block = 0; block < blocks; block++) {
    if (isSo()) return;
    if (!world.turn()) world.mine();
  }
  throw new Error("it never came to be");
}

/** Blocks come until shortly before this moment with one leap between them. */
function passTo(world: World, time: number): void {
  world.settle(2);
  world.leap(Math.max(0, time - world.now() - 10));
  until(world, () => world.now() >= time);
  world.settle(5);
}

/** All are awake, all links are up, and the plan's times are over. */
function restAfter(world: World, plan: Plan): void {
  world.heal();
  for (const time of [plan.commitBy - LATE + 5, plan.commitBy - 5, plan.commitBy + 5]) {
    if (world.now() < time) passTo(world, time);
  }
  for (let node = 0; node < groups.length; node++) world.restart(node);
  world.heal();
  world.settle(20);
  passTo(world, world.now() + responseTime + 5);
}

/** Every hold is gone, both sides of each account agree, and all legs are applied or none is. */
function expectEnd(world: World, plan: Plan, pairs: readonly Pair[]): boolean {
  const claims = pairs.map(([one, other]) => claim(world, other, one));
  const committed = claims[0] === 0n;
  for (const [index, [one, other]] of pairs.entries()) {
    const [a, b] = [accountOf(world, one, other), accountOf(world, other, one)];
    expect(toHex(a.state.head), "both sides' heads").to.equal(toHex(b.state.head));
    expect(a.state.conditions.slots, "holds").to.deep.equal([]);
    expect(claims[index], "all legs or none").to.equal(committed ? 0n : OWED);
    expect([a.frozen, b.frozen]).to.deep.equal([null, null]);
  }
  for (const person of [A, B, C]) {
    expect(phaseOf(world, person, plan)).to.be.oneOf(committed ? ["ended"] : ["ended", "nothing"]);
    expect(entityOf(world, person).plans.participations.size).to.equal(0);
  }
  expect(entityOf(world, D).plans.coordinations.size).to.equal(0);
  expect(world.alarms()).to.deep.equal([]);
  expect(world.conflicts()).to.deep.equal([]);
  const result = world.result("net");
  // A command that was on its way to a keeper that was killed is not known to it.
  const known = result?.ok && result.value.kind === "plan" ? result.value.committed : false;
  expect(known, "what the coordinator tells").to.equal(committed);
  return committed;
}

function begin(world: World, plan: Plan): void {
  world.command(D, "net", { kind: "coordinate", plan });
}

describe("plans that end by the clock and the chain", () => {
  it("NET-5: a signer silent after prepared: the others commit on chain, it follows", () => {
    const world = worldOf(circle, 1);
    const plan = planOf(world, circle, "silent", []);
    begin(world, plan);
    until(world, () => phaseOf(world, C, plan) === "prepared");
    world.turn();
    world.silence(2);
    world.settle(20);
    expect([claim(world, B, A), claim(world, A, C)]).to.deep.equal([0n, OWED]);
    passTo(world, plan.commitBy - LATE);
    until(world, () => world.chain.hasCommitted(planHash(plan)));
    expect(world.now()).to.be.at.most(plan.commitBy - LATE + 5);
    restAfter(world, plan);
    expect(expectEnd(world, plan, circle)).to.equal(true);
  });

  it("NET-5: a signer silent before prepared: the others wait for the chain, and let go", () => {
    const world = worldOf(circle, 2);
    const plan = planOf(world, circle, "unsigned", []);
    begin(world, plan);
    const stageOf = () => [...entityOf(world, D).plans.coordinations.values()][0]?.stage;
    until(world, () => stageOf() === "preparing");
    world.silence(2);
    passTo(world, plan.commitBy - 10);
    expect(phaseOf(world, B, plan), "it signed, and may not let go yet").to.equal("prepared");
    restAfter(world, plan);
    expect(expectEnd(world, plan, circle)).to.equal(false);
  });

  it("NET-5: a silent coordinator: who has not signed lets go when it is too late", () => {
    const world = worldOf(circle, 3);
    const plan = planOf(world, circle, "coordinator", []);
    begin(world, plan);
    until(world, () => phaseOf(world, A, plan) === "holding");
    world.silence(3);
    world.settle(5);
    expect(accountOf(world, A, B).state.conditions.slots).to.not.deep.equal([]);
    passTo(world, plan.commitBy - LATE + 5);
    for (const [one, other] of circle) {
      expect(accountOf(world, one, other).state.conditions.slots).to.deep.equal([]);
    }
    restAfter(world, plan);
    expect(expectEnd(world, plan, circle)).to.equal(false);
  });

  it("NET-5: a commit that a reorg takes off the chain lands again", () => {
    const world = worldOf(circle, 4);
    const plan = planOf(world, circle, "reorg", []);
    begin(world, plan);
    until(world, () => phaseOf(world, C, plan) === "prepared");
    world.turn();
    world.silence(2);
    until(world, () => world.chain.hasCommitted(planHash(plan)));
    world.chain.jam(true);
    world.reorg(1);
    expect(world.chain.hasCommitted(planHash(plan)), "it never was").to.equal(false);
    world.settle(3);
    expect(phaseOf(world, A, plan), "nobody has acted on it").to.equal("certified");
    world.chain.jam(false);
    restAfter(world, plan);
    expect(expectEnd(world, plan, circle)).to.equal(true);
    expect(world.chain.hasCommitted(planHash(plan))).to.equal(true);
  });

  it("NET-5: a commit in the very last second counts, one a second later does not", () => {
    for (const isLast of [true, false]) {
      const world = worldOf(circle, 5);
      const plan = planOf(world, circle, `last ${isLast}`, []);
      begin(world, plan);
      until(world, () => phaseOf(world, C, plan) === "prepared");
      // They sleep before they have heard each other, and wake when only the chain can decide.
      for (const node of [0, 1, 2]) world.silence(node);
      passTo(world, plan.commitBy - 20);
      world.chain.jam(true);
      for (const node of [0, 1, 2]) world.restart(node);
      until(world, () => world.now() === plan.commitBy - (isLast ? 1 : 0));
      expect(phaseOf(world, A, plan)).to.equal("prepared");
      world.chain.jam(false);
      world.mine();
      expect(world.chain.hasCommitted(planHash(plan))).to.equal(isLast);
      restAfter(world, plan);
      expect(expectEnd(world, plan, circle)).to.equal(isLast);
    }
  });
});

describe("plans that settle on chain", () => {
  it("NET-6: A pays C, B is out of it, and no leg is applied before the commit is final", () => {
    const world = worldOf(line, 6);
    world.chain.deposit(A.id, TOKEN, 1_000n);
    world.settle(5);
    const plan = planOf(world, line, "settled", [[A, C]]);
    world.chain.jam(true);
    begin(world, plan);
    world.settle(20);
    expect([phaseOf(world, A, plan), phaseOf(world, B, plan)]).to.deep.equal([
      "prepared",
      "prepared",
    ]);
    expect(claim(world, B, A), "held, not applied").to.equal(OWED);
    world.chain.jam(false);
    world.settle(6);
    expect(line.map(([one, other]) => claim(world, other, one))).to.deep.equal([0n, 0n]);
    expect(world.chain.reserveOf(A.id, TOKEN)).to.equal(1_000n - OWED);
    expect(world.chain.reserveOf(C.id, TOKEN)).to.equal(OWED);
    expect(entityOf(world, C).reserves.get(TOKEN)).to.equal(OWED);
    expect(expectEnd(world, plan, line)).to.equal(true);
  });

  it("NET-6: who cannot pay refuses, counting what it has promised already", () => {
    // So much that only the reserve stands between A and a second plan.
    const world = worldOf(line, 7, NO_FAULTS, OWED);
    world.chain.deposit(A.id, TOKEN, OWED);
    world.settle(5);
    const first = planOf(world, line, "first", [[A, C]]);
    world.chain.jam(true);
    world.command(D, "first", { kind: "coordinate", plan: first });
    world.settle(20);
    const second = planOf(world, line, "second", [[A, C]]);
    begin(world, second);
    const operations = {
      reserveToReserve: [{ to: D.id, token: TOKEN, amount: 1n }],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
    };
    world.command(A, "spend", { kind: "batch", deadline: world.now() + 900, operations });
    world.settle(20);
    const refused = world.result("net");
    expect(refused?.ok && refused.value.kind === "plan" && refused.value.refusals).to.deep.equal([
      { by: A.id, code: "reserveTooLow" },
    ]);
    const spend = world.result("spend");
    expect(spend?.ok === false && spend.refusal.code).to.equal("reserveTooLow");
    world.chain.jam(false);
    world.settle(10);
    expect(world.result("first")?.ok).to.equal(true);
    expect(world.chain.reserveOf(A.id, TOKEN)).to.equal(0n);
  });

  it("NET-6: where the first signer is away, another shows the certificate", () => {
    const world = worldOf(line, 8);
    world.chain.deposit(A.id, TOKEN, OWED);
    world.settle(5);
    const plan = planOf(world, line, "second signer", [[A, C]]);
    world.chain.jam(true);
    begin(world, plan);
    until(world, () => phaseOf(world, C, plan) === "prepared");
    world.settle(3);
    world.silence(0);
    // What the first one sent before it fell silent is lost with it.
    world.chain.forget();
    world.chain.jam(false);
    passTo(world, plan.commitBy - LATE - 5);
    expect(world.chain.hasCommitted(planHash(plan))).to.equal(false);
    passTo(world, plan.commitBy - LATE + 5);
    expect(world.chain.hasCommitted(planHash(plan))).to.equal(true);
    restAfter(world, plan);
    expect(expectEnd(world, plan, line)).to.equal(true);
  });
});

/** One thing that goes wrong, at a moment of its own. */
function trouble(world: World, random: Random, silent: { node: number }): void {
  const node = random.below(groups.length);
  switch (random.below(6)) {
    case 0:
      // One sleeps at a time: two that sleep through the window may lose to each other.
      if (silent.node < 0) {
        silent.node = node;
        world.silence(node);
      }
      return;
    case 1:
      if (silent.node >= 0) world.restart(silent.node);
      silent.node = -1;
      return;
    case 2:
      if (node !== silent.node) world.restart(node);
      return;
    case 3:
      return world.reorg(1 + random.below(jurisdiction.finalityDepth));
    case 4:
      return world.chain.jam(true);
    default:
      return world.chain.jam(false);
  }
}

function simulate(seed: number, pairs: readonly Pair[], pays: readonly Pair[]): boolean {
  const random = createRandom(seed);
  const faults: Faults = { drop: 20, disconnect: 40, repeat: 50, reorder: 50 };
  const world = worldOf(pairs, seed, faults);
  for (const [one] of pays) world.chain.deposit(one.id, TOKEN, OWED);
  world.settle(5);
  const plan = planOf(world, pairs, `seed ${seed}`, pays);
  begin(world, plan);
  const silent = { node: -1 };
  const applyBy = plan.commitBy - LATE;
  while (world.now() < applyBy - 10) {
    if (random.chance(1, 12)) trouble(world, random, silent);
    for (let turn = random.below(4); turn > 0; turn--) world.turn();
    if (random.chance(1, 3)) world.mine();
    // Time goes by in leaps, too: most plans are through before the first.
    if (random.chance(1, 40)) passTo(world, world.now() + random.below(200));
  }
  // From here on the chain includes what it gets (NET-5); links may be as they are.
  world.chain.jam(false);
  if (random.chance(1, 2)) world.heal();
  restAfter(world, plan);
  return expectEnd(world, plan, pairs);
}

describe("plans by seed", () => {
  const SEEDS = 24;
  it("TST-4, NET-5: silence, restarts, reorgs, jams, lost words: it ends alike", function () {
    this.timeout(120_000);
    const ends = Array.from({ length: SEEDS }, (_, seed) => simulate(seed, circle, []));
    expect(new Set(ends), "both ends are reached").to.deep.equal(new Set([true, false]));
  });

  it("TST-4, NET-6: the same for a plan that settles on chain", function () {
    this.timeout(120_000);
    const ends = Array.from({ length: SEEDS }, (_, seed) => simulate(100 + seed, line, [[A, C]]));
    expect(new Set(ends), "both ends are reached").to.deep.equal(new Set([true, false]));
  });
});
