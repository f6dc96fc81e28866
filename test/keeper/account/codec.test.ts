import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  decodeFrame,
  decodeMessage,
  encodeFrame,
  encodeMessage,
} from "../../../keeper/account/codec.ts";
import * as limit from "../../../keeper/account/limit.ts";
import type { AccountMessage } from "../../../keeper/account/message.ts";
import { decodeAccount, encodeAccount } from "../../../keeper/account/replica.ts";
import { accountRoot } from "../../../keeper/account/root.ts";
import { sizeBound, transactionValue } from "../../../keeper/account/transaction/codec.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Frame } from "../../../keeper/account/types.ts";
import { type Bytes32, equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { encodeRlp, type RlpValue } from "../../../keeper/codec/rlp/encode.ts";
import { connectedBench, run } from "./pair.ts";

const SEED = 20_261_121;
const RUNS = { seed: SEED, numRuns: 300 };

const amount = fc.bigInt({ min: 0n, max: 2n ** 127n - 1n });
const delta = fc.bigInt({ min: -(2n ** 127n) + 1n, max: 2n ** 127n - 1n });
const token = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const natural = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as Bytes32);
const bytes = fc.uint8Array({ maxLength: 100 });

const transaction: fc.Arbitrary<Transaction> = fc.oneof(
  fc.record({ kind: fc.constant("pay" as const), token, amount }),
  fc.record({
    kind: fc.constant("setCredit" as const),
    token,
    limit: amount,
    softLimit: amount,
  }),
  fc.record({
    kind: fc.constant("planHold" as const),
    plan: hash,
    deadline: natural,
    moves: fc.array(fc.record({ token, amount: delta }), { maxLength: limit.MAX_MOVES }),
  }),
  fc.record({ kind: fc.constant("planCommit" as const), plan: hash, certificate: bytes }),
  fc.record({ kind: fc.constant("planAbort" as const), plan: hash }),
  fc.record({
    kind: fc.constant("proposeSettlement" as const),
    deadline: natural,
    diffs: fc.array(
      fc.record({
        token,
        leftDiff: delta,
        rightDiff: delta,
        collateralDiff: delta,
        ondeltaDiff: delta,
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ kind: fc.constant("signSettlement" as const), number: natural }),
  fc.record({
    kind: fc.constant("chainEvent" as const),
    height: natural,
    blockHash: hash,
    timestamp: natural,
    epoch: natural,
    number: natural,
    rows: fc.array(fc.record({ token, collateral: amount, ondelta: delta }), { maxLength: 4 }),
  }),
);

const frame: fc.Arbitrary<Frame> = fc.record({
  epoch: natural,
  number: natural,
  previousHash: hash,
  timestamp: natural,
  transactions: fc.array(transaction, { maxLength: 6 }),
  stateRoot: hash,
});

const message: fc.Arbitrary<AccountMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("hello" as const),
    epoch: natural,
    number: natural,
    head: hash,
    inFlight: hash,
    highestSigned: natural,
  }),
  fc.record({ kind: fc.constant("frame" as const), frame: bytes }),
  fc.record({ kind: fc.constant("acknowledge" as const), frame: hash }),
  fc.record({
    kind: fc.constant("refuse" as const),
    frame: hash,
    highest: natural,
    code: fc.constantFrom("amountRange", "x"),
    transaction: fc.integer({ min: -1, max: limit.MAX_TRANSACTIONS - 1 }),
    stateRoot: hash,
    trail: fc.nat({ max: 20 }).chain((steps) =>
      fc.uint8Array({
        minLength: steps * limit.TRAIL_STEP_BYTES,
        maxLength: steps * limit.TRAIL_STEP_BYTES,
      }),
    ),
  }),
  fc.record({ kind: fc.constant("settlement" as const), number: natural }),
  fc.record({
    kind: fc.constant("history" as const),
    frames: fc.array(
      fc.record({
        bytes,
        proposer: fc.constantFrom("left" as const, "right" as const),
        hash,
        number: natural,
        stateRoot: hash,
        digest: hash,
        signature: bytes,
      }),
      { maxLength: limit.MAX_RECENT_FRAMES },
    ),
  }),
);

