import { expect } from "chai";
import { MAX_TOKENS } from "../../../../keeper/account/limit.ts";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import { contextAt, START } from "../pair.ts";
import { describeTable, hold, row, settlementBy, type Table } from "../table.ts";

const credit = (limit: bigint, softLimit = 0n, token = 1): Transaction => ({
  kind: "setCredit",
  token,
  limit,
  softLimit,
});

const credits: readonly Table[] = [
  {
    title: "left's limit is what right may owe",
    transaction: credit(500n, 7n),
    expected: (after) => expect(after.rows[0]).to.include({ rightLimit: 500n, leftSoftLimit: 7n }),
  },
  {
    title: "right's limit is what left may owe",
    by: "right",
    transaction: credit(0n, 1n),
    expected: (after) => expect(after.rows[0]).to.include({ leftLimit: 0n, rightSoftLimit: 1n }),
  },
  {
    title: "a new token is listed in order",
    rows: [row({ token: 2 }), row({ token: 7 })],
    transaction: credit(1n, 0n, 5),
    expected: (after) => expect(after.rows.map(({ token }) => token)).to.deep.equal([2, 5, 7]),
  },
  { title: "token 0", transaction: credit(1n, 0n, 0), expected: "tokenRange" },
  { title: "2^127", transaction: credit(2n ** 127n), expected: "amountRange" },
  { title: "a soft limit of 2^127", transaction: credit(1n, 2n ** 127n), expected: "amountRange" },
  {
    title: "one token too many",
    rows: Array.from({ length: MAX_TOKENS }, (_, i) => row({ token: i + 1 })),
    transaction: credit(1n, 0n, MAX_TOKENS + 1),
    expected: "tooManyTokens",
  },
  {
    title: "a token that no final block has registered: no body may list it (ACC-1)",
    context: { ...contextAt(START), tokens: 4 },
    transaction: credit(0n, 0n, 5),
    expected: "tokenNotRegistered",
  },
  {
    title: "the newest token that a final block has registered",
    context: { ...contextAt(START), tokens: 5 },
    transaction: credit(1n, 0n, 5),
    expected: (after) => expect(after.rows.map(({ token }) => token)).to.deep.equal([1, 5]),
  },
  {
    title: "a token that is listed already, whatever is registered",
    context: { ...contextAt(START), tokens: 4 },
    rows: [row({ token: 5 })],
    transaction: credit(1n, 0n, 5),
    expected: (after) => expect(after.rows[0]?.rightLimit).to.equal(1n),
  },
  {
    title: "down to what is in use",
    rows: [row({ offdelta: 60n })],
    transaction: credit(20n),
    expected: (after) => expect(after.rows[0]?.rightLimit).to.equal(20n),
  },
  {
    title: "one below what is in use",
    rows: [row({ offdelta: 60n })],
    transaction: credit(19n),
    expected: "limitInUse",
  },
  {
    title: "holds are in use",
    rows: [row({ offdelta: 60n })],
    holds: [hold(5n)],
    transaction: credit(24n),
    expected: "limitInUse",
  },
  {
    title: "a signed settlement is in use, landed or not",
    by: "right",
    rows: [row({ offdelta: -50n })],
    settlement: settlementBy("left", 6),
    transaction: credit(9n),
    expected: "limitInUse",
  },
];

describeTable("RCP-3: setCredit", credits);
