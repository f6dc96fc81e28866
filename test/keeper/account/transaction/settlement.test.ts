import { expect } from "chai";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import { START } from "../pair.ts";
import { describeTable, row, settlementBy, type Table } from "../table.ts";

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

describeTable("ACC-9: settlement", settlements);
