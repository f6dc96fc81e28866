import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { asBytes32, type Bytes, type Bytes32, compareBytes } from "../../../keeper/base/bytes.ts";
import type { Result } from "../../../keeper/base/result.ts";
import { decodeRlp, type RlpReader } from "../../../keeper/codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../../../keeper/codec/rlp/encode.ts";
import {
  batchItem,
  decodeInput,
  decodeView,
  encodeInput,
  encodeView,
  planCommitItem,
  readBatch,
  readPlanCommit,
  readSettlement,
  settlementItem,
} from "../../../keeper/jurisdiction/codec.ts";
import { emptyView, step } from "../../../keeper/jurisdiction/step.ts";
import type {
  Batch,
  ChainEvent,
  PlanCommit,
  Settlement,
} from "../../../keeper/jurisdiction/types.ts";
import { block, hashOf, jurisdiction, reorgTo } from "./chain.ts";

const MOST = 2n ** 127n - 1n;
const id = (first: number): Bytes32 => asBytes32(new Uint8Array(32).fill(first));
const address = new Uint8Array(20).fill(9);

const events: readonly ChainEvent[] = [
  {
    kind: "account",
    left: id(1),
    right: id(2),
    token: 2 ** 32 - 1,
    epoch: 3,
    number: 2 ** 53 - 1,
    collateral: MOST,
    ondelta: -MOST,
  },
  { kind: "reserve", entity: id(1), token: 1, amount: 0n },
  { kind: "batch", entity: id(1), nonce: 1 },
  { kind: "token", token: 1, contract: address, assetId: null },
  { kind: "token", token: 2, contract: address, assetId: id(0) },
  { kind: "board", entity: id(1), boardHash: id(7) },
  { kind: "plan", plan: id(8) },
];

const settlement: Settlement = {
  left: id(1),
  right: id(2),
  epoch: 0,
  number: 9,
  deadline: 1_700_000_000,
  plan: asBytes32(new Uint8Array(32)),
  diffs: [
    { token: 1, leftDiff: 5n, rightDiff: -5n, collateralDiff: 0n, ondeltaDiff: -5n },
    { token: 4, leftDiff: MOST, rightDiff: -1n, collateralDiff: 1n - MOST, ondeltaDiff: -MOST },
  ],
};

const batch: Batch = {
  entity: id(1),
  nonce: 1,
  deadline: 1_700_000_000,
  operations: {
    reserveToReserve: [{ to: id(2), token: 1, amount: 3n }],
    settlements: [{ settlement, signature: new Uint8Array(65).fill(8) }],
    reserveToCollateral: [{ payee: id(1), counterparty: id(2), token: 1, amount: MOST }],
    withdrawals: [{ to: address, token: 2, amount: 1n }],
  },
};

const commit: PlanCommit = {
  plan: id(6),
  signers: [id(1), id(2)],
  legsHash: id(5),
  settlements: [{ ...settlement, number: 0 }],
  salt: id(4),
  commitBy: 1_700_000_000,
  signatures: [new Uint8Array(65).fill(8), new Uint8Array(97).fill(9)],
};

/** Decodes what it encodes, to the same; a flipped bit is refused or read as something else. */
function checkEncoding<T>(
  value: T,
  encode: (value: T) => Bytes,
  decode: (bytes: Bytes) => Result<T>,
): void {
  const bytes = encode(value);
  expect(decode(bytes)).to.deep.equal({ ok: true, value });
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
    const other = decode(flipped);
    if (!other.ok) continue;
    expect(other.value, `byte ${at}`).not.to.deep.equal(value);
    expect(encode(other.value), `byte ${at} has one encoding`).to.deep.equal(flipped);
  }
}

/** The same for what is only embedded. */
function checkItem<T>(
  value: T,
  item: (value: T) => RlpValue,
  read: (reader: RlpReader) => T,
): void {
  checkEncoding(
    value,
    (each) => encodeRlp(item(each)),
    (bytes) => decodeRlp(bytes, read),
  );
}

describe("jurisdiction codec", () => {
  it("TST-3: blocks with every event, and reorgs, have one encoding", () => {
    checkEncoding({ kind: "block", block: block("a11", "a10", events) }, encodeInput, decodeInput);
    checkEncoding(reorgTo("a10"), encodeInput, decodeInput);
  });

  it("TST-3: settlements, batches and commits of plans have one encoding", () => {
    checkItem(commit, planCommitItem, readPlanCommit);
    checkItem(settlement, settlementItem, readSettlement);
    checkItem(batch, batchItem, readBatch);
  });

  it("TST-3, CHN-2: a view is written and read at every block", () => {
    let view = emptyView(jurisdiction);
    checkEncoding(view, encodeView, decodeView);
    for (const name of ["a10", "a11", "a12", "a13"]) {
      const result = step(view, { kind: "block", block: block(name, undefined, events) });
      if (!result.ok) expect.fail(result.refusal.message);
      view = result.value.view;
      checkEncoding(view, encodeView, decodeView);
    }
    const [first, ...rest] = view.recent;
    const torn = [
      { ...view, recent: rest },
      { ...view, recent: [...view.recent, block("a14")] },
      {
        ...view,
        recent: [first, { ...rest[0], parentHash: hashOf("x", 1) }] as typeof view.recent,
      },
    ];
    for (const each of torn) expect(decodeView(encodeView(each)).ok).to.equal(false);
  });

  it("DEP-4, ENT-1: a settlement out of order or balance, and nobody's id, are refused", () => {
    const [first, second] = settlement.diffs as [Settlement["diffs"][0], Settlement["diffs"][0]];
    const faults: readonly Settlement[] = [
      { ...settlement, left: settlement.right, right: settlement.left },
      { ...settlement, right: settlement.left },
      { ...settlement, left: asBytes32(new Uint8Array(32)) },
      { ...settlement, diffs: [second, first] },
      { ...settlement, diffs: [first, first] },
      { ...settlement, diffs: [{ ...first, collateralDiff: 1n }] },
    ];
    for (const fault of faults) {
      expect(decodeRlp(encodeRlp(settlementItem(fault)), readSettlement).ok).to.equal(false);
    }
  });

  it("TST-3: any amounts in range are read as they were written", () => {
    const delta = fc.bigInt({ min: -(2n ** 126n), max: 2n ** 126n });
    fc.assert(
      fc.property(delta, delta, fc.uint8Array({ minLength: 32, maxLength: 32 }), (l, r, bytes) => {
        const other = asBytes32(bytes);
        if (compareBytes(id(1), other) >= 0) return;
        const diff = {
          token: 1,
          leftDiff: l,
          rightDiff: r,
          collateralDiff: -l - r,
          ondeltaDiff: -l,
        };
        const any = { ...settlement, right: other, diffs: [diff] };
        const decoded = decodeRlp(encodeRlp(settlementItem(any)), readSettlement);
        const inRange = -l - r <= MOST && -l - r >= -MOST;
        if (inRange) expect(decoded).to.deep.equal({ ok: true, value: any });
        else expect(decoded.ok).to.equal(false);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
