import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  bodyOf,
  type EnforcedCondition,
  hashBody,
  packCondition,
  packSlots,
} from "../../../keeper/account/body.ts";
import { hashPages } from "../../../keeper/account/condition.ts";
import { bodyHash, conditionsRoot } from "../../../keeper/account/digest.ts";
import {
  disputeCommitment,
  headWord,
  overtakingWord,
  readHead,
  readWindow,
  windowLength,
  windowWord,
} from "../../../keeper/account/dispute.ts";
import { MAX_CONDITIONS, MAX_CONDITIONS_BYTES, MAX_TOKENS } from "../../../keeper/account/limit.ts";
import type { AccountState } from "../../../keeper/account/types.ts";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { toHex, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { openPair } from "./pair.ts";
import { hold, row } from "./table.ts";

const lockAt = (index: number) => hold(1n, keccakText(`plan ${index}`));

describe("account/body", () => {
  it("DIS-1: an account's body hashes to what its proof signs, whatever slots are free", () => {
    for (const count of [0, 1, 15, 16, 17, 40]) {
      for (const gap of [0, 3]) {
        const slots = Array.from({ length: count }, (_, i) => (i % 4 < gap ? null : lockAt(i)));
        const pages = hashPages(slots);
        const rows = [row(), row({ token: 2, offdelta: -7n })];
        const conditions = { slots: [...slots, null], free: [], pages };
        const state: AccountState = { ...openPair().left.state, rows, conditions };
        const expected = bodyHash({ tokens: rows, conditionsRoot: conditionsRoot(pages) });
        const body = bodyOf(state);
        expect(toHex(hashBody(body))).to.equal(toHex(expected));
        expect(body.slots.at(-1)).to.not.equal(null);
      }
    }
  });

  it("ACC-1 ACC-10: no account grows past what the chain takes as a body", () => {
    const bound = (file: string, name: string): number => {
      const path = join(import.meta.dirname, "../../../contracts/library", file);
      const found = new RegExp(`${name} = ([0-9_]+);`).exec(readFileSync(path, "utf8"));
      return Number(found?.[1]?.replaceAll("_", ""));
    };
    expect(MAX_TOKENS).to.equal(bound("Body.sol", "MAX_ROWS"));
    expect(MAX_CONDITIONS_BYTES).to.equal(bound("Condition.sol", "MAX_BYTES"));
    expect(MAX_CONDITIONS).to.be.at.most(bound("Condition.sol", "MAX_SLOTS"));
    const bytes = packSlots([hold(1n)]).length;
    expect(bytes, "as a hold counts it").to.equal(2 + 42 + 20);
  });

  it("CND-1: each kind of condition is packed as it is hashed", () => {
    const common = { deadline: 0x1122, moves: [{ token: 3, amount: -2n }] };
    const word = keccakText("subject");
    const packed = (condition: EnforcedCondition): string => toHex(packCondition(condition));
    const head = (kind: string, subject: string) =>
      `0x${kind}0000000000001122${subject}0100000003${"f".repeat(31)}e`;
    const subject = toHex(word).slice(2);
    expect(packed({ kind: "hashLock", hash: word, ...common })).to.equal(head("01", subject));
    expect(packed({ kind: "planLock", plan: word, ...common })).to.equal(head("02", subject));
    const order = { kind: "limitOrder", order: word, ...common } as const;
    expect(packed({ ...order, taker: "left" })).to.equal(`${head("03", subject)}00`);
    expect(packed({ ...order, taker: "right" })).to.equal(`${head("03", subject)}01`);
    const transformer = {
      ...common,
      kind: "transformer",
      transformer: new Uint8Array(20).fill(0xab),
      gas: 0x5566,
      lower: [-3n],
      payload: Uint8Array.of(0xcc),
    } as const;
    const address = `${"00".repeat(12)}${"ab".repeat(20)}`;
    const data = `00005566${"f".repeat(31)}dcc`;
    expect(packed(transformer)).to.equal(`${head("04", address)}${data}`);
  });

  it("CND-1: slots carry their lengths, empty ones none, and the last one is taken", () => {
    const first = packCondition(lockAt(0));
    expect(toHex(packSlots([null, lockAt(0)]))).to.equal(`0x0000003e${toHex(first).slice(2)}`);
    expect(packSlots([]).length).to.equal(0);
    expect(() => packSlots([lockAt(0), null])).to.throw(InvariantError);
  });
});

describe("account/dispute", () => {
  it("DIS-2: the window is the sum of both response times, clamped", () => {
    const bounds = { shortest: 100, longest: 1_000 };
    const length = (left: number, right: number) => windowLength({ left, right }, bounds);
    expect([length(0, 99), length(50, 60), length(600, 600)]).to.deep.equal([100, 110, 1_000]);
    expect(length(2 ** 32 - 1, 2 ** 32 - 1)).to.equal(1_000);
  });

  it("DIS-5: words are read as they are written", () => {
    const window = { salt: 2n ** 64n - 1n, flags: 0x1f, startedAt: 1, end: 2 ** 40 };
    expect(readWindow(windowWord(window))).to.deep.equal(window);
    const dispute = disputeCommitment(windowWord(window), ZERO_BYTES32);
    const head = { dispute, overtaken: true, epoch: 2 ** 31 - 1, number: 2 ** 50 };
    expect(readHead(headWord(head))).to.deep.equal(head);
    expect(readHead(0n)).to.deep.equal({ dispute: 0n, overtaken: false, epoch: 0, number: 0 });
    expect(dispute >> 160n).to.equal(0n);
    expect(overtakingWord(7, windowWord(window), ZERO_BYTES32) >> 192n).to.equal(7n);
  });
});
