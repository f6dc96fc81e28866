/** One row of a transaction's table: a state, who proposes what in which frame, what follows. */
import { expect } from "chai";
import { describe, it } from "mocha";
import { createDraft, finishDraft } from "../../../keeper/account/draft.ts";
import { reservedOf } from "../../../keeper/account/rcpan.ts";
import { apply } from "../../../keeper/account/transaction/apply.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type {
  AccountState,
  Condition,
  Context,
  ObservedBlock,
  OpenSettlement,
  TokenRow,
} from "../../../keeper/account/types.ts";
import { type Bytes32, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import { contextAt, LEFT, openPair, RIGHT, START } from "./pair.ts";

export const PLAN: Bytes32 = keccakText("plan");

export type Table = {
  readonly title: string;
  readonly rows?: readonly TokenRow[];
  readonly holds?: readonly Condition[];
  readonly settlement?: OpenSettlement;
  readonly pending?: readonly ObservedBlock[];
  readonly context?: Context;
  readonly by?: Side;
  readonly number?: number;
  readonly transaction: Transaction;
  /** A refusal's code, or what holds of the state that follows. */
  readonly expected: string | ((after: AccountState) => void);
};

/** A row of token 1 with collateral 100, of which left has 60, and limits 40 and 30. */
export function row(fields: Partial<TokenRow> = {}): TokenRow {
  return {
    token: 1,
    collateral: 100n,
    ondelta: 60n,
    offdelta: 0n,
    leftLimit: 40n,
    rightLimit: 30n,
    leftSoftLimit: 0n,
    rightSoftLimit: 0n,
    ...fields,
  };
}

export function hold(amount: bigint, plan: Bytes32 = PLAN): Condition {
  return { kind: "planLock", plan, deadline: START + 100, moves: [{ token: 1, amount }] };
}

/** Left takes 20 out of the collateral. */
export function settlementBy(
  proposer: Side,
  number: number,
  deadline: number = START + 100,
): OpenSettlement {
  const diff = { token: 1, leftDiff: 20n, rightDiff: 0n, collateralDiff: -20n, ondeltaDiff: -20n };
  return {
    proposer,
    settlement: {
      left: LEFT,
      right: RIGHT,
      epoch: 0,
      number,
      deadline,
      plan: ZERO_BYTES32,
      diffs: [diff],
    },
  };
}

/** Runs a row of a table: the refusal's code, or the state after the transaction. */
function outcomeOf(table: Table): string | AccountState {
  const base = stateOf(table);
  const draft = createDraft(base);
  const frame = {
    proposer: table.by ?? "left",
    number: table.number ?? 9,
    timestamp: START,
    pending: table.pending ?? [],
  };
  const refusal = apply(draft, table.transaction, frame, table.context ?? contextAt(START));
  if (refusal !== null) return refusal.code;
  return finishDraft(draft, frame);
}

function stateOf({ rows = [row()], holds = [], settlement }: Table): AccountState {
  const { state } = openPair().left;
  const slots = [...holds];
  reservedOf(rows, slots, settlement ?? null); // Fails for a table that holds unlisted tokens.
  return {
    ...state,
    number: 4,
    timestamp: START - 10,
    rows,
    conditions: { slots, free: [], pages: [] },
    settlement: settlement ?? null,
  };
}

/** A test for each row of the table. */
export function describeTable(name: string, table: readonly Table[]): void {
  describe(`account: ${name} (ACC-7)`, () => {
    for (const line of table) {
      it(`${name}: ${line.title}`, () => {
        const outcome = outcomeOf(line);
        if (typeof line.expected === "string") return expect(outcome).to.equal(line.expected);
        if (typeof outcome === "string") return expect.fail(`refused: ${outcome}`);
        return line.expected(outcome);
      });
    }
  });
}
