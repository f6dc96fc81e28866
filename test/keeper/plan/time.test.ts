/** What clock and chain bring about for one participant and one coordinator, step by step. */
import { expect } from "chai";
import { describe, it } from "mocha";
import { type Bytes, EMPTY_BYTES, equalBytes } from "../../../keeper/base/bytes.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import { encodeCertificate } from "../../../keeper/plan/certificate.ts";
import { planHash, preparedDigest } from "../../../keeper/plan/digest.ts";
import type { PlanEffect } from "../../../keeper/plan/effect.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { keyOf } from "../../../keeper/plan/result.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { Plan, PlanBook } from "../../../keeper/plan/types.ts";
import { verdict } from "../../../keeper/plan/verdict.ts";
import { APPLY_BY, COMMIT_BY, DOMAIN, NOW, type Person, people, TIMES } from "./person.ts";
import { ring, settledChain } from "./plans.ts";
import { contextOf, createWorld } from "./world.ts";

// D coordinates and is no signer; B is the participant that is looked at, between A and C.
const [A, B, C, D] = people(4) as [Person, Person, Person, Person];
const plan = ring([A, B, C]);
const settled = settledChain([A, B, C]);

function contextAt(now: number, self = B): PlanContext {
  return { ...contextOf(createWorld([self], []), 0), now };
}

const hear = (from: Person, message: PlanMessage): PlanInput => ({
  kind: "message",
  from: from.id,
  message,
  claim: null,
});
type Word = "held" | "applied" | "released";
const account = (kind: Word, of: Plan, peer: Person): PlanInput => ({
  kind,
  plan: planHash(of),
  peer: peer.id,
});
const held = (of: Plan, peer: Person): PlanInput => account("held", of, peer);
const applied = (of: Plan, peer: Person): PlanInput => account("applied", of, peer);
const released = (of: Plan, peer: Person): PlanInput => account("released", of, peer);
const final = (timestamp: number, ...committed: readonly Plan[]): PlanInput => ({
  kind: "final",
  timestamp,
  committed: committed.map(planHash),
});

function certificateOf(of: Plan): Bytes {
  const digest = preparedDigest(DOMAIN, planHash(of));
  return encodeCertificate([A, B, C].map((person) => person.sign(digest)));
}
const shown = (of: Plan): PlanInput => ({
  kind: "certificate",
  plan: planHash(of),
  certificate: certificateOf(of),
});

function bookAfter(inputs: readonly PlanInput[], now = NOW, self = B): PlanBook {
  return inputs.reduce((book, input) => step(book, input, contextAt(now, self)).book, EMPTY_BOOK);
}

/** Up to this phase, by the shortest way. */
function bookAt(phase: "accepted" | "holding" | "prepared", of = plan, self = B): PlanBook {
  const hash = planHash(of);
  const peers = of === plan ? [A, B, C].filter((one) => one !== self) : [A, C];
  const own = self === B ? peers : [B];
  const ways: PlanInput[] = [hear(D, { kind: "propose", plan: of })];
  if (phase !== "accepted") {
    ways.push(hear(D, { kind: "begin", plan: hash }), ...own.map((peer) => held(of, peer)));
  }
  if (phase === "prepared") ways.push(hear(D, { kind: "prepare", plan: hash }));
  const book = bookAfter(ways, NOW, self);
  expect(book.participations.get(keyOf(hash))?.phase).to.equal(phase);
  return book;
}

function says(book: PlanBook, input: PlanInput, now: number, self = B): string {
  const { effects, refusal } = step(book, input, contextAt(now, self));
  return refusal === undefined ? effects.map(word).join(", ") : `refused: ${refusal.code}`;
}

function after(book: PlanBook, input: PlanInput, now: number): PlanBook {
  return step(book, input, contextAt(now)).book;
}

