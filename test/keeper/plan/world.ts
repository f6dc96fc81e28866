/**
 * Entities, their plan machines, the messages between them and a model of their accounts, as one
 * immutable value with all events that may happen next. Golden transcripts, the loss of each
 * message and the exhaustive search all walk the same worlds.
 *
 * The model of an account keeps what plans rely on: each side's transactions are proposed in their
 * order, one frame is in flight at a time, each side asks its own plan machine before it signs, the
 * receiver knows that both signed before the proposer does, and nothing is ever lost (ACC-6).
 * Messages between entities keep their order on a connection and are lost with it.
 */

import type { Claim } from "../../../keeper/account/message.ts";
import type { PlanMove } from "../../../keeper/account/types.ts";
import { type Bytes, type Bytes32, compareBytes, EMPTY_BYTES } from "../../../keeper/base/bytes.ts";
import { addressEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { signedDigest } from "../../../keeper/codec/root.ts";
import { addressOf, publicKeyOf, signDigest } from "../../../keeper/codec/signature.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import type { PlanEffect } from "../../../keeper/plan/effect.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { PlanBook } from "../../../keeper/plan/types.ts";
import { verdict } from "../../../keeper/plan/verdict.ts";

export const DOMAIN = keccakText("a Depository");
export const NOW = 1_000_000;

export type Person = {
  readonly name: string;
  readonly id: Bytes32;
  readonly sign: (digest: Bytes32) => Bytes;
};

/** People named A, B, C … in ascending order of their ids; the same keys in every run. */
export function people(count: number): readonly Person[] {
  const keys = Array.from({ length: count }, (_, index) => keccakText(`plan test key ${index}`));
  const drafts = keys.map((key) => ({ key, id: addressEntity(addressOf(publicKeyOf(key))) }));
  drafts.sort((a, b) => compareBytes(a.id, b.id));
  return drafts.map(({ key, id }, index) => ({
    name: String.fromCharCode(65 + index),
    id,
    sign: (digest) => signDigest(key, signedDigest(id, digest, EMPTY_BYTES)),
  }));
}

type Transaction =
  | {
      readonly kind: "hold";
      readonly plan: Bytes32;
      readonly deadline: number;
      readonly moves: readonly PlanMove[];
    }
  | { readonly kind: "commit"; readonly plan: Bytes32; readonly certificate: Bytes }
  | { readonly kind: "abort"; readonly plan: Bytes32 };

export type ModelAccount = {
  readonly left: number;
  readonly right: number;
  /** Waiting to be proposed, by left and by right. */
  readonly queues: readonly [readonly Transaction[], readonly Transaction[]];
  readonly flight: {
    readonly by: 0 | 1;
    readonly transaction: Transaction;
    readonly signedByBoth: boolean;
  } | null;
  readonly held: boolean;
  readonly applied: boolean;
};

type Envelope = { readonly message: PlanMessage; readonly claim: Claim | null };

export type World = {
  readonly people: readonly Person[];
  readonly books: readonly PlanBook[];
  /** By sender × people + receiver, oldest first. */
  readonly channels: readonly (readonly Envelope[])[];
  readonly accounts: readonly ModelAccount[];
  /** Whether each ever signed "prepared", and whether each ever let a hold go. */
  readonly signed: readonly boolean[];
  readonly dropped: readonly boolean[];
  readonly outcomes: readonly (PlanEffect & { kind: "outcome" })[];
  /** What a person's own judgement says of its legs, by person. */
  readonly judgements: readonly (string | null)[];
  /** A coordinator that keeps to no rule, and hears nothing; -1 for none. */
  readonly liar: number;
  readonly lies: readonly Lie[];
  /** The machine: its own, or one that remembers what it did in the same state before. */
  readonly stepPlan: typeof step;
  readonly judgePlan: typeof verdict;
  /** Accounts, by index, that refuse a hold by their content, though it was accepted. */
  readonly full: readonly number[];
};

export type Event =
  | { readonly kind: "deliver"; readonly from: number; readonly to: number }
  | { readonly kind: "propose"; readonly account: number; readonly side: 0 | 1 }
  | { readonly kind: "receive"; readonly account: number }
  | { readonly kind: "acknowledge"; readonly account: number }
  | { readonly kind: "reconnect"; readonly a: number; readonly b: number }
  | { readonly kind: "lie"; readonly lie: number };

/** Something that the coordinator may say to a signer at any time, whatever it has heard. */
export type Lie = { readonly to: number; readonly message: PlanMessage };

/** A world without plans, with an account for each pair given, left before right. */
export function createWorld(
  persons: readonly Person[],
  pairs: readonly (readonly [number, number])[],
): World {
  return {
    people: persons,
    books: persons.map(() => EMPTY_BOOK),
    channels: persons.flatMap(() => persons.map(() => [])),
    accounts: pairs.map(([left, right]) => ({
      left,
      right,
      queues: [[], []],
      flight: null,
      held: false,
      applied: false,
    })),
    signed: persons.map(() => false),
    dropped: persons.map(() => false),
    outcomes: [],
    judgements: persons.map(() => null),
    full: [],
    liar: -1,
    lies: [],
    stepPlan: step,
    judgePlan: verdict,
  };
}

export function contextOf(world: World, person: number): PlanContext {
  return {
    self: (world.people[person] as Person).id,
    domain: DOMAIN,
    now: NOW,
    boardHash: () => null,
    judge: () => world.judgements[person] ?? null,
  };
}

/** Everything that can happen next without a fault, in a fixed order. */
export function eventsOf(world: World): readonly Event[] {
  const events: Event[] = [];
  const count = world.people.length;
  world.channels.forEach((queue, index) => {
    if (queue.length === 0) return;
    events.push({ kind: "deliver", from: Math.floor(index / count), to: index % count });
  });
  world.accounts.forEach(({ queues, flight }, account) => {
    if (flight !== null) {
      events.push({ kind: flight.signedByBoth ? "acknowledge" : "receive", account });
      return;
    }
    if (queues[0].length > 0) events.push({ kind: "propose", account, side: 0 });
    if (queues[1].length > 0) events.push({ kind: "propose", account, side: 1 });
  });
  return events;
}

/** What is on its way, oldest first on each way: for example `A→B begin`. */
export function describeChannels(world: World): readonly string[] {
  const count = world.people.length;
  return world.channels.flatMap((queue, index) => {
    const from = world.people[Math.floor(index / count)]?.name;
    const to = world.people[index % count]?.name;
    return queue.map(({ message }) => `${from}→${to} ${message.kind}`);
  });
}

export function apply(world: World, event: Event): World {
  switch (event.kind) {
    case "deliver": {
      const { from, to } = event;
      const channel = from * world.people.length + to;
      const [envelope, ...rest] = world.channels[channel] as readonly Envelope[];
      const next = { ...world, channels: world.channels.with(channel, rest) };
      const { message, claim } = envelope as Envelope;
      return tell(next, to, {
        kind: "message",
        from: (world.people[from] as Person).id,
        message,
        claim,
      });
    }
    case "propose":
      return propose(world, event.account, event.side);
    case "receive":
      return receive(world, event.account);
    case "acknowledge":
      return acknowledge(world, event.account);
    case "reconnect":
      return reconnect(world, event.a, event.b);
    case "lie": {
      const { to, message } = world.lies[event.lie] as Lie;
      const left = { ...world, lies: world.lies.toSpliced(event.lie, 1) };
      const from = (world.people[world.liar] as Person).id;
      return tell(left, to, { kind: "message", from, message, claim: null });
    }
  }
}

/** Gives a person's plan machine one input and carries out what it asks for. */
export function tell(world: World, person: number, input: PlanInput): World {
  const before = world.books[person] as PlanBook;
  const { book, effects } = world.stepPlan(before, input, contextOf(world, person));
  let next: World = { ...world, books: world.books.with(person, book) };
  for (const effect of effects) next = carryOut(next, person, effect);
  return next;
}

function carryOut(world: World, person: number, effect: PlanEffect): World {
  switch (effect.kind) {
    case "send": {
      const to = world.people.findIndex(({ id }) => compareBytes(id, effect.to) === 0);
      if (to === world.liar) return world;
      const digest = effect.sign;
      const sign = (world.people[person] as Person).sign;
      const claim = digest && { digest, signature: signOnce(sign, digest) };
      const signed = digest === null ? world.signed : world.signed.with(person, true);
      const channel = person * world.people.length + to;
      const queue = [
        ...(world.channels[channel] as readonly Envelope[]),
        { message: effect.message, claim },
      ];
      return { ...world, signed, channels: world.channels.with(channel, queue) };
    }
    case "hold":
    case "commit":
    case "abort":
      return submit(world, person, effect);
    case "outcome":
      return { ...world, outcomes: [...world.outcomes, effect] };
  }
}

const signatures = new Map<(digest: Bytes32) => Bytes, Map<string, Bytes>>();

/** Signing is deterministic, so its result may be kept. */
function signOnce(sign: (digest: Bytes32) => Bytes, digest: Bytes32): Bytes {
  const known = signatures.get(sign) ?? new Map<string, Bytes>();
  signatures.set(sign, known);
  const key = digest.join();
  const signature = known.get(key) ?? sign(digest);
  known.set(key, signature);
  return signature;
}

function submit(
  world: World,
  person: number,
  effect: PlanEffect & { kind: "hold" | "commit" | "abort" },
): World {
  const peer = world.people.findIndex(({ id }) => compareBytes(id, effect.peer) === 0);
  const index = world.accounts.findIndex(
    ({ left, right }) => left === Math.min(person, peer) && right === Math.max(person, peer),
  );
  const account = world.accounts[index] as ModelAccount;
  const side = account.left === person ? 0 : 1;
  const queues = account.queues.with(side, [...account.queues[side], effect]);
  return withAccount(world, index, {
    ...account,
    queues: queues as unknown as ModelAccount["queues"],
  });
}

function withAccount(world: World, index: number, account: ModelAccount): World {
  return { ...world, accounts: world.accounts.with(index, account) };
}

function personAt(account: ModelAccount, side: 0 | 1): number {
  return side === 0 ? account.left : account.right;
}

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

function propose(world: World, index: number, side: 0 | 1): World {
  const account = world.accounts[index] as ModelAccount;
  const [transaction, ...rest] = account.queues[side] as readonly [Transaction];
  const queues = account.queues.with(side, rest) as unknown as ModelAccount["queues"];
  const person = personAt(account, side);
  const next = withAccount(world, index, { ...account, queues });
  if (!takes(world, index, person, transaction)) return refusedTo(next, index, person, transaction);
  const flight = { by: side, transaction, signedByBoth: false };
  return noteDrop(withAccount(next, index, { ...account, queues, flight }), person, transaction);
}

function receive(world: World, index: number): World {
  const account = world.accounts[index] as ModelAccount;
  const { by, transaction } = account.flight as NonNullable<ModelAccount["flight"]>;
  const receiver = personAt(account, by === 0 ? 1 : 0);
  if (!takes(world, index, receiver, transaction)) {
    const next = withAccount(world, index, { ...account, flight: null });
    return refusedTo(next, index, personAt(account, by), transaction);
  }
  const flight = { by, transaction, signedByBoth: true };
  const signed = withAccount(world, index, { ...account, flight });
  return happened(noteDrop(signed, receiver, transaction), index, receiver, transaction);
}

function acknowledge(world: World, index: number): World {
  const account = world.accounts[index] as ModelAccount;
  const { by, transaction } = account.flight as NonNullable<ModelAccount["flight"]>;
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

/** The connection of two people goes down and comes up; one with itself is a process that began. */
function reconnect(world: World, a: number, b: number): World {
  const count = world.people.length;
  const channels = world.channels.with(a * count + b, []).with(b * count + a, []);
  const lost: World = { ...world, channels };
  const idOf = (person: number): Bytes32 => (world.people[person] as Person).id;
  const first = tell(lost, a, { kind: "reconnected", peer: idOf(b) });
  return a === b ? first : tell(first, b, { kind: "reconnected", peer: idOf(a) });
}
