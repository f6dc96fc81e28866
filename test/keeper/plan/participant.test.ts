import { expect } from "chai";
import { describe, it } from "mocha";
import type { Claim } from "../../../keeper/account/message.ts";
import { type Bytes, type Bytes32, equalBytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { EMPTY_BOOK } from "../../../keeper/plan/book.ts";
import {
  encodeCertificate,
  shareOfCertificate,
  verifyCertificate,
} from "../../../keeper/plan/certificate.ts";
import { planHash, preparedDigest } from "../../../keeper/plan/digest.ts";
import type { PlanEffect } from "../../../keeper/plan/effect.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import { MAX_PARTICIPATIONS } from "../../../keeper/plan/limit.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { keyOf } from "../../../keeper/plan/result.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { Plan, PlanBook } from "../../../keeper/plan/types.ts";
import { verdict } from "../../../keeper/plan/verdict.ts";
import { DOMAIN, NOW, type Person, people, TIMES } from "./person.ts";
import { planOf, ring, saltOf } from "./plans.ts";

const [A, B, C, D] = people(4) as [Person, Person, Person, Person];
const plan = ring([A, B, C]);
const hash = planHash(plan);
const context: PlanContext = {
  self: B.id,
  domain: DOMAIN,
  now: NOW,
  ...TIMES,
  boardHash: () => null,
  judge: () => null,
  isFrozen: () => false,
  judgeSettlements: () => null,
};

const from = (person: Person, message: PlanMessage, claim: Claim | null = null): PlanInput => ({
  kind: "message",
  from: person.id,
  message,
  claim,
});
const propose = (by = D, proposed = plan) => from(by, { kind: "propose", plan: proposed });
const begin = from(D, { kind: "begin", plan: hash });
const prepare = from(D, { kind: "prepare", plan: hash });
const drop = from(D, { kind: "drop", plan: hash, code: "other" });
const held = (person: Person): PlanInput => ({ kind: "held", plan: hash, peer: person.id });
const prepared = (person: Person): PlanInput =>
  from(person, { kind: "prepared", plan: hash }, claimOf(person));

function claimOf(person: Person, of: Bytes32 = hash): Claim {
  const digest = preparedDigest(DOMAIN, of);
  return { digest, signature: person.sign(digest) };
}

const signatureOf = (person: Person): Bytes => claimOf(person).signature;
const certificate = encodeCertificate([A, B, C].map(signatureOf));

/** The book after these inputs, which must all be accepted. */
function bookAfter(...inputs: readonly PlanInput[]): PlanBook {
  return inputs.reduce((book, input) => {
    const outcome = step(book, input, context);
    expect(outcome.refusal?.code, input.kind).to.equal(undefined);
    return outcome.book;
  }, EMPTY_BOOK);
}

/** What one more input does, in words, or the code by which it is refused without any change. */
function says(book: PlanBook, input: PlanInput, at = context): string {
  const outcome = step(book, input, at);
  if (outcome.refusal === undefined) return outcome.effects.map(word).join(", ");
  expect(outcome.book, "a refused input changes nothing").to.equal(book);
  expect(outcome.effects).to.deep.equal([]);
  return `refused: ${outcome.refusal.code}`;
}

function word(effect: PlanEffect): string {
  if (effect.kind === "outcome") return `outcome ${effect.committed}`;
  if (effect.kind === "commitPlan") return "commitPlan";
  const id = effect.kind === "send" ? effect.to : effect.peer;
  const name = [A, B, C, D].find((person) => equalBytes(person.id, id))?.name;
  if (effect.kind !== "send") {
    const proof = effect.kind === "commit" && effect.certificate.length === 0 ? " by chain" : "";
    return `${effect.kind}${proof} with ${name}`;
  }
  const { message } = effect;
  const signed = effect.sign === null ? "" : " signed";
  const code = "code" in message ? ` (${message.code})` : "";
  return `${message.kind}${code}${signed} → ${name}`;
}

const accepted = bookAfter(propose());
const holding = bookAfter(propose(), begin);
const allHeld = bookAfter(propose(), begin, held(A), held(C));
const signed = bookAfter(propose(), begin, held(A), held(C), prepare);
const dropped = bookAfter(propose(), begin, held(A), drop);

describe("plan participant", () => {
  it("NET-5: a plan is judged alone: every fault has its code", () => {
    const { inclusionMargin, responseTime } = TIMES;
    const legs: Plan["legs"] = plan.legs;
    const changed = (changes: Partial<Plan>): string =>
      says(EMPTY_BOOK, propose(D, { ...plan, ...changes }));
    const faults: readonly (readonly [string, Partial<Plan>])[] = [
      ["planDomain", { domain: keccakText("another Depository") }],
      ["planSigners", { signers: [A.id] }],
      ["planSigners", { signers: [A.id, C.id, B.id] }],
      ["planSigners", { signers: [A.id, B.id, B.id] }],
      ["planSigners", { signers: people(33).map(({ id }) => id) }],
      ["planLegs", { legs: [] }],
      ["planLegs", { legs: legs.toReversed() }],
      ["planLegs", { legs: [...legs, { left: 1, right: 3, token: 1, amount: 1n }] }],
      ["planLegs", { legs: [{ left: 1, right: 0, token: 1, amount: 1n }, ...legs] }],
      ["planLegs", { legs: legs.map((leg) => ({ ...leg, amount: 0n })) }],
      ["planLegs", { legs: [...legs, legs.at(-1) as Plan["legs"][number]] }],
      ["planIdleSigner", { signers: [A.id, B.id, C.id, D.id] }],
      ["planExpired", { commitBy: NOW }],
      ["planTooSoon", { commitBy: NOW + inclusionMargin + responseTime }],
      ["planTooFar", { commitBy: NOW + 2 * responseTime - inclusionMargin + 1 }],
      ["planNet", { legs: legs.map((leg) => ({ ...leg, amount: BigInt(leg.right) })) }],
    ];
    for (const [code, changes] of faults) {
      expect(changed(changes), JSON.stringify(Object.keys(changes))).to.equal(
        `refuse (${code}) → D`,
      );
    }
  });

  it("NET-5: a plan in two parts is refused", () => {
    const six = people(6);
    const self = six[1] as Person;
    const two = planOf(six, [
      [0, 1, 5n],
      [0, 2, -5n],
      [1, 2, 5n],
      [3, 4, 5n],
      [3, 5, -5n],
      [4, 5, 5n],
    ]);
    const at = { ...context, self: self.id };
    expect(says(EMPTY_BOOK, propose(D, two), at)).to.equal("refuse (planParts) → D");
  });

  it("NET-5: a plan that does not name this entity, or that it does not want, is refused", () => {
    const others = ring([A, C, D]);
    expect(says(EMPTY_BOOK, propose(D, others))).to.equal("refuse (planNotMine) → D");
    const unwilling = { ...context, judge: () => "consentRefused" };
    expect(says(EMPTY_BOOK, propose(), unwilling)).to.equal("refuse (consentRefused) → D");
    const asked: string[] = [];
    const judge: PlanContext["judge"] = (peer, moves) => {
      asked.push(`${equalBytes(peer, A.id) ? "A" : "C"} ${moves[0]?.amount}`);
      return null;
    };
    expect(says(EMPTY_BOOK, propose(), { ...context, judge })).to.equal("accept → D");
    expect(asked, "the legs of its own accounts, each once").to.deep.equal(["A 5", "C 5"]);
  });

  it("NET-5: a refused plan leaves nothing behind, an accepted one is accepted again", () => {
    expect(step(EMPTY_BOOK, propose(D, ring([A, C, D])), context).book).to.equal(EMPTY_BOOK);
    expect(says(accepted, propose())).to.equal("accept → D");
    expect(step(accepted, propose(), context).book).to.equal(accepted);
  });

  it("NET-5: a lying coordinator: another's plan, or the same legs and salt", () => {
    expect(says(accepted, propose(A))).to.equal("refuse (planKnown) → A");
    const later = { ...plan, commitBy: plan.commitBy + 1 };
    expect(says(accepted, propose(D, later)), "another plan, though of the same salt").to.equal(
      "accept → D",
    );
    expect(says(accepted, from(A, { kind: "begin", plan: hash }))).to.equal(
      "refused: notCoordinator",
    );
    expect(says(allHeld, from(A, { kind: "prepare", plan: hash }))).to.equal(
      "refused: notCoordinator",
    );
    expect(says(holding, from(A, { kind: "drop", plan: hash, code: "x" }))).to.equal(
      "refused: notCoordinator",
    );
  });

  it("NET-5: begin and prepare of a plan that was never accepted do nothing", () => {
    expect(says(EMPTY_BOOK, begin)).to.equal("refused: planUnknown");
    expect(says(EMPTY_BOOK, prepare)).to.equal("refused: planUnknown");
    expect(says(EMPTY_BOOK, held(A))).to.equal("refused: planUnknown");
    expect(says(EMPTY_BOOK, prepared(A))).to.equal("refused: planUnknown");
  });

  it("NET-5: left proposes the hold, right waits for it", () => {
    expect(says(accepted, begin)).to.equal("hold with C");
    expect(says(holding, begin), "again").to.equal("");
    expect(says(bookAfter(propose(), held(A), held(C)), begin)).to.equal("held → D");
  });

  it("NET-5: prepared is signed once, with all legs held and by the coordinator's word", () => {
    expect(says(accepted, prepare)).to.equal("refused: notHeld");
    expect(says(bookAfter(propose(), begin, held(A)), prepare)).to.equal("refused: notHeld");
    expect(says(bookAfter(propose(), begin, held(A)), held(C))).to.equal("held → D");
    expect(says(allHeld, prepare)).to.equal(
      "prepared signed → A, prepared signed → B, prepared signed → C",
    );
    expect(says(signed, prepare), "again").to.equal("");
    const digests = step(allHeld, prepare, context).effects.map(
      (effect) => effect.kind === "send" && effect.sign,
    );
    for (const digest of digests) expect(digest).to.deep.equal(preparedDigest(DOMAIN, hash));
  });

  it("NET-5: never both: a drop after prepared is refused, and nothing is aborted", () => {
    expect(says(signed, drop)).to.equal("refused: alreadyPrepared");
    const verdictThen = verdict(signed, hash, context);
    expect(verdictThen.mayAbort).to.equal(false);
  });

  it("NET-5: never both: after a drop nothing brings the plan back", () => {
    expect(says(dropped, begin)).to.equal("");
    expect(says(dropped, prepare)).to.equal("");
    expect(says(dropped, { kind: "certificate", plan: hash, certificate })).to.equal(
      "refused: notPrepared",
    );
    const all = [A, B, C].reduce(
      (book, person) => step(book, prepared(person), context).book,
      dropped,
    );
    expect(all.participations.get(keyOf(hash))?.phase).to.equal("dropped");
  });

  it("NET-5: a drop releases what is held and what may still come", () => {
    expect(says(accepted, drop)).to.equal("done → D");
    expect(says(bookAfter(propose(), begin, held(A)), drop)).to.equal("abort with A, abort with C");
    const released = (person: Person): PlanInput => ({
      kind: "released",
      plan: hash,
      peer: person.id,
    });
    const half = step(dropped, released(A), context).book;
    const refusedHold: PlanInput = {
      kind: "holdRefused",
      plan: hash,
      peer: C.id,
      code: "planDropped",
    };
    expect(says(half, refusedHold)).to.equal("done → D");
    expect(says(step(half, held(C), context).book, released(C))).to.equal("done → D");
    expect(says(EMPTY_BOOK, drop), "of a plan that was refused").to.equal("done → D");
  });

  it("NET-5: a peer that lets its hold go, or refuses it, ends the plan here", () => {
    const one = bookAfter(propose(), begin, held(A));
    const released: PlanInput = { kind: "released", plan: hash, peer: A.id };
    expect(says(one, released)).to.equal("abort with C, refuse (peerReleased) → D");
    const refusedHold: PlanInput = {
      kind: "holdRefused",
      plan: hash,
      peer: C.id,
      code: "capacity",
    };
    expect(says(one, refusedHold)).to.equal("abort with A, refuse (capacity) → D");
  });

  it("NET-5: prepared counts only from a signer, signed, and under this plan", () => {
    const message = { kind: "prepared", plan: hash } as const;
    expect(says(signed, from(A, message))).to.equal("refused: preparedUnsigned");
    const other = claimOf(A, planHash({ ...plan, salt: saltOf(8) }));
    expect(says(signed, from(A, message, other))).to.equal("refused: preparedUnsigned");
    expect(says(signed, from(D, message, claimOf(D)))).to.equal("refused: notSigner");
    expect(says(signed, prepared(A))).to.equal("");
  });

  it("ACC-10, NET-5: no signature makes a certificate longer than the chain takes", () => {
    const long = { ...claimOf(A), signature: new Uint8Array(shareOfCertificate(3) + 1) };
    expect(says(signed, from(A, { kind: "prepared", plan: hash }, long))).to.equal(
      "refused: preparedTooLong",
    );
    const many = ring(people(32));
    const by = many.signers.map((_, index) => new Uint8Array(index === 7 ? 3_751 : 3_750));
    const codeOf = (certificate: Bytes) =>
      verifyCertificate(many, planHash(many), certificate, context)?.code;
    expect(codeOf(encodeCertificate(by))).to.equal("certificateSignature");
    expect(codeOf(encodeCertificate(by.with(0, new Uint8Array(3_751))))).to.equal(
      "certificateTooLong",
    );
    expect([2, 4, 32].map(shareOfCertificate)).to.deep.equal([32_768, 30_000, 3_750]);
  });

  it("NET-5: with all signatures every leg is committed in one step", () => {
    const two = [A, C].reduce((book, person) => step(book, prepared(person), context).book, signed);
    expect(says(two, prepared(B))).to.equal("commit with A, commit with C");
    const certified = step(two, prepared(B), context);
    const commit = certified.effects[0];
    expect(commit?.kind === "commit" && commit.certificate).to.deep.equal(certificate);
    expect(says(certified.book, { kind: "certificate", plan: hash, certificate })).to.equal("");
  });

  it("NET-5: a peer's certificate counts with every signature right, in order, and no more", () => {
    const by = (...signers: readonly Person[]): PlanInput => ({
      kind: "certificate",
      plan: hash,
      certificate: encodeCertificate(signers.map(signatureOf)),
    });
    expect(says(signed, by(A, B, C))).to.equal("commit with A, commit with C");
    expect(says(signed, by(A, B))).to.equal("refused: certificateLength");
    expect(says(signed, by(A, B, C, D))).to.equal("refused: certificateLength");
    expect(says(signed, by(A, B, D))).to.equal("refused: certificateSignature");
    expect(says(signed, by(B, A, C))).to.equal("refused: certificateSignature");
    for (let at = 0; at < certificate.length; at += 7) {
      const broken = certificate.slice();
      broken[at] = (broken[at] as number) ^ 1;
      const input: PlanInput = { kind: "certificate", plan: hash, certificate: broken };
      expect(says(signed, input)).to.match(
        /^refused: (certificateSignature|certificateLength|badEncoding)$/,
      );
    }
    const empty = { kind: "certificate", plan: hash, certificate: new Uint8Array(0) } as const;
    expect(says(signed, empty)).to.equal("refused: badEncoding");
  });

  it("NET-5: the last leg applied is reported, and what is repeated is answered", () => {
    const applied = (person: Person): PlanInput => ({
      kind: "applied",
      plan: hash,
      peer: person.id,
    });
    const certified = step(signed, { kind: "certificate", plan: hash, certificate }, context).book;
    const half = step(certified, applied(A), context);
    expect(half.effects).to.deep.equal([]);
    expect(says(half.book, applied(C))).to.equal("done → D");
    const end = step(half.book, applied(C), context).book;
    expect(end.participations.size).to.equal(0);
    for (const input of [propose(), begin, prepare, drop]) {
      expect(says(end, input)).to.equal("done → D");
    }
    expect(says(end, propose(A)), "not new, whoever proposes it").to.equal(
      "refuse (planKnown) → A",
    );
    expect(says(end, prepared(A))).to.equal("");
    expect(says(end, { kind: "certificate", plan: hash, certificate })).to.equal("");
  });

  it("NET-5: on reconnection prepared is sent again, until all legs are applied", () => {
    const again = (person: Person): PlanInput => ({ kind: "reconnected", peer: person.id });
    expect(says(allHeld, again(A))).to.equal("");
    expect(says(signed, again(A))).to.equal("prepared signed → A");
    expect(says(signed, again(B)), "to itself").to.equal("prepared signed → B");
    expect(says(signed, again(D))).to.equal("");
  });

  it("ACC-10, NET-5: open plans are bounded, and ended ones stay known until commitBy", () => {
    let book = EMPTY_BOOK;
    const numbered = (i: number): Plan => ({ ...plan, commitBy: plan.commitBy - i });
    for (let i = 0; i < MAX_PARTICIPATIONS; i++)
      book = step(book, propose(D, numbered(i)), context).book;
    expect(book.participations.size).to.equal(MAX_PARTICIPATIONS);
    expect(says(book, propose(D, numbered(MAX_PARTICIPATIONS)))).to.equal(
      "refuse (planBookFull) → D",
    );
  });
});

describe("plan verdict", () => {
  const moves = [{ token: 1, amount: 5n }];
  const hold = (book: PlanBook, over: Partial<Plan> = {}, with_ = moves, pair = [A, B]): boolean =>
    verdict(book, hash, context).acceptsHold(
      with_,
      over.commitBy ?? plan.commitBy,
      (pair[0] as Person).id,
      (pair[1] as Person).id,
    );

  it("NET-5: a hold needs an accepted plan and exactly its moves for the account", () => {
    expect(hold(EMPTY_BOOK)).to.equal(false);
    expect(hold(accepted)).to.equal(true);
    expect(hold(holding, {}, moves, [B, C])).to.equal(true);
    expect(hold(accepted, { commitBy: plan.commitBy + 1 })).to.equal(false);
    expect(hold(accepted, {}, [])).to.equal(false);
    expect(hold(accepted, {}, [{ token: 1, amount: 4n }])).to.equal(false);
    expect(hold(accepted, {}, [{ token: 2, amount: 5n }])).to.equal(false);
    expect(hold(accepted, {}, [...moves, { token: 2, amount: 1n }])).to.equal(false);
    expect(hold(accepted, {}, moves, [A, C]), "an account of others").to.equal(false);
    expect(hold(accepted, {}, moves, [B, D]), "an account without legs").to.equal(false);
    expect(hold(allHeld), "a second hold of one plan").to.equal(false);
    expect(hold(signed)).to.equal(false);
    expect(hold(dropped, {}, moves, [B, C])).to.equal(false);
  });

  it("NET-5: a commit needs all signatures, an abort that prepared was never signed", () => {
    const books = [EMPTY_BOOK, accepted, holding, allHeld, signed, dropped];
    const commits = books.map((book) =>
      verdict(book, hash, context).acceptsCertificate(certificate),
    );
    expect(commits).to.deep.equal([false, false, false, false, true, false]);
    const aborts = books.map((b) => verdict(b, hash, context).mayAbort);
    expect(aborts).to.deep.equal([false, true, true, true, false, true]);
    const short = encodeCertificate([A, B].map(signatureOf));
    expect(verdict(signed, hash, context).acceptsCertificate(short)).to.equal(false);
    const certified = step(signed, { kind: "certificate", plan: hash, certificate }, context).book;
    const { acceptsCertificate, mayAbort } = verdict(certified, hash, context);
    expect([acceptsCertificate(short), mayAbort]).to.deep.equal([true, false]);
  });
});