function word(effect: PlanEffect): string {
  const nameOf = (id: Uint8Array): string =>
    [A, B, C, D].find((person) => equalBytes(person.id, id))?.name ?? "?";
  switch (effect.kind) {
    case "outcome": {
      const told = effect.refusals.map(({ by, code }) => ` ${nameOf(by)}:${code}`).join("");
      return `${effect.committed ? "committed" : "refused"}${told}`;
    }
    case "commitPlan":
      return effect.kind;
    case "send": {
      const { message } = effect;
      const code = "code" in message ? ` (${message.code})` : "";
      const end = "committed" in message ? ` ${message.committed}` : "";
      return `${message.kind}${code}${end} → ${nameOf(effect.to)}`;
    }
    case "commit": {
      const by = effect.certificate.length === 0 ? "by the chain" : "by certificate";
      return `commit ${by} with ${nameOf(effect.peer)}`;
    }
    default:
      return `${effect.kind} with ${nameOf(effect.peer)}`;
  }
}

const clock: PlanInput = { kind: "clock" };
const hash = planHash(plan);

describe("plan times", () => {
  it("NET-5: who has not signed prepared by applyBy lets go, and not before", () => {
    for (const phase of ["accepted", "holding"] as const) {
      const book = bookAt(phase);
      expect(says(book, clock, APPLY_BY - 1)).to.equal("");
      expect(says(book, final(APPLY_BY - 1), APPLY_BY - 1)).to.equal("");
      const aborts = phase === "holding" ? "abort with A, abort with C, " : "";
      const done = phase === "holding" ? "" : ", done false → D";
      expect(says(book, clock, APPLY_BY)).to.equal(`${aborts}refuse (planExpired) → D${done}`);
    }
  });

  it("NET-5: prepared is not signed when there is no time left to go by it", () => {
    const prepare = hear(D, { kind: "prepare", plan: hash });
    expect(says(bookAt("holding"), prepare, APPLY_BY - 1)).to.match(/^prepared → A/);
    const late = "abort with A, abort with C, refuse (planExpired) → D";
    expect(says(bookAt("holding"), prepare, APPLY_BY)).to.equal(late);
  });

  it("NET-5: who signed prepared waits for the chain, however late its clock is", () => {
    const book = bookAt("prepared");
    for (const now of [APPLY_BY, COMMIT_BY, COMMIT_BY + 1_000_000]) {
      expect(says(book, clock, now)).to.equal("");
      expect(verdict(book, hash, contextAt(now)).mayAbort).to.equal(false);
    }
    expect(says(book, final(COMMIT_BY), COMMIT_BY), "still in time").to.equal("");
    const more = after(book, final(COMMIT_BY), COMMIT_BY);
    expect(says(more, final(COMMIT_BY, plan), COMMIT_BY)).to.equal(
      "commit by the chain with A, commit by the chain with C",
    );
  });

  it("NET-5: the first final block past commitBy without a commit lets go of everything", () => {
    const aborts = "abort with A, abort with C";
    const book = bookAt("prepared");
    expect(says(book, final(COMMIT_BY + 1), COMMIT_BY + 1)).to.equal(aborts);
    const lapsed = after(book, final(COMMIT_BY + 1), COMMIT_BY + 1);
    const { mayAbort, acceptsCertificate } = verdict(lapsed, hash, contextAt(NOW));
    expect([mayAbort, acceptsCertificate(certificateOf(plan))]).to.deep.equal([true, false]);
    const certified = after(book, shown(plan), NOW);
    expect(says(certified, final(COMMIT_BY + 1), COMMIT_BY + 1)).to.equal(aborts);
    const half = after(lapsed, released(plan, A), COMMIT_BY + 1);
    expect(says(half, released(plan, C), COMMIT_BY + 1)).to.equal("done false → D");
  });

  it("NET-5: a certificate counts before applyBy; later it is for the chain alone", () => {
    const book = bookAt("prepared");
    const accepts = (at: PlanBook, now: number, of = plan): boolean =>
      verdict(at, planHash(of), contextAt(now)).acceptsCertificate(certificateOf(of));
    expect([accepts(book, APPLY_BY - 1), accepts(book, APPLY_BY)]).to.deep.equal([true, false]);
    expect(says(book, shown(plan), APPLY_BY - 1)).to.equal(
      "commit by certificate with A, commit by certificate with C",
    );
    expect(says(book, shown(plan), APPLY_BY)).to.equal("commitPlan");
    const late = after(book, shown(plan), APPLY_BY);
    expect(accepts(late, APPLY_BY)).to.equal(false);
    expect(says(late, shown(plan), APPLY_BY), "known already").to.equal("");
    expect(says(late, clock, COMMIT_BY), "asked for again").to.equal("commitPlan");
    expect(says(late, clock, COMMIT_BY + 1), "for the chain to say").to.equal("commitPlan");
  });

  it("NET-5: a clock that runs ahead keeps nobody from showing what it has gone by", () => {
    const certified = after(bookAt("prepared"), shown(plan), NOW);
    const applied = after(certified, { kind: "applied", plan: planHash(plan), peer: A.id }, NOW);
    // From one tick to the next the clock says a day later; the chain does not.
    expect(says(applied, clock, COMMIT_BY + 86_400)).to.equal("commitPlan");
  });

  it("NET-5: a neighbour that has not acknowledged by applyBy brings the plan to the chain", () => {
    const certified = after(bookAt("prepared"), shown(plan), NOW);
    expect(says(certified, clock, APPLY_BY - 1)).to.equal("");
    expect(says(certified, clock, APPLY_BY)).to.equal("commitPlan");
    const half = after(certified, applied(plan, A), NOW);
    expect(says(half, final(NOW), APPLY_BY)).to.equal("commitPlan");
    const whole = after(half, applied(plan, C), NOW);
    expect(says(whole, clock, APPLY_BY)).to.equal("");
    expect(whole.finished.get(keyOf(hash))?.committed).to.equal(true);
  });

  it("NET-5: the chain's word counts in every phase, and proves each commit", () => {
    const commits = "commit by the chain with A, commit by the chain with C";
    for (const phase of ["holding", "prepared"] as const) {
      expect(says(bookAt(phase), final(COMMIT_BY, plan), NOW), phase).to.equal(commits);
    }
    const certified = after(after(bookAt("prepared"), shown(plan), NOW), applied(plan, A), NOW);
    expect(says(certified, final(NOW, plan), NOW)).to.equal("commit by the chain with C");
    const committed = after(certified, final(NOW, plan), NOW);
    const { acceptsCertificate, mayAbort } = verdict(committed, hash, contextAt(COMMIT_BY + 1));
    expect([acceptsCertificate(EMPTY_BYTES), mayAbort]).to.deep.equal([true, false]);
    expect(says(committed, final(COMMIT_BY + 1), COMMIT_BY + 1)).to.equal("");
    expect(says(committed, final(NOW, plan), NOW), "twice is once").to.equal("");
    expect(says(committed, applied(plan, C), NOW)).to.equal("done true → D");
    expect(says(EMPTY_BOOK, final(NOW, plan), NOW), "of strangers").to.equal("");
  });

  it("NET-5: people hear of a plan that ended otherwise in one account than in another", () => {
    const certified = after(after(bookAt("prepared"), shown(plan), NOW), applied(plan, A), NOW);
    const lapsed = after(certified, final(COMMIT_BY + 1), COMMIT_BY + 1);
    expect(says(lapsed, released(plan, C), COMMIT_BY + 1)).to.equal("torn with C, done false → D");
    const late = "an acknowledgement that was on its way when the plan lapsed";
    expect(says(lapsed, applied(plan, C), COMMIT_BY + 1), late).to.equal("done true → D");
  });

  it("NET-5: a hold that comes to stand when all is decided is ended as was decided", () => {
    const begun = bookAfter([
      hear(D, { kind: "propose", plan }),
      hear(D, { kind: "begin", plan: hash }),
      held(plan, A),
    ]);
    const committed = after(begun, final(NOW, plan), NOW);
    expect(says(committed, held(plan, C), NOW)).to.equal("commit by the chain with C");
    const expired = after(begun, clock, APPLY_BY);
    expect(says(expired, held(plan, C), APPLY_BY), "its abort waits behind it").to.equal("");
  });
});

