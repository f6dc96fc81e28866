/**
 * What the chain pays when it closes an account with a body: conditions, clamp, shares, debts
 * (DIS-4, CND-1, CND-2, DEB-1). The contracts compute the same.
 */
import { clampBigint, minBigint } from "../base/amount.ts";
import type { Bytes32 } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import type { Side, TokenId } from "../jurisdiction/types.ts";
import type { Body, EnforcedCondition, LimitOrder, Transformer } from "./body.ts";
import { deltaOf, exposureOf, type Money, shareOf } from "./rcpan.ts";

/** The whole of a limit order, of which a taker records a part. */
export const WHOLE_RATIO = 2n ** 32n;

/** What the chain has recorded when the account is closed; times are Unix seconds, 0 for never. */
export type Evidence = {
  readonly now: number;
  /** When the dispute was started. */
  readonly startedAt: number;
  /** The jurisdiction's longest window: no deadline counts beyond it. */
  readonly longestWindow: number;
  readonly revealedAt: (hash: Bytes32) => number;
  readonly committedAt: (plan: Bytes32) => number;
  /** What the taker recorded, of {@link WHOLE_RATIO}. */
  readonly ratioOf: (order: LimitOrder) => bigint;
  /** The change of each token that the contract answers with; null where that is no answer. */
  readonly answerOf: (condition: Transformer) => readonly bigint[] | null;
};

/** Where the money is before: rows of the chain, and reserves of both sides. */
export type Funds = {
  readonly moneyOf: (token: TokenId) => { readonly collateral: bigint; readonly ondelta: bigint };
  readonly reserveOf: (side: Side, token: TokenId) => bigint;
  /** Whether the side has an open debt in the token: then nothing of its reserve is spendable. */
  readonly hasDebts: (side: Side, token: TokenId) => boolean;
};

/** What one token's row becomes. */
export type ClosedRow = {
  readonly token: TokenId;
  /** After conditions and clamp. */
  readonly delta: bigint;
  /** What each side's reserve gains: its share of the collateral, and what it was paid. */
  readonly gain: { readonly left: bigint; readonly right: bigint };
  /** Who owes beyond the collateral; null when nobody does. */
  readonly debtor: Side | null;
  /** What leaves the debtor's reserve. */
  readonly paid: bigint;
  /** What it still owes. */
  readonly debt: bigint;
};

/** A condition's change of each of its tokens; null when it moves nothing. */
type Change = readonly bigint[] | null;

/**
 * Closes an account with the winning body.
 * @param extra tokens that the body does not list, strictly ascending: all of theirs but the
 * chain's row is zero
 * @param retired sides whose signature under the winning proof was a replaced board's: they lose
 * collateral only (ENT-5)
 * @returns rows in the order of the body, then of `extra`; refuses `conditionUndecided`
 */
export function closeAccount(
  body: Body,
  extra: readonly TokenId[],
  funds: Funds,
  evidence: Evidence,
  retired: Readonly<Record<Side, boolean>>,
): Result<readonly ClosedRow[]> {
  const rows = new Map<TokenId, Money>();
  for (const row of body.rows) rows.set(row.token, { ...row, ...funds.moneyOf(row.token) });
  for (const [slot, condition] of body.slots.entries()) {
    if (condition === null) continue;
    if (!isDecided(condition, evidence)) {
      return refuse("conditionUndecided", "wait until it is decided or past its deadline", {
        slot: `${slot}`,
        due: `${dueOf(condition, evidence)}`,
      });
    }
    applyChange(rows, condition, changeOf(condition, evidence));
  }
  const none = { offdelta: 0n, leftLimit: 0n, rightLimit: 0n };
  for (const token of extra) rows.set(token, { ...none, ...funds.moneyOf(token) });
  return ok(Array.from(rows, ([token, row]) => closeRow(token, row, funds, retired)));
}

