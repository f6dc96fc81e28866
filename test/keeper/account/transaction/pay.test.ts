import { expect } from "chai";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import type { AccountState } from "../../../../keeper/account/types.ts";
import { MAX_AMOUNT } from "../../../../keeper/base/amount.ts";
import { describeTable, hold, row, settlementBy, type Table } from "../table.ts";

const pay = (amount: bigint, token = 1): Transaction => ({ kind: "pay", token, amount });
const offdeltaIs = (expected: bigint) => (after: AccountState) =>
  expect(after.rows[0]?.offdelta).to.equal(expected);

/** delta 60 in [−40, 130]: left can send 100, right 70. */
const pays: readonly Table[] = [
  { title: "left sends all it can", transaction: pay(100n), expected: offdeltaIs(-100n) },
  { title: "one unit past it", transaction: pay(101n), expected: "insufficientCapacity" },
  { title: "right sends all", by: "right", transaction: pay(70n), expected: offdeltaIs(70n) },
  {
    title: "right, one past",
    by: "right",
    transaction: pay(71n),
    expected: "insufficientCapacity",
  },
  { title: "nothing", transaction: pay(0n), expected: "amountZero" },
  { title: "2^127 before anything else", transaction: pay(2n ** 127n, 9), expected: "amountRange" },
  { title: "a token not listed", transaction: pay(1n, 9), expected: "tokenNotListed" },
  {
    title: "a hold takes from what left can send",
    holds: [hold(-30n)],
    transaction: pay(71n),
    expected: "insufficientCapacity",
  },
  {
    title: "a hold in left's favour gives left nothing before it ends",
    holds: [hold(30n)],
    transaction: pay(101n),
    expected: "insufficientCapacity",
  },
  {
    title: "up to what the hold leaves",
    holds: [hold(-30n)],
    transaction: pay(70n),
    expected: offdeltaIs(-70n),
  },
  {
    title: "a signed settlement counts as landed",
    settlement: settlementBy("left", 6),
    transaction: pay(81n),
    expected: "insufficientCapacity",
  },
  {
    title: "a proposed settlement binds nobody",
    settlement: settlementBy("left", 0),
    transaction: pay(100n),
    expected: offdeltaIs(-100n),
  },
  {
    title: "offdelta past 2^127",
    rows: [row({ offdelta: -MAX_AMOUNT, ondelta: MAX_AMOUNT, leftLimit: 5n })],
    transaction: pay(1n),
    expected: "amountRange",
  },
];

describeTable("RCP-4, RCP-5: pay", pays);