describe("plan that settles on chain", () => {
  const commit = planHash(settled);

  it("NET-6: no certificate lets an account commit, and the first signer asks the chain", () => {
    const book = bookAt("prepared", settled);
    const { acceptsCertificate } = verdict(book, commit, contextAt(NOW));
    expect(acceptsCertificate(certificateOf(settled))).to.equal(false);
    expect(says(book, shown(settled), NOW), "B is the second").to.equal("");
    const shownB = after(book, shown(settled), NOW);
    expect(says(shownB, clock, APPLY_BY - 1)).to.equal("");
    expect(says(shownB, clock, APPLY_BY), "the first one had its time").to.equal("commitPlan");
    expect(says(bookAt("prepared", settled, A), shown(settled), NOW, A)).to.equal("commitPlan");
    expect(says(shownB, final(NOW, settled), NOW)).to.equal(
      "commit by the chain with A, commit by the chain with C",
    );
    expect(says(shownB, final(COMMIT_BY + 1), COMMIT_BY + 1)).to.equal(
      "abort with A, abort with C",
    );
  });

  it("NET-6: it is proposed only where reserves and claims together stay as they are", () => {
    const propose = (of: Plan): PlanInput => hear(D, { kind: "propose", plan: of });
    const settlement = settled.settlements[0] as Plan["settlements"][number];
    const [diff] = settlement.diffs as [(typeof settlement.diffs)[number]];
    const withDiff = (changes: Partial<typeof diff>): Plan => ({
      ...settled,
      settlements: [{ ...settlement, diffs: [{ ...diff, ...changes }] }],
    });
    const withSettlement = (changes: Partial<typeof settlement>): Plan => ({
      ...settled,
      settlements: [{ ...settlement, ...changes }],
    });
    const other = withSettlement({ left: B.id }).settlements[0] as typeof settlement;
    const faults: readonly (readonly [string, Plan])[] = [
      ["planNet", { ...settled, settlements: [] }],
      ["planNet", withDiff({ leftDiff: -4n, rightDiff: 4n })],
      ["planSettlements", withDiff({ leftDiff: 0n, rightDiff: 0n })],
      ["planSettlements", withDiff({ collateralDiff: 1n, rightDiff: 4n })],
      ["planSettlements", withDiff({ ondeltaDiff: 5n })],
      ["planSettlements", withDiff({ rightDiff: 4n })],
      ["planSettlements", withDiff({ token: 0 })],
      ["planSettlements", withSettlement({ diffs: [] })],
      ["planSettlements", withSettlement({ diffs: [diff, diff] })],
      ["planSettlements", withSettlement({ number: 1 })],
      ["planSettlements", withSettlement({ epoch: 2 ** 32 })],
      ["planSettlements", withSettlement({ plan: planHash(plan) })],
      ["planSettlements", withSettlement({ deadline: COMMIT_BY - 1 })],
      ["planSettlements", withSettlement({ right: D.id })],
      ["planSettlements", withSettlement({ left: C.id, right: A.id })],
      ["planSettlements", { ...settled, settlements: [settlement, settlement] }],
      ["planSettlements", { ...settled, settlements: [other, settlement] }],
    ];
    // A pays, so its sum is what a settlement of another amount would change.
    for (const [at, [code, of]] of faults.entries()) {
      expect(says(EMPTY_BOOK, propose(of), NOW, A), `fault ${at}`).to.equal(`refuse (${code}) → D`);
    }
    expect(says(EMPTY_BOOK, propose(settled), NOW, A)).to.equal("accept → D");
  });

  it("NET-6: a signer whose reserve does not cover what it pays refuses", () => {
    const context = { ...contextAt(NOW, A), judgeSettlements: () => "reserveTooLow" };
    const { effects } = step(EMPTY_BOOK, hear(D, { kind: "propose", plan: settled }), context);
    expect(effects.map(word)).to.deep.equal(["refuse (reserveTooLow) → D"]);
  });
});

