import { MAX_AMOUNT } from "../../base/amount.ts";
import type { Position } from "../types.ts";
import { shareOf } from "./account-row.ts";
import { type Book, differ, numberOf, pageOf, pairKey } from "./book.ts";
import { readAmount, readName, shown } from "./cell.ts";
import type { Layout } from "./header.ts";
import { faultAt, type LedgerFault, type LedgerOptions, UNNAMED_TOKEN } from "./types.ts";

/** What two entities owe each other in one token, before one is set against the other. */
export type Debts = { leftOwes: bigint; rightOwes: bigint };

/** The debts of each page's positions, in the same order. */
export type DebtBook = Map<string, Debts[]>;

/**
 * Reads one obligation into the book: a pair's first row makes its account, with the debtor as
 * left; later ones are added. Its fault, if it has one, and then nothing is kept.
 */
export function readObligationRow(
  book: Book,
  debts: DebtBook,
  { at }: Layout,
  cells: readonly string[],
  line: number,
): LedgerFault | undefined {
  const cell = (index: number): string => cells[index] as string;
  const debtor = readName(cell(at.debtor), line, at.debtor + 1, "debtor");
  if (typeof debtor !== "string") return debtor;
  const creditor = readName(cell(at.creditor), line, at.creditor + 1, "creditor");
  if (typeof creditor !== "string") return creditor;
  const same = differ(debtor, creditor, line, at.creditor + 1);
  if (same !== undefined) return same;
  const amount = readAmount(cell(at.amount), line, at.amount + 1, "amount");
  if (typeof amount !== "bigint") return amount;
  const token =
    at.token < 0 ? UNNAMED_TOKEN : readName(cell(at.token), line, at.token + 1, "token");
  if (typeof token !== "string") return token;
  const page = pageOf(book, token, line, at.token + 1);
  if ("code" in page) return page;

  const left = numberOf(book, debtor);
  const right = numberOf(book, creditor);
  const key = pairKey(left, right);
  const rows = rowsOf(debts, token);
  let index = page.byPair.get(key);
  if (index === undefined) {
    index = page.positions.length;
    page.byPair.set(key, index);
    page.positions.push({ ...UNSUMMED, left, right });
    page.lines.push(line);
    rows.push({ leftOwes: 0n, rightOwes: 0n });
    book.pairs.add(key);
  }
  const sum = rows[index] as Debts;
  if ((page.positions[index] as Position).left === left) sum.leftOwes += amount;
  else sum.rightOwes += amount;
  if (sum.leftOwes <= MAX_AMOUNT && sum.rightOwes <= MAX_AMOUNT) return undefined;
  return sumTooLarge(debtor, creditor, line, at.amount + 1);
}

/** Sets a pair's debts against each other. `bilateral` is what that removes from their gross. */
export function sumObligations(
  positions: readonly Position[],
  debts: readonly Debts[],
  { softLimitPercent }: LedgerOptions,
): { readonly positions: readonly Position[]; readonly bilateral: bigint } {
  let bilateral = 0n;
  const summed = positions.map((position, index): Position => {
    const { leftOwes, rightOwes } = debts[index] as Debts;
    const delta = rightOwes - leftOwes;
    bilateral += 2n * (delta > 0n ? leftOwes : rightOwes);
    const leftLimit = delta < 0n ? -delta : 0n;
    const rightLimit = delta > 0n ? delta : 0n;
    return {
      ...position,
      delta,
      leftLimit,
      rightLimit,
      leftSoftLimit: shareOf(rightLimit, softLimitPercent),
      rightSoftLimit: shareOf(leftLimit, softLimitPercent),
    };
  });
  return { positions: summed, bilateral };
}

/** The debts of a token's positions, in their order; an empty list for a new token. */
export function rowsOf(debts: DebtBook, token: string): Debts[] {
  const known = debts.get(token);
  if (known !== undefined) return known;
  const rows: Debts[] = [];
  debts.set(token, rows);
  return rows;
}

/** An account whose sums are not known before the last row has been read. */
const UNSUMMED: Omit<Position, "left" | "right"> = {
  delta: 0n,
  collateral: 0n,
  leftLimit: 0n,
  rightLimit: 0n,
  leftSoftLimit: 0n,
  rightSoftLimit: 0n,
  consent: true,
};

function sumTooLarge(debtor: string, creditor: string, line: number, column: number): LedgerFault {
  return faultAt(
    line,
    column,
    "OUT_OF_RANGE",
    `expected what ${shown(debtor)} owes ${shown(creditor)} to sum to less than 2^127, ` +
      "found more with this row",
    "check the unit: amounts are in the token's smallest unit",
  );
}
