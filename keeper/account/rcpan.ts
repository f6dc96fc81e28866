/**
 * The arithmetic of one account and token (RCP-1 to RCP-5): collateral C, limits Ll and Lr, and
 * delta, which is left's claim. All amounts are in the token's smallest unit.
 */
import { clampBigint, isAmount, isDelta, maxBigint, minBigint } from "../base/amount.ts";
import { type Refusal, refuse } from "../base/result.ts";
import type { Side } from "../jurisdiction/types.ts";
import type { OpenSettlement, PlanMove, TokenRow } from "./types.ts";

/** What the formulas need of a row. */
export type Money = Pick<
  TokenRow,
  "collateral" | "ondelta" | "offdelta" | "leftLimit" | "rightLimit"
>;

/**
 * What pending holds and a signed settlement could still take from either bound, whichever way
 * they end: `low` is how far delta could fall, `high` how far it could rise against `C + Lr`.
 */
export type Reserved = { readonly low: bigint; readonly high: bigint };

export const NOTHING_RESERVED: Reserved = { low: 0n, high: 0n };

export function deltaOf(row: Money): bigint {
  return row.ondelta + row.offdelta;
}

/** A side's share of the collateral (RCP-2). */
export function shareOf(row: Money, side: Side): bigint {
  const left = clampBigint(deltaOf(row), 0n, row.collateral);
  return side === "left" ? left : row.collateral - left;
}

/** What `debtor` owes the other side beyond collateral (RCP-2). */
export function exposureOf(row: Money, debtor: Side): bigint {
  const delta = deltaOf(row);
  return maxBigint(debtor === "left" ? -delta : delta - row.collateral, 0n);
}

/** What a side can send now (RCP-4); 0 where nothing is left. */
export function availableTo(row: Money, side: Side, reserved: Reserved): bigint {
  return maxBigint(side === "left" ? roomBelow(row, reserved) : roomAbove(row, reserved), 0n);
}

/** The least limit that the side may be given, by what is in use of it (RCP-3). */
export function limitInUse(row: Money, debtor: Side, reserved: Reserved): bigint {
  const bare = { ...row, leftLimit: 0n, rightLimit: 0n };
  const room = debtor === "left" ? roomBelow(bare, reserved) : roomAbove(bare, reserved);
  return maxBigint(-room, 0n);
}

/**
 * RCP-1 and RCP-5 with every hold and the signed settlement resolved either way: null, or the
 * refusal `amountRange`, `belowLeftLimit` or `aboveRightLimit`, in this order.
 */
export function checkBounds(row: Money, reserved: Reserved): Refusal | null {
  const { offdelta } = row;
  const delta = deltaOf(row);
  const inRange =
    isDelta(delta - reserved.low) &&
    isDelta(delta + reserved.high) &&
    isDelta(offdelta - reserved.low) &&
    isDelta(offdelta + reserved.high);
  if (!inRange) return failure("amountRange", "amounts stay below 2^127", row, reserved);
  if (roomBelow(row, reserved) < 0n) {
    return failure("belowLeftLimit", "left would owe more than it may", row, reserved);
  }
  if (roomAbove(row, reserved) < 0n) {
    return failure("aboveRightLimit", "right would owe more than it may", row, reserved);
  }
  return null;
}

/** Takes a hold of `move` into account: it may end either way. */
export function reserveMove(reserved: Reserved, amount: bigint): Reserved {
  return amount < 0n
    ? { low: reserved.low - amount, high: reserved.high }
    : { low: reserved.low, high: reserved.high + amount };
}

/** Undoes {@link reserveMove}. */
export function releaseMove(reserved: Reserved, amount: bigint): Reserved {
  return amount < 0n
    ? { low: reserved.low + amount, high: reserved.high }
    : { low: reserved.low, high: reserved.high - amount };
}

/**
 * Takes a settlement into account that may land or expire: landing changes delta by `ondeltaDiff`
 * and the upper bound by `collateralDiff`.
 */
export function reserveSettlement(
  reserved: Reserved,
  diff: { readonly ondeltaDiff: bigint; readonly collateralDiff: bigint },
): Reserved {
  return {
    low: reserved.low + maxBigint(-diff.ondeltaDiff, 0n),
    high: reserved.high + maxBigint(diff.ondeltaDiff - diff.collateralDiff, 0n),
  };
}

/**
 * What is reserved in each row, in the order of the rows: one pass over holds and settlement.
 * A settlement without number binds nobody and reserves nothing (ACC-9).
 */
export function reservedOf(
  rows: readonly TokenRow[],
  holds: Iterable<{ readonly moves: readonly PlanMove[] } | null>,
  settlement: OpenSettlement | null,
): Reserved[] {
  const reserved: Reserved[] = rows.map(() => NOTHING_RESERVED);
  const indexOf = new Map(rows.map(({ token }, index) => [token, index]));
  for (const hold of holds) {
    if (hold === null) continue;
    for (const { token, amount } of hold.moves) {
      const index = indexOf.get(token) as number;
      reserved[index] = reserveMove(reserved[index] as Reserved, amount);
    }
  }
  if (settlement === null || settlement.settlement.number === 0) return reserved;
  for (const diff of settlement.settlement.diffs) {
    const index = indexOf.get(diff.token) as number;
    reserved[index] = reserveSettlement(reserved[index] as Reserved, diff);
  }
  return reserved;
}

/** True when both fit what the contract stores. */
export function isRowInRange(collateral: bigint, ondelta: bigint): boolean {
  return isAmount(collateral) && isDelta(ondelta);
}

/** How far delta may fall before left owes more than its limit; negative when it does. */
function roomBelow(row: Money, reserved: Reserved): bigint {
  return deltaOf(row) + row.leftLimit - reserved.low;
}

/** How far delta may rise before right owes more than its limit; negative when it does. */
function roomAbove(row: Money, reserved: Reserved): bigint {
  return row.collateral + row.rightLimit - deltaOf(row) - reserved.high;
}

function failure(code: string, message: string, row: Money, reserved: Reserved): Refusal {
  const room = minBigint(roomBelow(row, reserved), roomAbove(row, reserved));
  return refuse(code, message, { delta: `${deltaOf(row)}`, room: `${room}` }).refusal;
}