describe("plan after a recovery", () => {
  const guard: PlanInput = { kind: "recovered", peer: null };

  it("NET-5: neither prepared nor a drop is signed, and the chain decides", () => {
    const book = after(bookAt("holding"), guard, NOW);
    expect(says(book, hear(D, { kind: "prepare", plan: hash }), NOW)).to.equal(
      "refused: afterRecovery",
    );
    const drop = hear(D, { kind: "drop", plan: hash, code: "x" });
    expect(says(book, drop, NOW)).to.equal("refused: afterRecovery");
    expect(says(book, clock, APPLY_BY), "and by no clock").to.equal("");
    expect(verdict(book, hash, contextAt(NOW)).mayAbort).to.equal(false);
    expect(says(book, shown(plan), NOW), "what it signed before counts").to.equal(
      "commit by certificate with A, commit by certificate with C",
    );
    expect(says(book, shown(plan), APPLY_BY)).to.equal("commitPlan");
    expect(says(book, final(COMMIT_BY, plan), NOW)).to.equal(
      "commit by the chain with A, commit by the chain with C",
    );
    expect(says(book, final(COMMIT_BY + 1), NOW)).to.equal("abort with A, abort with C");
  });

  it("NET-5: what was signed, or dropped, by the log's own word stays so", () => {
    const signed = bookAt("prepared");
    expect(after(signed, guard, NOW).participations).to.deep.equal(signed.participations);
    const dropped = after(bookAt("holding"), hear(D, { kind: "drop", plan: hash, code: "x" }), NOW);
    expect(after(dropped, guard, NOW).participations).to.deep.equal(dropped.participations);
  });

  it("NET-5: by the guard's word no plan is taken on that may have been forgotten", () => {
    const book = after(EMPTY_BOOK, guard, NOW);
    const window = 2 * TIMES.responseTime - TIMES.inclusionMargin;
    expect(book.quietUntil).to.equal(NOW + window);
    const ask = (commitBy: number, now: number): string =>
      says(book, hear(D, { kind: "propose", plan: { ...plan, commitBy } }), now);
    expect(ask(NOW + window, NOW)).to.equal("refuse (planAfterRecovery) → D");
    expect(ask(NOW + window + 1, NOW + 1)).to.equal("accept → D");
  });

  it("NET-5: a peer's word is about plans with its account, and stops no others", () => {
    const told = (peer: Person): PlanInput => ({ kind: "recovered", peer: peer.id });
    const book = bookAt("holding");
    const phaseAfter = (peer: Person) =>
      after(book, told(peer), NOW).participations.get(keyOf(hash))?.phase;
    expect([phaseAfter(A), phaseAfter(D)]).to.deep.equal(["recovered", "holding"]);
    expect(after(book, told(A), NOW).quietUntil).to.equal(0);
  });

  it("NET-5: where nothing is held the plan is over, and not taken on again", () => {
    const book = after(bookAt("accepted"), guard, NOW);
    expect(book.participations.size).to.equal(0);
    expect(says(book, hear(D, { kind: "propose", plan }), NOW)).to.equal("done false → D");
  });
});

