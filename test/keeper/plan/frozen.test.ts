import { expect } from "chai";
import { describe, it } from "mocha";
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import type { PlanInput } from "../../../keeper/plan/input.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { PlanBook } from "../../../keeper/plan/types.ts";
import { COMMIT_BY, NOW, type Person, people } from "./person.ts";
import { ring } from "./plans.ts";
import { contextOf, createWorld } from "./world.ts";

const [A, B, C, D] = people(4) as [Person, Person, Person, Person];
const plan = ring([A, B, C]);
const hash = planHash(plan);

const hear = (message: PlanMessage): PlanInput => {
  return { kind: "message", from: D.id, message, claim: null };
};
const account = (kind: "held" | "applied" | "released", peer: Person): PlanInput => {
  return { kind, plan: hash, peer: peer.id };
};
const final = (timestamp: number, committed: readonly (typeof hash)[] = []): PlanInput => {
  return { kind: "final", timestamp, committed };
};

/** B's step at this time, while its accounts with these peers are frozen. */
function stepAt(book: PlanBook, input: PlanInput, now: number, frozen: readonly Person[]) {
  const isFrozen = (peer: Person["id"]) => frozen.some(({ id }) => equalBytes(id, peer));
  const context = { ...contextOf(createWorld([B], []), 0), now, isFrozen };
  const { book: next, effects } = step(book, input, context);
  return { open: next.participations.size, kinds: effects.map(({ kind }) => kind), next };
}

/** B has signed "prepared" and holds its legs with A and C. */
function preparedBook(): PlanBook {
  const inputs = [
    hear({ kind: "propose", plan }),
    hear({ kind: "begin", plan: hash }),
    account("held", A),
    account("held", C),
    hear({ kind: "prepare", plan: hash }),
  ];
  return inputs.reduce((book, input) => stepAt(book, input, NOW, []).next, EMPTY_BOOK);
}

describe("plan in a frozen account", () => {
  const late = (book: PlanBook, input: PlanInput, ...frozen: readonly Person[]) =>
    stepAt(book, input, COMMIT_BY + 1, frozen);

  it("NET-5: a lapse lets go there too, so that nobody keeps the book full for ever", () => {
    const prepared = preparedBook();
    const lapsed = late(prepared, final(COMMIT_BY + 1), A);
    expect(lapsed.open, "the other neighbour still signs").to.equal(1);
    expect(late(lapsed.next, account("released", C), A).open).to.equal(0);
    expect(late(prepared, final(COMMIT_BY + 1), A, C).open).to.equal(0);
    const frozenLater = late(prepared, final(COMMIT_BY + 1));
    expect(frozenLater.open).to.equal(1);
    expect(late(frozenLater.next, final(COMMIT_BY + 2), A, C).open).to.equal(0);
  });

  it("NET-5: a commit applies there by the proof that holds the legs, and nothing is torn", () => {
    const committed = late(preparedBook(), final(COMMIT_BY, [hash]), A);
    expect(committed.open).to.equal(1);
    const ended = late(committed.next, account("applied", C), A);
    expect(ended.open).to.equal(0);
    expect(ended.kinds).to.not.contain("torn");
  });

  it("NET-5: before it is decided a frozen account ends nothing", () => {
    expect(late(preparedBook(), { kind: "clock" }, A, C).open).to.equal(1);
  });
});
