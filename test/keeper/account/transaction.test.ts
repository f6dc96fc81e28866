import { expect } from "chai";
import { describe, it } from "mocha";
import { MAX_CERTIFICATE_BYTES, MAX_TOKENS } from "../../../keeper/account/limit.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { AccountState, ObservedBlock } from "../../../keeper/account/types.ts";
import { MAX_AMOUNT } from "../../../keeper/base/amount.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { blockAt, contextAt, START, WILLING } from "./pair.ts";
import { hold, outcomeOf, PLAN, row, settlementBy, type Table } from "./table.ts";

const pay = (amount: bigint, token = 1): Transaction => ({ kind: "pay", token, amount });
const credit = (limit: bigint, softLimit = 0n, token = 1): Transaction => ({
  kind: "setCredit",
  token,
  limit,
  softLimit,
});
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

const planHold = (
  amount: bigint,
  fields: Partial<Transaction & { kind: "planHold" }> = {},
): Transaction => ({
  kind: "planHold",
  plan: PLAN,
  deadline: START + 100,
  moves: [{ token: 1, amount }],
  ...fields,
});
const withVerdict = (verdict: Partial<typeof WILLING>) =>
  contextAt(START, null, { ...WILLING, ...verdict });

const plans: readonly Table[] = [
  {
    title: "hold: as far as left's limit",
    transaction: planHold(-100n),
    expected: (after) => expect(after.conditions.slots).to.deep.equal([hold(-100n)]),
  },
  { title: "hold: one past it", transaction: planHold(-101n), expected: "belowLeftLimit" },
  { title: "hold: past right's limit", transaction: planHold(71n), expected: "aboveRightLimit" },
  { title: "hold: nothing", transaction: planHold(0n), expected: "movesMalformed" },
  {
    title: "hold: no move",
    transaction: planHold(1n, { moves: [] }),
    expected: "movesMalformed",
  },
  {
    title: "hold: a token twice",
    transaction: planHold(1n, { moves: [1n, 2n].map((amount) => ({ token: 1, amount })) }),
    expected: "movesMalformed",
  },
  {
    title: "hold: the same plan again, before anything else of it is looked at",
    holds: [hold(5n)],
    transaction: planHold(5n, { moves: [{ token: 9, amount: 1n }] }),
    expected: "alreadyHeld",
  },
  {
    title: "hold: a token not listed",
    transaction: planHold(1n, { moves: [{ token: 9, amount: 1n }] }),
    expected: "tokenNotListed",
  },
  {
    title: "hold: a deadline that has passed",
    transaction: planHold(1n, { deadline: START }),
    expected: "deadlinePassed",
  },
  {
    title: "hold: not accepted by this side's plan machine",
    context: withVerdict({ acceptsHold: () => false }),
    transaction: planHold(1n),
    expected: "planNotAccepted",
  },
  {
    title: "hold: two holds share the room, in one direction each",
    holds: [hold(-60n, keccakText("other"))],
    transaction: planHold(-41n),
    expected: "belowLeftLimit",
  },
  {
    title: "commit: the legs apply",
    holds: [hold(-30n)],
    transaction: { kind: "planCommit", plan: PLAN, certificate: new Uint8Array(3) },
    expected: (after) => {
      offdeltaIs(-30n)(after);
      expect(after.conditions).to.deep.equal({ slots: [], free: [], pages: [] });
    },
  },
  {
    title: "commit: nothing is held",
    transaction: { kind: "planCommit", plan: PLAN, certificate: new Uint8Array(3) },
    expected: "planNotHeld",
  },
  {
    title: "commit: the certificate does not count",
    holds: [hold(-30n)],
    context: withVerdict({ acceptsCertificate: () => false }),
    transaction: { kind: "planCommit", plan: PLAN, certificate: new Uint8Array(3) },
    expected: "planNotCertified",
  },
  {
    title: "commit: a certificate past its limit",
    holds: [hold(-30n)],
    transaction: {
      kind: "planCommit",
      plan: PLAN,
      certificate: new Uint8Array(MAX_CERTIFICATE_BYTES + 1),
    },
    expected: "certificateTooLong",
  },
  {
    title: "abort: the legs are let go",
    holds: [hold(-30n)],
    transaction: { kind: "planAbort", plan: PLAN },
    expected: (after) => {
      offdeltaIs(0n)(after);
      expect(after.conditions.slots).to.deep.equal([]);
    },
  },
  {
    title: "abort: nothing is held",
    transaction: { kind: "planAbort", plan: PLAN },
    expected: "planNotHeld",
  },
  {
    title: 'abort: this side signed "prepared"',
    holds: [hold(-30n)],
    context: withVerdict({ mayAbort: false }),
    transaction: { kind: "planAbort", plan: PLAN },
    expected: "planMayCommit",
  },
];

