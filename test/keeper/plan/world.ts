/**
 * Entities, their plan machines, the messages between them and a model of their accounts, as one
 * immutable value with all events that may happen next. Golden transcripts, the loss of each
 * message and the exhaustive search all walk the same worlds.
 *
 * The model of an account keeps what plans rely on: each side's transactions are proposed in their
 * order, one frame is in flight at a time, each side asks its own plan machine before it signs, the
 * receiver knows that both signed before the proposer does, and nothing is ever lost (ACC-6).
 * Messages between entities keep their order on a connection and are lost with it.
 *
 * The model of time keeps what NET-5 assumes: each clock passes `applyBy` at a moment of its own;
 * the chain includes what was sent to it before its time passes `commitBy`, and that not before
 * everybody who is awake has had its turn after `applyBy`. Each sees final blocks when it likes.
 */

import type { Claim } from "../../../keeper/account/message.ts";
import type { PlanMove } from "../../../keeper/account/types.ts";
import { type Bytes, type Bytes32, compareBytes } from "../../../keeper/base/bytes.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import type { PlanEffect } from "../../../keeper/plan/effect.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { PlanBook } from "../../../keeper/plan/types.ts";
import { verdict } from "../../../keeper/plan/verdict.ts";
import { DOMAIN, HOURS, type Person, signOnce, TIMES } from "./person.ts";

export type Transaction =
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
    /** The receiver will not sign it, and the proposer does not know yet. */
    readonly refused?: boolean;
  } | null;
  readonly held: boolean;
  readonly applied: boolean;
};

export type Envelope = { readonly message: PlanMessage; readonly claim: Claim | null };

/** What the chain knows of the one plan, and what each has seen of that as final. */
export type ModelChain = {
  readonly sent: boolean;
  readonly committed: boolean;
  /** Its time is past `commitBy`. */
  readonly over: boolean;
  readonly sawCommit: readonly boolean[];
  readonly sawOver: readonly boolean[];
};

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
  /** By person, an index into `HOURS`; null where no time passes. */
  readonly clocks: readonly number[] | null;
  readonly chain: ModelChain;
  /** Somebody who hears, says and does nothing; -1 for nobody. */
  readonly silent: number;
  /** What was signed in a log that is lost; such a disk is an older one. */
  readonly torn: readonly string[];
};

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
    clocks: null,
    chain: {
      sent: false,
      committed: false,
      over: false,
      sawCommit: persons.map(() => false),
      sawOver: persons.map(() => false),
    },
    silent: -1,
    torn: [],
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
    now: HOURS[world.clocks?.[person] ?? 0] as number,
    ...TIMES,
    boardHash: () => null,
    judge: () => world.judgements[person] ?? null,
    isFrozen: () => false,
    judgeSettlements: () => null,
  };
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
    case "commitPlan":
      return { ...world, chain: { ...world.chain, sent: true } };
    case "torn":
      return { ...world, torn: [...world.torn, (world.people[person] as Person).name] };
    case "outcome":
      return { ...world, outcomes: [...world.outcomes, effect] };
  }
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

export function withAccount(world: World, index: number, account: ModelAccount): World {
  return { ...world, accounts: world.accounts.with(index, account) };
}

export function personAt(account: ModelAccount, side: 0 | 1): number {
  return side === 0 ? account.left : account.right;
}