/**
 * The last second in which what is recorded decides a condition: its deadline, but no later than
 * the longest window allows (CND-2). A limit order's fills count up to its deadline.
 */
function dueOf({ deadline }: EnforcedCondition, { startedAt, longestWindow }: Evidence): number {
  return Math.min(deadline, startedAt + longestWindow);
}

function isDecided(condition: EnforcedCondition, evidence: Evidence): boolean {
  if (evidence.now > dueOf(condition, evidence)) return true;
  switch (condition.kind) {
    case "hashLock":
      return evidence.revealedAt(condition.hash) !== 0;
    case "planLock":
      return evidence.committedAt(condition.plan) !== 0;
    case "limitOrder":
      return evidence.ratioOf(condition) === WHOLE_RATIO;
    case "transformer":
      return false;
  }
}

function changeOf(condition: EnforcedCondition, evidence: Evidence): Change {
  const amounts = condition.moves.map(({ amount }) => amount);
  const due = dueOf(condition, evidence);
  switch (condition.kind) {
    case "hashLock":
      return isInTime(evidence.revealedAt(condition.hash), due) ? amounts : null;
    case "planLock":
      return isInTime(evidence.committedAt(condition.plan), due) ? amounts : null;
    case "limitOrder": {
      const ratio = evidence.ratioOf(condition);
      return amounts.map((amount) => partOf(amount, ratio, condition.taker));
    }
    case "transformer": {
      const answer = evidence.answerOf(condition);
      if (answer === null || answer.length !== amounts.length) return null;
      const within = answer.every(
        (change, i) => change >= (condition.lower[i] as bigint) && change <= (amounts[i] as bigint),
      );
      return within ? answer : null;
    }
  }
}

function isInTime(recordedAt: number, due: number): boolean {
  return recordedAt !== 0 && recordedAt <= due;
}

/** The part of an order that is taken, rounded against who takes it. */
function partOf(amount: bigint, ratio: bigint, taker: Side): bigint {
  const product = amount * ratio;
  // A shift of a bigint rounds towards −∞.
  return taker === "left" ? product >> 32n : -(-product >> 32n);
}

/** All of a condition's tokens move, or none if one would leave its bounds. */
function applyChange(
  rows: Map<TokenId, Money>,
  { moves }: EnforcedCondition,
  change: Change,
): void {
  if (change === null) return;
  const moved = moves.map(({ token }, i): readonly [TokenId, Money] => {
    const row = rows.get(token) as Money;
    return [token, { ...row, offdelta: row.offdelta + (change[i] as bigint) }];
  });
  const fits = moved.every(([, row]) => {
    const delta = deltaOf(row);
    return delta >= -row.leftLimit && delta <= row.collateral + row.rightLimit;
  });
  if (fits) for (const [token, row] of moved) rows.set(token, row);
}

function closeRow(
  token: TokenId,
  row: Money,
  funds: Funds,
  retired: Readonly<Record<Side, boolean>>,
): ClosedRow {
  const { collateral, ondelta, leftLimit, rightLimit } = row;
  const delta = clampBigint(deltaOf(row), -leftLimit, collateral + rightLimit);
  const closed = { ...row, offdelta: delta - ondelta };
  const shares = { left: shareOf(closed, "left"), right: shareOf(closed, "right") };
  const debtor = delta < 0n ? "left" : delta > collateral ? "right" : null;
  if (debtor === null || retired[debtor]) {
    return { token, delta, gain: shares, debtor, paid: 0n, debt: 0n };
  }
  const owed = exposureOf(closed, debtor);
  const spendable = funds.hasDebts(debtor, token) ? 0n : funds.reserveOf(debtor, token);
  const paid = minBigint(owed, spendable);
  const creditor = debtor === "left" ? "right" : "left";
  const gain = { ...shares, [creditor]: shares[creditor] + paid };
  return { token, delta, gain, debtor, paid, debt: owed - paid };
}
