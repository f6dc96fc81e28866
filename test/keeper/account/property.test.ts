import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { createDraft, finishDraft } from "../../../keeper/account/draft.ts";
import {
  checkBounds,
  exposureOf,
  NOTHING_RESERVED,
  type Reserved,
  reservedOf,
  shareOf,
} from "../../../keeper/account/rcpan.ts";
import { apply } from "../../../keeper/account/transaction/apply.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { AccountState, TokenRow } from "../../../keeper/account/types.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import { contextAt, openPair, START } from "./pair.ts";
import { row } from "./table.ts";

const context = contextAt(START);
const FIRST: AccountState = {
  ...openPair().left.state,
  rows: [row(), row({ token: 2, collateral: 0n, ondelta: 0n })],
};

const token = fc.constantFrom(1, 2);
const amount = fc.bigInt({ min: 0n, max: 120n });
const change = fc.bigInt({ min: -60n, max: 60n });
const plan = fc.integer({ min: 0, max: 3 }).map((index) => keccakText(`plan ${index}`));
const transaction: fc.Arbitrary<Transaction> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pay" as const), token, amount }) },
  fc.record({ kind: fc.constant("setCredit" as const), token, limit: amount, softLimit: amount }),
  fc.record({
    kind: fc.constant("planHold" as const),
    plan,
    deadline: fc.constant(START + 9),
    moves: fc.tuple(change, change).map(([first, second]) => [
      { token: 1, amount: first || 1n },
      { token: 2, amount: second || 1n },
    ]),
  }),
  fc.record({
    kind: fc.constant("planCommit" as const),
    plan,
    certificate: fc.constant(new Uint8Array(1)),
  }),
  fc.record({ kind: fc.constant("planAbort" as const), plan }),
  fc.record({
    kind: fc.constant("proposeSettlement" as const),
    deadline: fc.constant(START + 9),
    diffs: fc.tuple(token, change, amount).map(([of, ondeltaDiff, out]) => [
      {
        token: of,
        leftDiff: -ondeltaDiff,
        rightDiff: ondeltaDiff + out,
        collateralDiff: -out,
        ondeltaDiff,
      },
    ]),
  }),
  fc.record({ kind: fc.constant("signSettlement" as const), number: fc.constant(0) }),
);

const command = fc.record({ by: fc.constantFrom<Side>("left", "right"), transaction });

/** One frame of one transaction; a settlement is signed by a number that fits. */
function frameOf(state: AccountState, by: Side, wanted: Transaction): AccountState | null {
  const number = state.number + (by === "left" ? 7 : 6) - (state.number % 2);
  const signs = wanted.kind === "signSettlement";
  const transaction = signs ? { ...wanted, number: number - 2 } : wanted;
  const draft = createDraft(state);
  const facts = { proposer: by, number, timestamp: START, pending: [] };
  if (apply(draft, transaction, facts, context) !== null) return null;
  return finishDraft(draft, { number, timestamp: START });
}

/** All that may still happen to a row: each hold applied or not, the settlement landed or not. */
function endsOf(state: AccountState, of: TokenRow): TokenRow[] {
  let ends = [of];
  for (const slot of state.conditions.slots) {
    const move = slot?.moves.find((candidate) => candidate.token === of.token);
    if (move === undefined) continue;
    const applied = ends.map((end) => ({ ...end, offdelta: end.offdelta + move.amount }));
    ends = [...ends, ...applied];
  }
  const settlement = state.settlement?.settlement;
  const diff = settlement?.diffs.find((candidate) => candidate.token === of.token);
  if (settlement === undefined || settlement.number === 0 || diff === undefined) return ends;
  const landed = ends.map((end) => ({
    ...end,
    collateral: end.collateral + diff.collateralDiff,
    ondelta: end.ondelta + diff.ondeltaDiff,
  }));
  return [...ends, ...landed];
}

function claimOf(of: TokenRow, side: Side): bigint {
  const other = side === "left" ? "right" : "left";
  return shareOf(of, side) + exposureOf(of, other) - exposureOf(of, side);
}

describe("account: any sequence of frames (TST-3)", () => {
  it("RCP-1: every way in which holds and settlement can end keeps every bound", () => {
    const property = fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let state = FIRST;
      for (const { by, transaction: wanted } of commands) {
        state = frameOf(state, by, wanted) ?? state;
        for (const of of state.rows) {
          for (const end of endsOf(state, of)) {
            expect(checkBounds(end, NOTHING_RESERVED)).to.equal(null);
            expect(end.collateral >= 0n).to.equal(true);
          }
        }
      }
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 200 });
  });

  it("RCP-6: a frame changes no sum of claims, and nothing that is the chain's", () => {
    const property = fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let state = FIRST;
      for (const { by, transaction: wanted } of commands) {
        const before = state;
        state = frameOf(state, by, wanted) ?? state;
        for (const [i, of] of state.rows.entries()) {
          const { collateral, ondelta } = before.rows[i] as TokenRow;
          expect(of).to.include({ collateral, ondelta });
          expect(claimOf(of, "left") + claimOf(of, "right")).to.equal(collateral);
        }
      }
    });
    fc.assert(property, { seed: 20_261_122, numRuns: 200 });
  });

  it("RCP-4: what a draft counts as reserved is what the state says anew", () => {
    const property = fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const draft = createDraft(FIRST);
      let number = 2;
      for (const { by, transaction: wanted } of commands) {
        number += 4;
        const own = by === "left" ? number + 1 : number;
        const signs = wanted.kind === "signSettlement";
        const transaction = signs ? { ...wanted, number: own - 2 } : wanted;
        apply(
          draft,
          transaction,
          { proposer: by, number: own, timestamp: START, pending: [] },
          context,
        );
        const { rows, conditions, settlement } = finishDraft(draft, { number: own, timestamp: 0 });
        const anew: readonly Reserved[] = reservedOf(rows, conditions.slots, settlement);
        expect(draft.reserved ?? rows.map(() => NOTHING_RESERVED)).to.deep.equal(anew);
      }
    });
    fc.assert(property, { seed: 20_261_123, numRuns: 100 });
  });
});
