import { expect } from "chai";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import type { ObservedBlock } from "../../../../keeper/account/types.ts";
import { keccakText } from "../../../../keeper/codec/keccak.ts";
import { blockAt, contextAt, START } from "../pair.ts";
import { describeTable, settlementBy, type Table } from "../table.ts";

function seen(height: number, number = 0, fields: Partial<ObservedBlock> = {}): ObservedBlock {
  const rows = [{ token: 1, collateral: 150n, ondelta: 60n }];
  return { ...blockAt(height), epoch: 0, number, rows, ...fields };
}
function event(block: ObservedBlock): Transaction {
  const { height, hash: blockHash, timestamp, epoch, number, rows } = block;
  return { kind: "chainEvent", height, blockHash, timestamp, epoch, number, rows };
}
const final = (height: number, timestamp?: number) =>
  contextAt(START, blockAt(height, timestamp ?? START + height));
const passing = (height: number): Transaction =>
  event({ ...blockAt(height), epoch: 0, number: 0, rows: [] });

const events: readonly Table[] = [
  {
    title: "rows are absolute",
    context: final(7),
    pending: [seen(5)],
    transaction: event(seen(5)),
    expected: (after) => {
      expect(after.rows[0]).to.include({ collateral: 150n, ondelta: 60n });
      expect(after.observed.height).to.equal(5);
    },
  },
  {
    title: "a block that the own watcher does not have",
    context: final(4),
    pending: [seen(5)],
    transaction: event(seen(5)),
    expected: "eventNotFinal",
  },
  { title: "no final block at all", transaction: event(seen(5)), expected: "eventNotFinal" },
  {
    title: "another epoch",
    context: final(7),
    pending: [seen(5)],
    transaction: event(seen(5, 0, { epoch: 1 })),
    expected: "epochChanged",
  },
  {
    title: "a block in which nothing is due",
    context: final(7),
    transaction: event(seen(5)),
    expected: "eventUnknown",
  },
  ...[
    seen(5, 0, { hash: keccakText("other") }),
    seen(5, 0, { timestamp: START }),
    seen(5, 1),
    seen(5, 0, { rows: [{ token: 1, collateral: 151n, ondelta: 60n }] }),
    seen(5, 0, { rows: [{ token: 1, collateral: 150n, ondelta: 61n }] }),
  ].map((block, i) => ({
    title: `wrong value ${i}`,
    context: final(7),
    pending: [seen(5)],
    transaction: event(block),
    expected: "eventMismatch",
  })),
  {
    title: "only the rows of listed tokens",
    context: final(7),
    pending: [seen(5, 0, { rows: [...seen(5).rows, { token: 2, collateral: 1n, ondelta: 1n }] })],
    transaction: event(seen(5)),
    expected: (after) => expect(after.rows).to.have.length(1),
  },
  {
    title: "an earlier block is due first",
    context: final(7),
    pending: [seen(4), seen(5)],
    transaction: event(seen(5)),
    expected: "eventOutOfOrder",
  },
  {
    title: "an earlier block of a token not listed does not count",
    context: final(7),
    pending: [seen(4, 0, { rows: [{ token: 2, collateral: 1n, ondelta: 0n }] }), seen(5)],
    transaction: event(seen(5)),
    expected: (after) => expect(after.observed.height).to.equal(5),
  },
  {
    title: "the settlement landed",
    context: final(7),
    settlement: settlementBy("left", 6),
    pending: [seen(5, 6, { rows: [{ token: 1, collateral: 80n, ondelta: 40n }] })],
    transaction: event(seen(5, 6, { rows: [{ token: 1, collateral: 80n, ondelta: 40n }] })),
    expected: (after) => expect(after.settlement).to.equal(null),
  },
  {
    title: "a deposit meanwhile leaves the settlement open",
    context: final(7),
    settlement: settlementBy("left", 6),
    pending: [seen(5)],
    transaction: event(seen(5)),
    expected: (after) => expect(after.settlement?.settlement.number).to.equal(6),
  },
  {
    title: "amounts that no contract stores",
    context: final(7),
    pending: [seen(5, 0, { rows: [{ token: 1, collateral: 2n ** 127n, ondelta: 60n }] })],
    transaction: event(seen(5, 0, { rows: [{ token: 1, collateral: 2n ** 127n, ondelta: 60n }] })),
    expected: "amountRange",
  },
  {
    title: "passing: a final block past the deadline closes the settlement",
    context: final(200),
    settlement: settlementBy("left", 6),
    transaction: passing(200),
    expected: (after) => expect(after.settlement).to.equal(null),
  },
  {
    title: "passing: at the deadline it may still land",
    context: final(100),
    settlement: settlementBy("left", 6),
    transaction: passing(100),
    expected: "deadlineAhead",
  },
  {
    title: "passing: only the peer says so",
    context: final(150, START + 100),
    settlement: settlementBy("left", 6),
    transaction: passing(149),
    expected: "deadlineAhead",
  },
  {
    title: "passing: no signed settlement",
    context: final(200),
    settlement: settlementBy("left", 0),
    transaction: passing(200),
    expected: "noSettlement",
  },
  {
    title: "passing: another block at that height",
    context: final(200, START + 300),
    settlement: settlementBy("left", 6),
    transaction: passing(200),
    expected: "eventMismatch",
  },
  {
    title: "passing: a block is due first",
    context: final(200),
    settlement: settlementBy("left", 6),
    pending: [seen(50)],
    transaction: passing(200),
    expected: "eventOutOfOrder",
  },
  {
    title: "passing: the own watcher saw it land",
    context: final(300),
    settlement: settlementBy("left", 6),
    pending: [seen(250, 6)],
    transaction: passing(200),
    expected: "settlementLanded",
  },
];

describeTable("ACC-8: chainEvent", events);
