import { expect } from "chai";
import { describe, it } from "mocha";
import type { Bytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { decodeRlp, type RlpReader } from "../../../keeper/codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../../../keeper/codec/rlp/encode.ts";
import {
  batchesItem,
  type EntityBatches,
  headItem,
  readBatches,
  readHead,
} from "../../../keeper/entity/codec/head.ts";
import {
  openItem,
  outstandingItem,
  readOpen,
  readOutstanding,
} from "../../../keeper/entity/codec/open.ts";
import type { OpenCommand, Outstanding } from "../../../keeper/entity/types.ts";
import { type PageName, pageKey, pageName, pageText } from "../../../keeper/runtime/page.ts";
import { personOf } from "./world.ts";

const [alice, bob] = [personOf("alice").id, personOf("bob").id];
const plan = keccakText("plan");

function roundTrip<T>(item: RlpValue, read: (reader: RlpReader) => T): T {
  const decoded = decodeRlp(encodeRlp(item), read);
  if (!decoded.ok) throw new Error(decoded.refusal.message);
  return decoded.value;
}

describe("what an entity's pages hold", () => {
  const row = {
    left: alice,
    right: bob,
    token: 7,
    delta: -(2n ** 126n),
    collateral: 5n,
    leftLimit: 0n,
    rightLimit: 2n ** 127n - 1n,
    leftSoftLimit: 1n,
    rightSoftLimit: 2n,
    consent: true,
  };
  const waits: readonly OpenCommand["waitsFor"][] = [
    { kind: "transactions", peer: bob },
    { kind: "batch", nonce: null },
    { kind: "batch", nonce: 0 },
    { kind: "batch", nonce: 300 },
    { kind: "settlement", peer: alice },
    { kind: "rows", missing: [bob], handed: [{ by: alice, rows: [row] }] },
    { kind: "plan", plan },
  ];
  for (const waitsFor of waits) {
    it(`STO-1: a command that waits for ${waitsFor.kind} comes back`, () => {
      const command: OpenCommand = { id: "Überweisung №1", waitsFor };
      expect(roundTrip(openItem(command), readOpen)).to.deep.equal(command);
    });
  }

  it("STO-1: of a command's transactions, those that are agreed stay agreed", () => {
    const queue: readonly Outstanding[] = [
      {
        id: "a",
        from: 1,
        transactions: [
          { kind: "pay", token: 1, amount: 5n },
          { kind: "setCredit", token: 1, limit: 9n, softLimit: 3n },
        ],
      },
      { id: "b", from: 0, transactions: [{ kind: "pay", token: 2, amount: 0n }] },
    ];
    expect(roundTrip(outstandingItem(queue), readOutstanding)).to.deep.equal(queue);
    const done = [{ ...queue[0], from: 2 } as Outstanding];
    expect(decodeRlp(encodeRlp(outstandingItem(done)), readOutstanding).ok).to.equal(false);
  });

  it("STO-1: the batch under way and those behind it come back", () => {
    const operations = {
      reserveToReserve: [{ to: bob, token: 1, amount: 4n }],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
    };
    const batch = { entity: alice, nonce: 3, deadline: 99, operations };
    const all: readonly EntityBatches[] = [
      { pendingBatch: null, waitingBatches: [] },
      {
        pendingBatch: { batch, digest: plan, tick: 9 },
        waitingBatches: [{ id: "w", deadline: 5, operations }],
      },
    ];
    for (const batches of all) {
      expect(roundTrip(batchesItem(batches), readBatches)).to.deep.equal(batches);
    }
  });

  it("STO-1: the head comes back", () => {
    const members = [alice, bob].sort(Buffer.compare).map((id) => ({ id, weight: 2 }));
    const board = { threshold: 3, members };
    const rest = { height: 5, nonce: 6, consent: { netting: false }, history: plan };
    const head = { id: alice, board, ...rest };
    expect(roundTrip(headItem(head), readHead)).to.deep.equal(head);
    const reversed = { ...head, board: { ...board, members: members.toReversed() } };
    expect(decodeRlp(encodeRlp(headItem(reversed)), readHead).ok).to.equal(false);
  });
});

describe("keys of pages", () => {
  const names: readonly PageName[] = [
    { kind: "head" },
    { kind: "view" },
    { kind: "ids", page: 0 },
    { kind: "ids", page: 256 },
    { kind: "entity", entity: 0 },
    { kind: "batches", entity: 0 },
    { kind: "plans", entity: 0 },
    { kind: "accounts", entity: 0, page: 255 },
    { kind: "accounts", entity: 0, page: 2 ** 33 },
    { kind: "waiting", entity: 0, page: 0 },
    { kind: "reserves", entity: 0, page: 0 },
    { kind: "open", entity: 0, page: 0 },
    { kind: "outstanding", entity: 0, page: 0 },
    { kind: "results", entity: 0, page: 9 },
    { kind: "boards", entity: 0, page: 0 },
    { kind: "entity", entity: 1 },
  ];

  it("STO-1: they sort in the order of reading, and tell their names", () => {
    const keys = names.map(pageKey);
    expect([...keys].sort(Buffer.compare)).to.deep.equal(keys);
    expect(keys.map(pageName)).to.deep.equal(names);
    const [, , , , , , , account] = keys as Bytes[];
    expect(pageText(account as Bytes)).to.equal("accounts of entity 0, page 255");
  });

  it("STO-1: other keys have no name", () => {
    for (const hex of ["", "00ff", "02", "04", "0300000000", "030000000001ff", "0300000000ff"]) {
      expect(pageName(Buffer.from(hex, "hex")), hex).to.equal(null);
    }
  });
});
