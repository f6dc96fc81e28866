import { expect } from "chai";
import {
  MAX_CERTIFICATE_BYTES,
  MAX_CONDITIONS_BYTES,
  MAX_MOVES,
} from "../../../../keeper/account/limit.ts";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import type { AccountState, Condition } from "../../../../keeper/account/types.ts";
import { keccakText } from "../../../../keeper/codec/keccak.ts";
import { blockAt, contextAt, JURISDICTION, START, WILLING } from "../pair.ts";
import { describeTable, hold, PLAN, type Table } from "../table.ts";

const offdeltaIs = (expected: bigint) => (after: AccountState) =>
  expect(after.rows[0]?.offdelta).to.equal(expected);

const WINDOW = 2 * JURISDICTION.responseTime - JURISDICTION.inclusionMargin;

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

/** So many holds, each of as many tokens as one may move. */
const longHolds = (count: number): readonly Condition[] => {
  const moves = Array.from({ length: MAX_MOVES }, () => ({ token: 1, amount: 0n }));
  const plan = keccakText("another plan");
  return Array.from({ length: count }, () => ({ kind: "planLock", plan, deadline: 1, moves }));
};
/** A slot's length, then a lock with its tokens, as the chain reads them. */
const longHoldBytes = 2 + 42 + 20 * MAX_MOVES;
const longHoldsMax = Math.floor(MAX_CONDITIONS_BYTES / longHoldBytes);

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
    title: "hold: as many bytes of conditions as the chain enforces, nearly (ACC-1, ACC-10)",
    holds: longHolds(longHoldsMax),
    transaction: planHold(1n),
    expected: (after) => expect(after.conditions.slots).to.have.length(longHoldsMax + 1),
  },
  {
    title: "hold: more bytes of conditions than the chain enforces (ACC-1, ACC-10)",
    holds: longHolds(longHoldsMax + 1),
    transaction: planHold(1n),
    expected: "tooManyConditions",
  },
  {
    title: "hold: a deadline that has passed",
    transaction: planHold(1n, { deadline: START }),
    expected: "deadlinePassed",
  },
  {
    title: "hold: as late as the window allows, less the time to see a dispute start (CND-2)",
    transaction: planHold(1n, { deadline: START + WINDOW }),
    expected: (after) => expect(after.conditions.slots).to.have.length(1),
  },
  {
    title: "hold: a second later than that (CND-2)",
    transaction: planHold(1n, { deadline: START + WINDOW + 1 }),
    expected: "deadlineTooFar",
  },
  {
    title: "hold: the chain's final time counts where it is ahead of the own clock (CND-2)",
    context: contextAt(START, blockAt(7, START + 100)),
    transaction: planHold(1n, { deadline: START + WINDOW + 100 }),
    expected: (after) => expect(after.conditions.slots).to.have.length(1),
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

describeTable("NET-5: plan", plans);