describe("plan coordinator's times", () => {
  const asked = bookAfter([{ kind: "coordinate", plan }], NOW, D);

  it("NET-5: whom it has not brought to sign by applyBy it lets go", () => {
    expect(says(asked, clock, APPLY_BY - 1, D)).to.equal("");
    expect(says(asked, clock, APPLY_BY, D)).to.equal(
      "drop (planExpired) → A, drop (planExpired) → B, drop (planExpired) → C",
    );
  });

  it("NET-5: whoever has not reported a response time after commitBy is named", () => {
    const answers = (kind: "accept" | "held"): PlanInput[] =>
      [A, B, C].map((person) => hear(person, { kind, plan: hash }));
    const ways: readonly PlanInput[] = [{ kind: "coordinate", plan }, ...answers("accept")];
    const preparing = bookAfter([...ways, ...answers("held")], NOW, D);
    const done = hear(A, { kind: "done", plan: hash, committed: true });
    const one = step(preparing, done, contextAt(NOW, D)).book;
    const passed = (book: PlanBook, at: number): PlanBook =>
      step(book, final(COMMIT_BY + 1), contextAt(at, D)).book;
    // It may have slept: its own time counts from the moment at which it sees the block.
    for (const seen of [COMMIT_BY + 1, COMMIT_BY + 1_000_000]) {
      const end = seen + TIMES.responseTime;
      expect(says(one, final(COMMIT_BY), end, D), "not yet past").to.equal("");
      expect(says(passed(one, seen), final(COMMIT_BY + 2), end, D)).to.equal("");
      expect(says(passed(one, seen), final(COMMIT_BY + 2), end + 1, D)).to.equal(
        "refused B:silent C:silent",
      );
      const onChain = step(one, final(COMMIT_BY, plan), contextAt(NOW, D)).book;
      expect(says(passed(onChain, seen), final(COMMIT_BY + 2), end + 1, D)).to.equal(
        "committed B:silent C:silent",
      );
    }
  });
});
