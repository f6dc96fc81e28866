import { expect } from "chai";
import { describe, it } from "mocha";
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import type { PlanEffect } from "../../../keeper/plan/effect.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { Plan, PlanBook } from "../../../keeper/plan/types.ts";
import { DOMAIN, NOW, type Person, people, TIMES } from "./person.ts";
import { planOf, ring } from "./plans.ts";

// D coordinates and signs nothing.
const [A, B, C, D] = people(4) as [Person, Person, Person, Person];
const plan = ring([A, B, C]);
const hash = planHash(plan);
const context: PlanContext = {
  self: D.id,
  domain: DOMAIN,
  now: NOW,
  ...TIMES,
  boardHash: () => null,
  judge: () => null,
  isFrozen: () => false,
  judgeSettlements: () => null,
};
const coordinate = (of: Plan = plan): PlanInput => ({ kind: "coordinate", plan: of });

type Answer = "accept" | "held" | "refuse" | "done" | "failed";

function hears(person: Person, answer: Answer): PlanInput {
  const message =
    answer === "refuse"
      ? ({ kind: "refuse", plan: hash, code: "no" } as const)
      : answer === "done" || answer === "failed"
        ? ({ kind: "done", plan: hash, committed: answer === "done" } as const)
        : ({ kind: answer, plan: hash } as const);
  return { kind: "message", from: person.id, message, claim: null };
}

const all = (answer: Answer): PlanInput[] => [A, B, C].map((person) => hears(person, answer));

function bookAfter(...inputs: readonly PlanInput[]): PlanBook {
  return inputs.reduce((book, input) => step(book, input, context).book, EMPTY_BOOK);
}

function says(book: PlanBook, input: PlanInput): string {
  const { effects, refusal } = step(book, input, context);
  const words = effects.map(word);
  return [...(refusal === undefined ? [] : [`refused: ${refusal.code}`]), ...words].join(", ");
}

function word(effect: PlanEffect): string {
  const nameOf = (id: Uint8Array): string =>
    [A, B, C, D].find((person) => equalBytes(person.id, id))?.name ?? "?";
  if (effect.kind === "outcome") {
    const refusals = effect.refusals.map(({ by, code }) => ` ${nameOf(by)}:${code}`).join("");
    return `${effect.committed ? "committed" : "refused"}${refusals}`;
  }
  return effect.kind === "send" ? `${effect.message.kind} → ${nameOf(effect.to)}` : effect.kind;
}

const toAll = (message: string): string =>
  [A, B, C].map(({ name }) => `${message} → ${name}`).join(", ");

const proposing = bookAfter(coordinate());
const beginning = bookAfter(coordinate(), ...all("accept"));
const preparing = bookAfter(coordinate(), ...all("accept"), ...all("held"));
const dropping = bookAfter(coordinate(), hears(B, "refuse"));

describe("plan coordinator", () => {
  it("TST-5, NET-5: the whole table of stages and answers", () => {
    const books = { proposing, beginning, preparing, dropping };
    const answers = ["accept", "held", "refuse", "done", "failed"] as const;
    const table = Object.entries(books).flatMap(([stage, book]) =>
      answers.map((answer) => `${stage} ${answer}: ${says(book, hears(A, answer))}`),
    );
    expect(table).to.deep.equal([
      "proposing accept: ",
      "proposing held: refused: notBegun",
      `proposing refuse: ${toAll("drop")}`,
      "proposing done: refused: notPrepared",
      `proposing failed: ${toAll("drop")}`,
      "beginning accept: ",
      "beginning held: ",
      `beginning refuse: ${toAll("drop")}`,
      "beginning done: refused: notPrepared",
      `beginning failed: ${toAll("drop")}`,
      "preparing accept: ",
      "preparing held: ",
      "preparing refuse: refused: tooLate",
      "preparing done: ",
      "preparing failed: ",
      "dropping accept: drop → A",
      "dropping held: drop → A",
      "dropping refuse: ",
      "dropping done: ",
      "dropping failed: ",
    ]);
  });

  it("NET-5: all accept, all hold, all report: begin, prepare, outcome", () => {
    expect(says(EMPTY_BOOK, coordinate())).to.equal(toAll("propose"));
    const lacksC = bookAfter(coordinate(), hears(A, "accept"), hears(B, "accept"));
    expect(says(lacksC, hears(B, "accept")), "twice is once").to.equal("");
    expect(says(lacksC, hears(C, "accept"))).to.equal(toAll("begin"));
    const lacksB = bookAfter(coordinate(), ...all("accept"), hears(A, "held"), hears(C, "held"));
    expect(says(lacksB, hears(B, "held"))).to.equal(toAll("prepare"));
    const last = bookAfter(
      coordinate(),
      ...all("accept"),
      ...all("held"),
      hears(A, "done"),
      hears(B, "done"),
    );
    expect(says(last, hears(C, "done"))).to.equal("committed");
    expect(step(last, hears(C, "done"), context).book.coordinations.size).to.equal(0);
  });

  it("NET-5: one refusal drops it for all; the outcome waits for every end", () => {
    expect(says(proposing, hears(B, "refuse"))).to.equal(toAll("drop"));
    const more = [hears(C, "refuse"), hears(B, "refuse"), hears(A, "failed"), hears(B, "failed")];
    const last = bookAfter(coordinate(), hears(B, "refuse"), ...more);
    expect(says(last, hears(C, "failed"))).to.equal("refused B:no C:no");
  });

  it("NET-5: a signer that claims not to have committed is named in the outcome", () => {
    const last = bookAfter(
      coordinate(),
      ...all("accept"),
      ...all("held"),
      hears(A, "failed"),
      hears(B, "done"),
    );
    expect(says(last, hears(C, "done"))).to.equal("refused A:dropped");
  });

  it("NET-5: on reconnection a signer hears again what it has not answered", () => {
    const again = (person: Person): PlanInput => ({ kind: "reconnected", peer: person.id });
    const some = bookAfter(coordinate(), hears(A, "accept"));
    expect(says(some, again(A))).to.equal("");
    expect(says(some, again(B))).to.equal("propose → B");
    expect(says(beginning, again(B))).to.equal("begin → B");
    expect(says(preparing, again(B))).to.equal("prepare → B");
    expect(says(dropping, again(A))).to.equal("drop → A");
    expect(says(dropping, again(D))).to.equal("");
  });

  it("NET-5: a plan that cannot be proposed has its outcome at once", () => {
    const unbalanced = planOf(
      [A, B, C],
      [
        [0, 1, 5n],
        [1, 2, 5n],
      ],
    );
    expect(says(EMPTY_BOOK, coordinate(unbalanced))).to.equal(
      "refused: planNet, refused D:planNet",
    );
    const late = { ...plan, commitBy: NOW };
    expect(says(EMPTY_BOOK, coordinate(late))).to.equal(
      "refused: planExpired, refused D:planExpired",
    );
    expect(says(proposing, coordinate()), "one under way is left to its course").to.equal("");
  });

  it("NET-5: strangers are not heard, and an unknown plan is over for whoever asks", () => {
    expect(says(proposing, hears(D, "accept"))).to.equal("refused: notSigner");
    expect(says(EMPTY_BOOK, hears(A, "accept"))).to.equal("drop → A");
    expect(says(EMPTY_BOOK, hears(A, "held"))).to.equal("drop → A");
    expect(says(EMPTY_BOOK, hears(A, "refuse"))).to.equal("");
    expect(says(EMPTY_BOOK, hears(A, "done"))).to.equal("");
  });
});
