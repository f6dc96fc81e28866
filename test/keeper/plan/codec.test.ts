import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Bytes, concatBytes } from "../../../keeper/base/bytes.ts";
import type { Result } from "../../../keeper/base/result.ts";
import { encodeRlp } from "../../../keeper/codec/rlp/encode.ts";
import { decodePlanBook, encodePlanBook } from "../../../keeper/plan/book-codec.ts";
import { decodeCertificate, encodeCertificate } from "../../../keeper/plan/certificate.ts";
import {
  decodePlan,
  decodePlanMessage,
  encodePlan,
  encodePlanMessage,
} from "../../../keeper/plan/codec.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import { MAX_CODE_LENGTH, MAX_SIGNERS } from "../../../keeper/plan/limit.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { apply, eventsOf } from "./event.ts";
import { people } from "./person.ts";
import { ring, ringPairs, saltOf, settledChain } from "./plans.ts";
import { createWorld, tell } from "./world.ts";

const three = people(3);
const plan = ring(three);
const hash = planHash(plan);
const messages: readonly PlanMessage[] = [
  { kind: "propose", plan },
  { kind: "propose", plan: settledChain(three) },
  { kind: "accept", plan: hash },
  { kind: "refuse", plan: hash, code: "planNet" },
  { kind: "begin", plan: hash },
  { kind: "held", plan: hash },
  { kind: "prepare", plan: hash },
  { kind: "prepared", plan: hash },
  { kind: "drop", plan: hash, code: "" },
  { kind: "done", plan: hash, committed: true },
  { kind: "done", plan: hash, committed: false },
];

/** Decodes what it encodes, to the same; any flipped bit is refused or read as something else. */
function checkEncoding<T>(
  value: T,
  encode: (value: T) => Bytes,
  decode: (bytes: Bytes) => Result<T>,
): void {
  const bytes = encode(value);
  const decoded = decode(bytes);
  if (!decoded.ok) expect.fail(decoded.refusal.message);
  expect(decoded.value).to.deep.equal(value);
  expect(encode(decoded.value)).to.deep.equal(bytes);
  expect(decode(concatBytes(bytes, new Uint8Array(1))).ok, "a byte too many").to.equal(false);
  expect(decode(bytes.subarray(0, -1)).ok, "a byte too few").to.equal(false);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
    const other = decode(flipped);
    if (!other.ok) continue;
    expect(other.value, `byte ${at}`).not.to.deep.equal(value);
    expect(encode(other.value), `byte ${at} has one encoding`).to.deep.equal(flipped);
  }
}

describe("plan codec", () => {
  it("TST-3: every message has one encoding, and a flipped bit is noticed", () => {
    for (const message of messages) checkEncoding(message, encodePlanMessage, decodePlanMessage);
  });

  it("TST-3: any plan in range is encoded and read again", () => {
    const index = fc.nat({ max: MAX_SIGNERS - 1 });
    const leg = fc.record({
      left: index,
      right: index,
      token: fc.nat({ max: 2 ** 32 - 1 }),
      amount: fc.bigInt({ min: 1n - 2n ** 127n, max: 2n ** 127n - 1n }),
    });
    const record = fc.record({ legs: fc.array(leg, { maxLength: 20 }), commitBy: fc.maxSafeNat() });
    fc.assert(
      fc.property(record, ({ legs, commitBy }) => {
        const any = { ...plan, legs, commitBy };
        const decoded = decodePlan(encodePlan(any));
        expect(decoded).to.deep.equal({ ok: true, value: any });
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it("ACC-10: what is outside of its range is refused before it is kept", () => {
    const many = people(MAX_SIGNERS + 1).map(({ id }) => id);
    const faults: readonly Bytes[] = [
      encodePlan({ ...plan, signers: many }),
      encodePlan({ ...plan, signers: [new Uint8Array(32) as typeof hash] }),
      encodePlan({ ...plan, legs: [{ left: 0, right: MAX_SIGNERS, token: 1, amount: 1n }] }),
      encodePlan({ ...plan, legs: [{ left: 0, right: 1, token: 2 ** 32, amount: 1n }] }),
      encodePlan({ ...plan, legs: [{ left: 0, right: 1, token: 1, amount: 2n ** 127n }] }),
    ];
    for (const bytes of faults) expect(decodePlan(bytes).ok).to.equal(false);
    const code = "x".repeat(MAX_CODE_LENGTH + 1);
    for (const text of [code, "a b", "\n", "é"]) {
      const message = encodePlanMessage({ kind: "refuse", plan: hash, code: text });
      expect(decodePlanMessage(message).ok, text).to.equal(false);
    }
    expect(decodePlanMessage(encodeRlp([9, hash])).ok).to.equal(false);
    expect(decodePlanMessage(encodeRlp([1, hash, 0])).ok).to.equal(false);
  });

  it("TST-3: a certificate is the list of signatures in one encoding", () => {
    const signatures = three.map(({ sign }) => sign(hash));
    checkEncoding(signatures, encodeCertificate, decodeCertificate);
    const many = encodeCertificate(Array.from({ length: MAX_SIGNERS + 1 }, () => hash));
    expect(decodeCertificate(many).ok).to.equal(false);
  });

  it("TST-3: every book on the way of a plan is encoded and read again", () => {
    const start = createWorld(three, ringPairs(3));
    const seen = new Set<string>();
    for (const judgements of [
      [null, null, null],
      [null, "no", null],
    ]) {
      for (const full of [[], [1]]) {
        let world = tell({ ...start, judgements, full }, 0, { kind: "coordinate", plan });
        for (let event = eventsOf(world)[0]; event !== undefined; event = eventsOf(world)[0]) {
          for (const book of world.books) {
            const bytes = encodePlanBook(book);
            if (seen.has(bytes.join())) continue;
            seen.add(bytes.join());
            expect(decodePlanBook(bytes)).to.deep.equal({ ok: true, value: book });
          }
          world = apply(world, event);
        }
      }
    }
    expect(seen.size).to.be.greaterThan(40);
  });

  it("ARC-4: a book's bytes do not depend on the order in which plans came", () => {
    const [A] = three as [(typeof three)[0]];
    const plans = [1, 2, 3].map((salt) => ({ ...plan, salt: saltOf(salt) }));
    const world = createWorld(three, ringPairs(3));
    const bookOf = (order: readonly (typeof plan)[]): Bytes => {
      let now = world;
      for (const each of order) {
        const message = { kind: "propose", plan: each } as const;
        now = tell(now, 1, { kind: "message", from: A.id, message, claim: null });
        now = tell(now, 1, { kind: "coordinate", plan: each });
      }
      return encodePlanBook(now.books[1] as (typeof now.books)[0]);
    };
    expect(bookOf(plans)).to.deep.equal(bookOf(plans.toReversed()));
  });
});
