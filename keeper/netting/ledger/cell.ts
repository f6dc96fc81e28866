import { MAX_AMOUNT } from "../../base/amount.ts";
import { faultAt, type LedgerFault, MAX_NAME } from "./types.ts";

/** The most digits that a number below 2^127 has. */
const MAX_DIGITS = 39;
const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
/** Control characters, line separators and marks that turn the direction of text around. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/u;
const MAX_SHOWN = 40;

/**
 * A plain integer: digits with no leading zero, an optional minus, −2^127 < x < 2^127.
 * Refuses `NOT_AN_INTEGER` and `OUT_OF_RANGE`.
 */
export function readDelta(
  cell: string,
  line: number,
  column: number,
  name: string,
): bigint | LedgerFault {
  if (cell === "0") return 0n;
  if (!PLAIN_INTEGER.test(cell)) return notAnInteger(cell, line, column, name);
  if (cell.length <= MAX_DIGITS + 1) {
    const value = BigInt(cell);
    if (value <= MAX_AMOUNT && value >= -MAX_AMOUNT) return value;
  }
  return faultAt(
    line,
    column,
    "OUT_OF_RANGE",
    `expected "${name}" within ±(2^127 − 1), found ${shown(cell)}`,
    "check the unit: amounts are in the token's smallest unit",
  );
}

/** As `readDelta`, and not negative. Refuses `NEGATIVE` besides. */
export function readAmount(
  cell: string,
  line: number,
  column: number,
  name: string,
): bigint | LedgerFault {
  const value = readDelta(cell, line, column, name);
  if (typeof value !== "bigint" || value >= 0n) return value;
  return faultAt(
    line,
    column,
    "NEGATIVE",
    `expected "${name}" to be 0 or more, found ${shown(cell)}`,
    name === "amount"
      ? "exchange debtor and creditor, and leave the minus out"
      : "leave the minus out; only delta has a sign",
  );
}

/**
 * The name of an entity or a token: any text of 1 … 128 characters that can be printed and has no
 * white space around it. Refuses `NAME_EMPTY`, `NAME_TOO_LONG`, `NAME_CHARACTER`, `NAME_SPACE`.
 */
export function readName(
  cell: string,
  line: number,
  column: number,
  name: string,
): string | LedgerFault {
  if (cell === "") {
    return faultAt(
      line,
      column,
      "NAME_EMPTY",
      `expected a name for "${name}", found an empty cell`,
      "write the name, or remove the row",
    );
  }
  if (cell.length > MAX_NAME) {
    return faultAt(
      line,
      column,
      "NAME_TOO_LONG",
      `expected "${name}" to have at most ${MAX_NAME} characters, found ${cell.length}`,
      "shorten the name",
    );
  }
  if (UNPRINTABLE.test(cell)) {
    return faultAt(
      line,
      column,
      "NAME_CHARACTER",
      `expected "${name}" without control characters, found ${shown(cell)}`,
      "remove the character that cannot be printed",
    );
  }
  if (cell.trim() === cell) return cell;
  return faultAt(
    line,
    column,
    "NAME_SPACE",
    `expected "${name}" without white space around it, found ${shown(cell)}`,
    "remove the white space, or two spellings become two entities",
  );
}

/** A cell as a message may quote it: cut, and with nothing that a terminal would obey. */
export function shown(cell: string): string {
  const cut = cell.length > MAX_SHOWN ? `${cell.slice(0, MAX_SHOWN)}…` : cell;
  const plain = JSON.stringify(cut.toWellFormed());
  return plain.replace(
    new RegExp(UNPRINTABLE.source, "gu"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function notAnInteger(cell: string, line: number, column: number, name: string): LedgerFault {
  return faultAt(
    line,
    column,
    "NOT_AN_INTEGER",
    `expected "${name}" to be a plain integer, ` +
      `found ${cell === "" ? "an empty cell" : shown(cell)}`,
    integerFix(cell),
  );
}

function integerFix(cell: string): string {
  if (cell === "") return "write 0 if there is none";
  if (/^\+/.test(cell)) return "leave the plus out";
  if (/^-?0[0-9]/.test(cell)) return "leave the leading zeros out";
  if (cell === "-0") return "write 0";
  if (/^\s|\s$/.test(cell)) return "remove the white space";
  if (/^-?[0-9]+(?:[.,][0-9]*)?[eE]/.test(cell)) {
    return "write all digits; a spreadsheet has rounded it, so export the cell as text";
  }
  if (/^-?[0-9]*\.[0-9]+$/.test(cell)) {
    return "multiply by the token's decimals: amounts are in its smallest unit";
  }
  if (/^-?[0-9]{1,3}(?:[,_' .][0-9]{3})+$/.test(cell)) return "leave out what groups the digits";
  if (/^0x/i.test(cell)) return "write it in decimal";
  return "write digits only, such as -1500 or 0";
}
