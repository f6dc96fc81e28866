import type { Refusal } from "../../base/result.ts";
import type { Network } from "../types.ts";

/** A file of accounts, or a file of debts; its header tells. */
export type LedgerKind = "ledger" | "obligations";

/** One token of a ledger: its positions, and where they came from. */
export type TokenLedger = {
  /** As the file writes it; `UNIT` where the file has no token column. */
  readonly name: string;
  /** Positions in file order, in the file's orientation; entities are numbered as in `names`. */
  readonly network: Network;
  /** `lines[i]` is the 1-based line of the file that position i stands on, or first stood on. */
  readonly lines: readonly number[];
  /** What summing each pair's obligations alone removed from their gross; 0 for a ledger. */
  readonly bilateral: bigint;
};

/** A whole file, read without a fault. */
export type Ledger = {
  readonly kind: LedgerKind;
  /** Names of entities in order of first appearance; the index is the entity's number. */
  readonly names: readonly string[];
  /** Tokens in order of first appearance. */
  readonly tokens: readonly TokenLedger[];
  /** Distinct pairs of entities, over all tokens. */
  readonly accounts: number;
  /** `file`, or the share of credit limits that stands for the soft limits. */
  readonly softLimit: "file" | `${number}%`;
};

/** Why a file was refused. Stable: scripts and the table of bad inputs rely on these. */
export type LedgerCode =
  | "FILE_TOO_LARGE"
  | "FILE_EMPTY"
  | "ENCODING_UTF16"
  | "ENCODING_INVALID"
  | "HEADER_MISSING"
  | "HEADER_DELIMITER"
  | "COLUMN_UNKNOWN"
  | "COLUMN_TWICE"
  | "COLUMN_MISSING"
  | "ROWS_MISSING"
  | "ROWS_TOO_MANY"
  | "LINE_END"
  | "LINE_EMPTY"
  | "LINE_TOO_LONG"
  | "QUOTE_INVALID"
  | "CELL_MISSING"
  | "CELL_EXTRA"
  | "NAME_EMPTY"
  | "NAME_TOO_LONG"
  | "NAME_CHARACTER"
  | "NAME_SPACE"
  | "NOT_AN_INTEGER"
  | "NEGATIVE"
  | "OUT_OF_RANGE"
  | "SAME_ENTITY"
  | "PAIR_TWICE"
  | "TOKENS_TOO_MANY"
  | "RCP_1";

/** A refusal that points into the file: where, what was expected, and what to do. */
export type LedgerFault = Refusal<LedgerCode> & {
  /** 1-based line; null, as `column` is, when the file as a whole is at fault. */
  readonly line: number | null;
  /** 1-based number of the cell in its line: the CSV's column. */
  readonly column: number | null;
  readonly fix: string;
};

/** How to read what the file leaves open. */
export type LedgerOptions = {
  /**
   * Soft limits as a whole percentage (0 … 100) of credit limits, rounded down; it wins over the
   * file's own. Absent: the file's, or 50 % where it has none.
   */
  readonly softLimitPercent?: number;
};

/** Limits on what comes from outside, checked before anything is allocated for it. */
export const MAX_BYTES = 128 * 1024 * 1024;
export const MAX_ROWS = 1_000_000;
export const MAX_TOKENS = 1_024;
export const MAX_LINE_BYTES = 8_192;
/** In UTF-16 code units, as a string's `length` counts. */
export const MAX_NAME = 128;
export const DEFAULT_SOFT_LIMIT_PERCENT = 50;
/** The token of obligations whose file has no token column. */
export const UNNAMED_TOKEN = "UNIT";

/** A fault at a cell; what concerns a whole line points to its first one. */
export function faultAt(
  line: number,
  column: number,
  code: LedgerCode,
  message: string,
  fix: string,
): LedgerFault {
  return { code, message, line, column, fix };
}