type Proposal = Transaction & { kind: "proposeSettlement" };
const diffs = settlementBy("left", 0).settlement.diffs;
const [diff] = diffs as [(typeof diffs)[number]];
const propose = (fields: Partial<Proposal> = {}): Proposal => ({
  kind: "proposeSettlement",
  deadline: START + 100,
  diffs,
  ...fields,
});
const sign = (number: number): Transaction => ({ kind: "signSettlement", number });

const settlements: readonly Table[] = [
  {
    title: "propose: it has no number yet",
    transaction: propose(),
    expected: (after) => expect(after.settlement).to.deep.equal(settlementBy("left", 0)),
  },
  { title: "propose: no diff", transaction: propose({ diffs: [] }), expected: "diffsMalformed" },
  {
    title: "propose: diffs that do not sum to 0",
    transaction: propose({ diffs: [{ ...diff, rightDiff: 1n }] }),
    expected: "diffsMalformed",
  },
  {
    title: "propose: a gift",
    transaction: propose({ diffs: [{ ...diff, ondeltaDiff: -19n }] }),
    expected: "settlementUnfair",
  },
  {
    title: "propose: while a signed one is open",
    settlement: settlementBy("left", 6),
    transaction: propose(),
    expected: "settlementOpen",
  },
  {
    title: "propose: while the other side's waits for us",
    settlement: settlementBy("right", 0),
    transaction: propose(),
    expected: "settlementOpen",
  },
  {
    title: "propose: over the other side's that has passed its deadline",
    settlement: settlementBy("right", 0, START - 1),
    transaction: propose(),
    expected: (after) => expect(after.settlement?.proposer).to.equal("left"),
  },
  {
    title: "propose: in place of one's own",
    settlement: settlementBy("left", 0, START + 5),
    transaction: propose(),
    expected: (after) => expect(after.settlement?.settlement.deadline).to.equal(START + 100),
  },
  {
    title: "propose: a token not listed",
    transaction: propose({ diffs: [{ ...diff, token: 9 }] }),
    expected: "tokenNotListed",
  },
  {
    title: "propose: a deadline that has passed",
    transaction: propose({ deadline: START }),
    expected: "deadlinePassed",
  },
  {
    title: "propose: more than the collateral",
    transaction: propose({
      diffs: [{ ...diff, leftDiff: 101n, collateralDiff: -101n, ondeltaDiff: -101n }],
    }),
    expected: "amountRange",
  },
  {
    title: "propose: left would owe more than it may",
    rows: [row({ offdelta: -90n })],
    transaction: propose(),
    expected: "belowLeftLimit",
  },
  {
    title: "sign: the other side's, by a number between head and frame",
    by: "right",
    number: 8,
    settlement: settlementBy("left", 0),
    transaction: sign(6),
    expected: (after) => expect(after.settlement).to.deep.equal(settlementBy("left", 6)),
  },
  { title: "sign: none is proposed", by: "right", transaction: sign(6), expected: "noSettlement" },
  {
    title: "sign: twice",
    by: "right",
    settlement: settlementBy("left", 6),
    transaction: sign(8),
    expected: "settlementSigned",
  },
  {
    title: "sign: one's own",
    settlement: settlementBy("left", 0),
    transaction: sign(7),
    expected: "ownSettlement",
  },
  {
    title: "sign: after the deadline",
    by: "right",
    settlement: settlementBy("left", 0, START),
    transaction: sign(6),
    expected: "deadlinePassed",
  },
  ...[4, 7, 10, 12].map((number) => ({
    title: `sign: by ${number}, the head being 4 and right's frame 10`,
    by: "right" as const,
    number: 10,
    settlement: settlementBy("left", 0),
    transaction: sign(number),
    expected: "settlementNumber",
  })),
  {
    title: "sign: payments since the proposal have used the room",
    by: "right",
    number: 8,
    rows: [row({ offdelta: -90n })],
    settlement: settlementBy("left", 0),
    transaction: sign(6),
    expected: "belowLeftLimit",
  },
];

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

const tables: readonly (readonly [string, readonly Table[]])[] = [
  ["RCP-4, RCP-5: pay", pays],
  ["RCP-3: setCredit", credits],
  ["NET-5: plan", plans],
  ["ACC-9: settlement", settlements],
  ["ACC-8: chainEvent", events],
];

describe("account: transactions (ACC-7)", () => {
  for (const [name, table] of tables) {
    for (const line of table) {
      it(`${name}: ${line.title}`, () => {
        const outcome = outcomeOf(line);
        if (typeof line.expected === "string") return expect(outcome).to.equal(line.expected);
        if (typeof outcome === "string") return expect.fail(`refused: ${outcome}`);
        return line.expected(outcome);
      });
    }
  }
});
