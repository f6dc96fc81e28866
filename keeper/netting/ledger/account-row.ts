import type { Position } from "../types.ts";
import { type Book, differ, numberOf, pageOf, pairKey } from "./book.ts";
import { readAmount, readDelta, readName, shown } from "./cell.ts";
import type { Layout } from "./header.ts";
import {
  DEFAULT_SOFT_LIMIT_PERCENT,
  faultAt,
  type LedgerFault,
  type LedgerOptions,
} from "./types.ts";

type Amounts = Omit<Position, "left" | "right" | "consent">;

/**
 * Reads one row of a ledger into the book; its fault, if it has one, and then nothing is kept.
 * The order of checks is fixed: names, amounts from left to right, RCP-1, the pair.
 */
export function readAccountRow(
  book: Book,
  layout: Layout,
  options: LedgerOptions,
  cells: readonly string[],
  line: number,
): LedgerFault | undefined {
  const { at } = layout;
  const cell = (index: number): string => cells[index] as string;
  const left = readName(cell(at.left), line, at.left + 1, "left");
  if (typeof left !== "string") return left;
  const right = readName(cell(at.right), line, at.right + 1, "right");
  if (typeof right !== "string") return right;
  const same = differ(left, right, line, at.right + 1);
  if (same !== undefined) return same;
  const token = readName(cell(at.token), line, at.token + 1, "token");
  if (typeof token !== "string") return token;
  const amounts = readAmounts(layout, options, cells, line);
  if ("code" in amounts) return amounts;
  const broken = checkRange(amounts, line, at.delta + 1);
  if (broken !== undefined) return broken;

  const page = pageOf(book, token, line, at.token + 1);
  if ("code" in page) return page;
  const leftNumber = numberOf(book, left);
  const rightNumber = numberOf(book, right);
  const key = pairKey(leftNumber, rightNumber);
  const twice = page.byPair.get(key);
  if (twice !== undefined) {
    return pairTwice([left, right, token], line, at.left + 1, page.lines[twice] as number);
  }
  page.byPair.set(key, page.positions.length);
  page.positions.push(positionOf(leftNumber, rightNumber, amounts));
  page.lines.push(line);
  book.pairs.add(key);
  return undefined;
}

/** Field by field: a spread costs a tenth of the whole reading. */
function positionOf(left: number, right: number, amounts: Amounts): Position {
  return {
    left,
    right,
    delta: amounts.delta,
    collateral: amounts.collateral,
    leftLimit: amounts.leftLimit,
    rightLimit: amounts.rightLimit,
    leftSoftLimit: amounts.leftSoftLimit,
    rightSoftLimit: amounts.rightSoftLimit,
    consent: true,
  };
}

function readAmounts(
  { at }: Layout,
  { softLimitPercent }: LedgerOptions,
  cells: readonly string[],
  line: number,
): Amounts | LedgerFault {
  const amount = (index: number, name: string) =>
    readAmount(cells[index] as string, line, index + 1, name);
  const delta = readDelta(cells[at.delta] as string, line, at.delta + 1, "delta");
  if (typeof delta !== "bigint") return delta;
  const collateral = amount(at.collateral, "collateral");
  if (typeof collateral !== "bigint") return collateral;
  const leftLimit = amount(at.creditLeft, "creditLeft");
  if (typeof leftLimit !== "bigint") return leftLimit;
  const rightLimit = amount(at.creditRight, "creditRight");
  if (typeof rightLimit !== "bigint") return rightLimit;
  let leftSoftLimit = shareOf(rightLimit, softLimitPercent);
  let rightSoftLimit = shareOf(leftLimit, softLimitPercent);
  if (at.softLimitLeft >= 0) {
    // The cells are checked even where an option wins over them: a fault in a file is a fault.
    const fromLeft = amount(at.softLimitLeft, "softLimitLeft");
    if (typeof fromLeft !== "bigint") return fromLeft;
    const fromRight = amount(at.softLimitRight, "softLimitRight");
    if (typeof fromRight !== "bigint") return fromRight;
    if (softLimitPercent === undefined) {
      leftSoftLimit = fromLeft;
      rightSoftLimit = fromRight;
    }
  }
  return { delta, collateral, leftLimit, rightLimit, leftSoftLimit, rightSoftLimit };
}

/** `percent` of a credit limit, rounded down; 50 % unless told. */
export function shareOf(limit: bigint, percent = DEFAULT_SOFT_LIMIT_PERCENT): bigint {
  return limit === 0n ? 0n : (limit * BigInt(percent)) / 100n;
}

/** RCP-1: −Ll ≤ delta ≤ C + Lr. */
function checkRange(amounts: Amounts, line: number, column: number): LedgerFault | undefined {
  const { delta, collateral, leftLimit, rightLimit } = amounts;
  const low = -leftLimit;
  const high = collateral + rightLimit;
  if (delta >= low && delta <= high) return undefined;
  return faultAt(
    line,
    column,
    "RCP_1",
    `expected −creditLeft ≤ delta ≤ collateral + creditRight, ` +
      `here ${low} … ${high}, found ${delta}`,
    delta < low
      ? "raise creditLeft (what left may owe), or correct delta's sign or amount"
      : "raise creditRight (what right may owe) or collateral, or correct delta's sign or amount",
  );
}

function pairTwice(
  [left, right, token]: readonly [string, string, string],
  line: number,
  column: number,
  first: number,
): LedgerFault {
  return faultAt(
    line,
    column,
    "PAIR_TWICE",
    `expected one row for ${shown(left)}, ${shown(right)} and ${shown(token)} in either order, ` +
      `found a second one (the first is line ${first})`,
    "merge the two rows, or write obligations (debtor,creditor,amount), which are summed",
  );
}
