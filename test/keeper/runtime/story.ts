/** A world in which everything happens that a runtime can hold: for tests of checkpoints. */
import { compareBytes, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Command } from "../../../keeper/entity/types.ts";
import { planFromPart } from "../../../keeper/plan/build.ts";
import { jurisdiction } from "./chain.ts";
import { createWorld, type Faults, type Person, personOf, type World } from "./world.ts";

export const TOKEN = 1;

const people = ["alice", "bob", "carol", "dave", "erin"].map(personOf);
const [alice, bob, carol, dave, erin] = people as [Person, Person, Person, Person, Person];
/** Two keepers run two entities each, so that some accounts stay inside of a keeper. */
export const groups = [[alice, dave], [bob], [carol, erin]];

export const hard: Faults = { drop: 20, disconnect: 30, repeat: 100, reorder: 100 };

/**
 * Payments, credit, batches, settlements, rows and plans over a faulty link, with restarts at
 * random moments; the same for the same seed, however the restarts recover.
 */
export function tellStory(seed: number, checkpointTicks?: number): World {
  const world = createWorld(groups, seed, hard, checkpointTicks);
  const random = createRandom(`story ${seed}`);
  const any = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  for (const [index, person] of people.entries()) {
    world.chain.deposit(person.id, TOKEN, 10_000n);
    for (const peer of people.slice(index + 1)) {
      world.command(person, `open ${index} ${toHex(peer.id)}`, {
        kind: "openAccount",
        peer: peer.id,
      });
    }
  }
  world.settle(3);
  for (const person of people) {
    for (const peer of people) {
      if (peer === person) continue;
      const credit = { kind: "setCredit", token: TOKEN, limit: 1_000n, softLimit: 100n } as const;
      const command = { kind: "transact", peer: peer.id, transactions: [credit] } as const;
      world.command(person, `credit ${toHex(person.id)} ${toHex(peer.id)}`, command);
    }
  }
  world.settle(3);
  for (let count = 0; count < 60; count++) {
    const person = any(people);
    const peer = any(people.filter((other) => other !== person));
    world.command(person, `work ${count}`, workOf(world, random.below(9), count, person, peer));
    const turns = random.below(4);
    for (let turn = 0; turn < turns; turn++) world.turn();
    if (random.below(4) === 0) world.mine();
    if (random.below(10) === 0) world.restart(random.below(groups.length));
  }
  return world;
}

function workOf(world: World, kind: number, count: number, person: Person, peer: Person): Command {
  const deadline = world.now() + 5_000;
  switch (kind) {
    case 0:
      return { kind: "settle", peer: peer.id, tokens: [TOKEN], deadline };
    case 1: {
      const amount = BigInt(10 + count);
      const funding = { payee: person.id, counterparty: peer.id, token: TOKEN, amount };
      const none = { reserveToReserve: [], settlements: [], withdrawals: [] };
      return { kind: "batch", deadline, operations: { ...none, reserveToCollateral: [funding] } };
    }
    case 2:
      return { kind: "collectRows", from: people.map(({ id }) => id) };
    case 8:
      // Somebody whom nobody reaches: a new id in the middle of it all.
      return { kind: "openAccount", peer: personOf(`stranger ${count}`).id };
    case 3:
      return { kind: "coordinate", plan: ringPlan(count, world.now() + 1_000) };
    default: {
      const pay = { kind: "pay", token: TOKEN, amount: BigInt(1 + count) } as const;
      return { kind: "transact", peer: peer.id, transactions: [pay, pay] };
    }
  }
}

/** Moves one unit around three entities. */
function ringPlan(count: number, commitBy: number) {
  const ring = [alice, bob, carol];
  const legs = ring.map(({ id }, index) => {
    const next = (ring[(index + 1) % 3] as Person).id;
    const isLeft = compareBytes(id, next) < 0;
    const [left, right] = isLeft ? [id, next] : [next, id];
    return { left, right, token: TOKEN, amount: isLeft ? 1n : -1n };
  });
  const salt = keccakText(`plan ${count}`);
  const plan = planFromPart(legs, { domain: jurisdiction.domain, salt, commitBy });
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.value;
}
