import type { Position } from "../types.ts";
import { shown } from "./cell.ts";
import { faultAt, type LedgerFault, MAX_TOKENS } from "./types.ts";

/** The rows of one token while they are collected. */
export type TokenPage = {
  readonly name: string;
  readonly positions: Position[];
  readonly lines: number[];
  /** Position of a pair, by `pairKey`. */
  readonly byPair: Map<number, number>;
};

/** What has been read so far: names and tokens numbered in order of first appearance. */
export type Book = {
  readonly names: string[];
  readonly byName: Map<string, number>;
  readonly pages: TokenPage[];
  readonly byToken: Map<string, TokenPage>;
  readonly pairs: Set<number>;
};

/** More names than this many would make two pairs share a key; rows are limited far below it. */
const NAMES_SPAN = 2 ** 26;

export function createBook(): Book {
  return { names: [], byName: new Map(), pages: [], byToken: new Map(), pairs: new Set() };
}

/** The number of a name, a new one if it has none. */
export function numberOf(book: Book, name: string): number {
  const known = book.byName.get(name);
  if (known !== undefined) return known;
  book.names.push(name);
  book.byName.set(name, book.names.length - 1);
  return book.names.length - 1;
}

/** The page of a token, a new one if it has none. Refuses `TOKENS_TOO_MANY`. */
export function pageOf(
  book: Book,
  token: string,
  line: number,
  column: number,
): TokenPage | LedgerFault {
  const known = book.byToken.get(token);
  if (known !== undefined) return known;
  if (book.pages.length === MAX_TOKENS) {
    return faultAt(
      line,
      column,
      "TOKENS_TOO_MANY",
      `expected at most ${MAX_TOKENS} tokens, found one more: ${shown(token)}`,
      "split the ledger by token: tokens are netted apart anyway",
    );
  }
  const page: TokenPage = { name: token, positions: [], lines: [], byPair: new Map() };
  book.pages.push(page);
  book.byToken.set(token, page);
  return page;
}

/** One number for two entities in either order; exact below 2^53. */
export function pairKey(a: number, b: number): number {
  return a < b ? a * NAMES_SPAN + b : b * NAMES_SPAN + a;
}

/** Two different entities of one row. Refuses `SAME_ENTITY`, at the second's cell. */
export function differ(
  first: string,
  second: string,
  line: number,
  column: number,
): LedgerFault | undefined {
  if (first !== second) return undefined;
  return faultAt(
    line,
    column,
    "SAME_ENTITY",
    `expected two different entities, found ${shown(second)} twice`,
    "remove the row: nobody keeps an account with itself",
  );
}