/** The fields of a refusal's message with a trail of so many bytes. */
function refusalOf(code: string, trail: number): readonly RlpValue[] {
  const hash32 = new Uint8Array(32);
  return [3, hash32, 1, code, 0, hash32, new Uint8Array(trail)];
}

/** A refusal's code, or null for what is accepted. */
function codeOf(result: { ok: boolean; refusal?: { code: string } }): string | null {
  return result.ok ? null : (result.refusal?.code ?? null);
}

/** A frame of this many transactions, in raw RLP. */
function frameOf(transactions: readonly RlpValue[], base = 4): Uint8Array {
  return encodeRlp([0, 3, new Uint8Array(base), 0, new Uint8Array(32), transactions]);
}

describe("account/codec", () => {
  it("TST-3: a frame decodes to itself and encodes to the same bytes", () => {
    const property = fc.property(frame, (original) => {
      const encoded = encodeFrame(original);
      const decoded = decodeFrame(encoded, [keccakText("another"), original.previousHash]);
      if (!decoded.ok) throw new Error(decoded.refusal.message);
      expect(decoded.value).to.deep.equal(original);
      expect(toHex(encodeFrame(decoded.value))).to.equal(toHex(encoded));
    });
    fc.assert(property, RUNS);
  });

  it("TST-3: a message decodes to itself and encodes to the same bytes", () => {
    const property = fc.property(message, (original) => {
      const encoded = encodeMessage(original);
      const decoded = decodeMessage(encoded);
      if (!decoded.ok) throw new Error(decoded.refusal.message);
      expect(decoded.value).to.deep.equal(original);
      expect(toHex(encodeMessage(decoded.value))).to.equal(toHex(encoded));
    });
    fc.assert(property, RUNS);
  });

  it("TST-3: what decodes after one byte has changed is canonical too", () => {
    const property = fc.property(
      message,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (m, at, x) => {
        const encoded = encodeMessage(m);
        const flipped = encoded.slice();
        const place = at % flipped.length;
        flipped[place] = (flipped[place] as number) ^ x;
        const decoded = decodeMessage(flipped);
        if (decoded.ok) expect(toHex(encodeMessage(decoded.value))).to.equal(toHex(flipped));
      },
    );
    fc.assert(property, { ...RUNS, numRuns: 1_000 });
  });

  it("ACC-10: no transaction takes more bytes in a frame than its bound says", () => {
    const property = fc.property(transaction, (original) => {
      expect(encodeRlp(transactionValue(original)).length).to.be.at.most(sizeBound(original));
    });
    fc.assert(property, RUNS);
  });

  it("ACC-10: limits hold at the boundary and refuse one past it", () => {
    const abort = [4, new Uint8Array(32)];
    const many = (count: number, item: RlpValue) => Array.from({ length: count }, () => item);
    const bases = [new Uint8Array(32) as Bytes32];
    const decode = (transactions: readonly RlpValue[]) =>
      codeOf(decodeFrame(frameOf(transactions), bases));
    expect(decode(many(limit.MAX_TRANSACTIONS, abort))).to.equal(null);
    expect(decode(many(limit.MAX_TRANSACTIONS + 1, abort))).to.equal("badEncoding");
    const holdOf = (count: number) => [2, new Uint8Array(32), 1, many(count, [1, 2])];
    expect(decode([holdOf(limit.MAX_MOVES)])).to.equal(null);
    expect(decode([holdOf(limit.MAX_MOVES + 1)])).to.equal("badEncoding");
    const commitOf = (count: number) => [3, new Uint8Array(32), new Uint8Array(count)];
    expect(decode([commitOf(limit.MAX_CERTIFICATE_BYTES)])).to.equal(null);
    expect(decode([commitOf(limit.MAX_CERTIFICATE_BYTES + 1)])).to.equal("badEncoding");
    const trailOf = (bytes: number) => codeOf(decodeMessage(encodeRlp(refusalOf("x", bytes))));
    expect(trailOf(limit.MAX_TRAIL_BYTES)).to.equal(null);
    expect(trailOf(limit.MAX_TRAIL_BYTES + limit.TRAIL_STEP_BYTES)).to.equal("badEncoding");
    const diffsOf = (count: number) => [5, 1, many(count, [1, 0, 0, 0, 0])];
    expect(decode([diffsOf(limit.MAX_DIFFS)])).to.equal(null);
    expect(decode([diffsOf(limit.MAX_DIFFS + 1)])).to.equal("badEncoding");
    const eventOf = (n: number) => [7, 1, new Uint8Array(32), 1, 0, 0, many(n, [1, 0, 0])];
    expect(decode([eventOf(limit.MAX_TOKENS)])).to.equal(null);
    expect(decode([eventOf(limit.MAX_TOKENS + 1)])).to.equal("badEncoding");
  });

  it("ACC-10: lengths are refused before anything is read", () => {
    const frameBytes = new Uint8Array(limit.MAX_FRAME_BYTES + 1);
    expect(codeOf(decodeFrame(frameBytes, []))).to.equal("frameTooLong");
    const messageBytes = new Uint8Array(limit.MAX_MESSAGE_BYTES + 1);
    expect(codeOf(decodeMessage(messageBytes))).to.equal("messageTooLong");
    expect(codeOf(decodeMessage(encodeRlp([1, frameBytes])))).to.equal("badEncoding");
  });

  it("ACC-10: malformed frames and messages are refused", () => {
    const bases = [new Uint8Array(32) as Bytes32];
    const frames: readonly [string, Uint8Array][] = [
      ["an unknown kind of transaction", frameOf([[8, 1]])],
      ["token 0", frameOf([[1, 0, 5]])],
      ["an amount of 2^127", frameOf([[1, 1, 2n ** 127n]])],
      ["a field too many", frameOf([[1, 1, 5, 5]])],
      ["a field too few", frameOf([[1, 1]])],
      ["a short base", frameOf([], 3)],
      ["bytes left over", Uint8Array.of(...frameOf([]), 0)],
      ["no list", Uint8Array.of(1)],
      ["nothing", new Uint8Array(0)],
    ];
    for (const [name, malformed] of frames) {
      expect(codeOf(decodeFrame(malformed, bases)), name).to.equal("badEncoding");
    }
    const messages: readonly [string, RlpValue][] = [
      ["an unknown kind", [6]],
      ["a code with other than letters", refusalOf("a b", 0)],
      ["an empty code", refusalOf("", 0)],
      ["a code too long", refusalOf("x".repeat(limit.MAX_CODE_LENGTH + 1), 0)],
      ["a trail that ends within a step", refusalOf("x", limit.TRAIL_STEP_BYTES - 1)],
      ["a refusal without a trail", refusalOf("x", 0).slice(0, -1)],
      ["a hash of 31 bytes", [2, new Uint8Array(31)]],
      ["a number above 2^53", [5, 2n ** 53n]],
    ];
    for (const [name, malformed] of messages) {
      expect(codeOf(decodeMessage(encodeRlp(malformed))), name).to.equal("badEncoding");
    }
  });

  it("ACC-5: a frame built on something unknown is told apart from a malformed one", () => {
    const bases = [keccakText("head"), keccakText("in flight")];
    expect(codeOf(decodeFrame(frameOf([]), bases))).to.equal("baseUnknown");
  });

  it("STO-1: a replica decodes to itself, and each of its bytes counts for its root", () => {
    const bench = connectedBench();
    const credit: Transaction = { kind: "setCredit", token: 1, limit: 5n, softLimit: 1n };
    run(bench, "left", { kind: "submit", transactions: [credit] });
    const account = bench.accounts.left;
    const encoded = encodeAccount(account);
    const decoded = decodeAccount(encoded);
    if (!decoded.ok) throw new Error(decoded.refusal.message);
    expect(decoded.value).to.deep.equal(account);
    const root = accountRoot(account);
    expect(equalBytes(accountRoot(decoded.value), root)).to.equal(true);
    for (let i = 0; i < encoded.length; i++) {
      const flipped = encoded.slice();
      flipped[i] = (flipped[i] as number) ^ 1;
      const other = decodeAccount(flipped);
      if (other.ok) expect(toHex(encodeAccount(other.value))).to.equal(toHex(flipped));
      if (other.ok) expect(equalBytes(accountRoot(other.value), root), `${i}`).to.equal(false);
    }
  });
});
