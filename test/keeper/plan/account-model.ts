/** The moves of a model of an account: see `world.ts` for what it keeps. */
import type { Bytes32 } from "../../../keeper/base/bytes.ts";
import type { PlanBook } from "../../../keeper/plan/types.ts";
import type { Person } from "./person.ts";
import {
  contextOf,
  type ModelAccount,
  personAt,
  type Transaction,
  tell,
  type World,
  withAccount,
} from "./world.ts";

/** Whether a person's copy of the account takes the transaction, as its plan machine says. */
function takes(world: World, index: number, person: number, transaction: Transaction): boolean {
  const account = world.accounts[index] as ModelAccount;
  const book = world.books[person] as PlanBook;
  const says = world.judgePlan(book, transaction.plan, contextOf(world, person));
  const left = (world.people[account.left] as Person).id;
  const right = (world.people[account.right] as Person).id;
  switch (transaction.kind) {
    case "hold":
      if (account.held || account.applied || world.full.includes(index)) return false;
      return says.acceptsHold(transaction.moves, transaction.deadline, left, right);
    case "commit":
      return account.held && says.acceptsCertificate(transaction.certificate);
    case "abort":
      return account.held && says.mayAbort;
  }
}

export function propose(world: World, index: number, side: 0 | 1): World {
  const account = world.accounts[index] as ModelAccount;
  const [transaction, ...rest] = account.queues[side] as readonly [Transaction];
  const queues = account.queues.with(side, rest) as unknown as ModelAccount["queues"];
  const person = personAt(account, side);
  const next = withAccount(world, index, { ...account, queues });
  if (!takes(world, index, person, transaction)) return refusedTo(next, index, person, transaction);
  const flight = { by: side, transaction, signedByBoth: false };
  return noteDrop(withAccount(next, index, { ...account, queues, flight }), person, transaction);
}

export function receive(world: World, index: number): World {
  const account = world.accounts[index] as ModelAccount;
  const { by, transaction } = account.flight as NonNullable<ModelAccount["flight"]>;
  const receiver = personAt(account, by === 0 ? 1 : 0);
  if (!takes(world, index, receiver, transaction)) {
    if (personAt(account, by) === world.silent) {
      const flight = { by, transaction, signedByBoth: false, refused: true };
      return withAccount(world, index, { ...account, flight });
    }
    const next = withAccount(world, index, { ...account, flight: null });
    return refusedTo(next, index, personAt(account, by), transaction);
  }
  const flight = { by, transaction, signedByBoth: true };
  const signed = withAccount(world, index, { ...account, flight });
  return happened(noteDrop(signed, receiver, transaction), index, receiver, transaction);
}

export function acknowledge(world: World, index: number): World {
  const account = world.accounts[index] as ModelAccount;
  const { by, transaction, refused } = account.flight as NonNullable<ModelAccount["flight"]>;
  if (refused === true) {
    const told = withAccount(world, index, { ...account, flight: null });
    return refusedTo(told, index, personAt(account, by), transaction);
  }
  const next = withAccount(world, index, {
    ...account,
    flight: null,
    held: transaction.kind === "hold",
    applied: account.applied || transaction.kind === "commit",
  });
  return happened(next, index, personAt(account, by), transaction);
}

/** Both signed the frame and this person has just come to know it. */
function happened(world: World, index: number, person: number, transaction: Transaction): World {
  const { plan } = transaction;
  const peer = peerOf(world, index, person);
  switch (transaction.kind) {
    case "hold":
      return tell(world, person, { kind: "held", plan, peer });
    case "commit": {
      const { certificate } = transaction;
      const known = tell(world, person, { kind: "certificate", plan, certificate });
      return tell(known, person, { kind: "applied", plan, peer });
    }
    case "abort":
      return tell(world, person, { kind: "released", plan, peer });
  }
}

function refusedTo(world: World, index: number, person: number, transaction: Transaction): World {
  if (transaction.kind !== "hold") return world;
  const peer = peerOf(world, index, person);
  const { plan } = transaction;
  return tell(world, person, { kind: "holdRefused", plan, peer, code: "capacity" });
}

function noteDrop(world: World, person: number, transaction: Transaction): World {
  if (transaction.kind !== "abort") return world;
  return { ...world, dropped: world.dropped.with(person, true) };
}

function peerOf(world: World, index: number, person: number): Bytes32 {
  const { left, right } = world.accounts[index] as ModelAccount;
  return (world.people[left === person ? right : left] as Person).id;
}
