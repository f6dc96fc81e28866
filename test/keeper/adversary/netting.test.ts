import { expect } from "chai";
import { describe, it } from "mocha";
import { compareBytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { agreedRows } from "../../../keeper/entity/rows.ts";
import type { HandedRow } from "../../../keeper/entity/types.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import { decodePlanBook, encodePlanBook } from "../../../keeper/plan/book-codec.ts";
import { planFromPart } from "../../../keeper/plan/build.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import type { PlanContext } from "../../../keeper/plan/input.ts";
import { MAX_FINISHED, MAX_PARTICIPATIONS, MAX_SIGNERS } from "../../../keeper/plan/limit.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { Plan, PlanBook } from "../../../keeper/plan/types.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { type Person, personOf } from "../runtime/world.ts";

const names = ["alice", "bob", "mallory", "mike"];
const [alice, bob, mallory, mike] = names.map(personOf) as [Person, Person, Person, Person];
const { domain, inclusionMargin, responseTime } = jurisdiction;

function contextAt(now: number): PlanContext {
  return {
    self: alice.id,
    domain,
    now,
    inclusionMargin,
    responseTime,
    boardHash: () => null,
    judge: () => null,
    isFrozen: () => false,
    judgeSettlements: () => null,
  };
}

function planOf(salt: number, commitBy: number): Plan {
  const people = [alice, bob, mallory];
  const signers = people.map(({ id }) => id).sort(compareBytes);
  const legs = [
    { left: 0, right: 1, token: 1, amount: 1n },
    { left: 0, right: 2, token: 1, amount: -1n },
    { left: 1, right: 2, token: 1, amount: 1n },
  ];
  return { domain, signers, legs, settlements: [], salt: keccakText(`${salt}`), commitBy };
}

/** What alice answers to a proposal, and her book after it. */
function propose(book: PlanBook, from: Person, plan: Plan, now: number) {
  const message = { kind: "propose", plan } as const;
  const input = { kind: "message", from: from.id, message, claim: null } as const;
  const after = step(book, input, contextAt(now));
  const answers = after.effects.flatMap((effect) =>
    effect.kind === "send" ? [effect.message.kind] : [],
  );
  return { book: after.book, answers };
}

describe("a coordinator that lies", () => {
  it("NET-5: cannot fill the book with plans that it never begins", () => {
    let book = EMPTY_BOOK;
    for (let salt = 0; salt < MAX_PARTICIPATIONS; salt++) {
      book = propose(book, mallory, planOf(salt, 2_000), 1_000).book;
    }
    expect(propose(book, bob, planOf(-1, 2_000), 1_000).answers).to.deep.equal(["refuse"]);
    const late = 2_000 - inclusionMargin - responseTime;
    expect(propose(book, bob, planOf(-1, 2_100), late - 1).answers).to.deep.equal(["refuse"]);
    const full = propose(book, bob, planOf(-2, 2_500), late);
    expect(full.answers.at(-1)).to.equal("refuse");
    expect(propose(full.book, bob, planOf(-3, 2_500), late).answers).to.deep.equal(["accept"]);
  });

  it("NET-5: cannot fill the book with plans that it proposes and drops", () => {
    const now = 1_000;
    const end = { coordinator: mallory.id, commitBy: now + 1_000, code: null };
    const ended = Array.from({ length: MAX_FINISHED - 1 }, (_, at) => {
      return [`plan ${at}`, { ...end, committed: at === 0 }] as const;
    });
    let book: PlanBook = { ...EMPTY_BOOK, finished: new Map(ended) };
    for (let salt = 0; salt < 3; salt++) {
      const plan = planOf(salt, now + 1_000);
      const proposed = propose(book, mallory, plan, now);
      expect(proposed.answers).to.deep.equal(["accept"]);
      const message = { kind: "drop", plan: planHash(plan), code: "lies" } as const;
      const input = { kind: "message", from: mallory.id, message, claim: null } as const;
      book = step(proposed.book, input, contextAt(now)).book;
    }
    // What was committed is remembered: its certificate could be played again.
    expect(book.finished.has("plan 0")).to.equal(true);
    expect(book.finished.has("plan 1")).to.equal(false);
  });
});

describe("signers that all refuse", () => {
  it("STO-1: leave a book that can be read again, the coordinator's own reason included", () => {
    const others = Array.from({ length: MAX_SIGNERS }, (_, index) => personOf(`signer ${index}`));
    const legs = others.map(({ id }, index) => {
      const next = (others[(index + 1) % others.length] as Person).id;
      const [left, right] = [id, next].sort(compareBytes) as [typeof id, typeof id];
      return { left, right, token: 1, amount: left === id ? 1n : -1n };
    });
    const commitBy = 2_000;
    const plan = planFromPart(legs, { domain, salt: keccakText("all"), commitBy });
    if (!plan.ok) throw new Error(plan.refusal.message);
    let { book } = step(EMPTY_BOOK, { kind: "coordinate", plan: plan.value }, contextAt(1_000));
    book = step(book, { kind: "clock" }, contextAt(commitBy - 1)).book;
    for (const { id: from } of others) {
      const message = { kind: "refuse", plan: planHash(plan.value), code: "no" } as const;
      const input = { kind: "message", from, message, claim: null } as const;
      book = step(book, input, contextAt(commitBy - 1)).book;
    }
    const [coordination] = [...book.coordinations.values()];
    expect(coordination?.refusals).to.have.length(MAX_SIGNERS + 1);
    expect(decodePlanBook(encodePlanBook(book))).to.deep.equal({ ok: true, value: book });
  });
});

describe("participants that lie together", () => {
  const [left, right] = [mallory.id, mike.id].sort(compareBytes) as [
    typeof mallory.id,
    typeof mike.id,
  ];
  const row: HandedRow = {
    left,
    right,
    token: 1,
    delta: 5n,
    collateral: 0n,
    leftLimit: 10n,
    rightLimit: 10n,
    leftSoftLimit: 0n,
    rightSoftLimit: 0n,
    consent: true,
  };
  const both = (lie: HandedRow) => [left, right].map((by) => ({ by, rows: [lie] }));

  it("NET-1: rows out of order or outside of RCP-1 do not count, whoever agrees on them", () => {
    expect(agreedRows(both(row)).rows).to.have.length(1);
    const lies: Partial<HandedRow>[] = [
      { left: right, right: left },
      { token: 0 },
      { delta: 11n },
      { delta: -11n },
    ];
    for (const lie of lies) expect(agreedRows(both({ ...row, ...lie })).rows).to.deep.equal([]);
  });
});
