import { CsvError, parse } from "csv-parse/sync";
import { ok, type Result } from "../../base/result.ts";
import { readAccountRow } from "./account-row.ts";
import { createBook, type TokenPage } from "./book.ts";
import { type Layout, readHeader } from "./header.ts";
import { type DebtBook, readObligationRow, rowsOf, sumObligations } from "./obligation-row.ts";
import { decodeText } from "./text.ts";
import {
  DEFAULT_SOFT_LIMIT_PERCENT,
  faultAt,
  type Ledger,
  type LedgerFault,
  type LedgerOptions,
  MAX_LINE_BYTES,
  MAX_ROWS,
  type TokenLedger,
} from "./types.ts";

/**
 * Reads a ledger or obligations file (DESIGN "Files that users touch"); its header tells which.
 * Pure: bytes in, a whole ledger or the first fault out, never a part of one.
 */
export function parseLedger(
  bytes: Uint8Array,
  options: LedgerOptions = {},
): Result<Ledger, LedgerFault> {
  const text = decodeText(bytes);
  if (typeof text !== "string") return { ok: false, refusal: text };
  const reader = createReader(options);
  const broken = readRecords(text, reader.read);
  const ledger = broken ?? reader.finish();
  return "code" in ledger ? { ok: false, refusal: ledger } : ok(ledger);
}

/** Hands every line's cells to `read` until it finds a fault; the first fault of the file. */
function readRecords(
  text: string,
  read: (cells: readonly string[], line: number) => LedgerFault | undefined,
): LedgerFault | undefined {
  let fault: LedgerFault | undefined;
  // Cells with a line feed are refused, so up to the first fault a record is a line.
  let line = 0;
  try {
    parse(text, {
      record_delimiter: ["\n", "\r\n"],
      relax_column_count: true,
      max_record_size: MAX_LINE_BYTES,
      on_record(cells: readonly string[]) {
        line++;
        fault ??= read(cells, line);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    fault ??= syntaxFault(error, line + 1);
  }
  return fault;
}

/** What the CSV reader says, in our words: it knows the cell, we know the line. */
function syntaxFault(error: CsvError, line: number): LedgerFault {
  if (error.code === "CSV_MAX_RECORD_SIZE") {
    return faultAt(
      line,
      1,
      "LINE_TOO_LONG",
      `expected a line of at most ${MAX_LINE_BYTES} bytes, found a longer one`,
      "check for a quote that is opened and not closed",
    );
  }
  const cell = (error as { readonly column?: unknown }).column;
  const found =
    error.code === "CSV_QUOTE_NOT_CLOSED"
      ? "found one that is not closed"
      : error.code === "CSV_INVALID_CLOSING_QUOTE"
        ? "found text after the closing one"
        : "found one inside of a cell";
  return faultAt(
    line,
    typeof cell === "number" ? cell + 1 : 1,
    "QUOTE_INVALID",
    `expected a quote only around a whole cell, ${found}`,
    'put quotes around the whole cell and write a quote inside of it twice ("")',
  );
}

type Reader = {
  readonly read: (cells: readonly string[], line: number) => LedgerFault | undefined;
  readonly finish: () => Ledger | LedgerFault;
};

/** Collects rows. Empty lines are taken at the end of the file only. */
function createReader(options: LedgerOptions): Reader {
  const book = createBook();
  const debts: DebtBook = new Map();
  let layout: Layout | undefined;
  let rows = 0;
  let emptyLine: number | undefined;

  function read(cells: readonly string[], line: number): LedgerFault | undefined {
    if (layout === undefined) {
      const header = readHeader(cells);
      if ("code" in header) return header;
      layout = header;
      return undefined;
    }
    if (cells.length === 1 && cells[0] === "") {
      emptyLine ??= line;
      return undefined;
    }
    const misshapen = checkShape(cells, line, ++rows, emptyLine, layout);
    if (misshapen !== undefined) return misshapen;
    return layout.kind === "ledger"
      ? readAccountRow(book, layout, options, cells, line)
      : readObligationRow(book, debts, layout, cells, line);
  }

  function finish(): Ledger | LedgerFault {
    if (layout === undefined || rows === 0) return noRows();
    const { kind } = layout;
    const fromFile = layout.at.softLimitLeft >= 0 && options.softLimitPercent === undefined;
    const percent = options.softLimitPercent ?? DEFAULT_SOFT_LIMIT_PERCENT;
    return {
      kind,
      names: book.names,
      tokens: book.pages.map((page) =>
        kind === "ledger"
          ? tokenLedger(page, book.names.length, page.positions, 0n)
          : summedLedger(page, book.names.length, debts, options),
      ),
      accounts: book.pairs.size,
      softLimit: fromFile ? "file" : `${percent}%`,
    };
  }

  return { read, finish };
}

function checkShape(
  cells: readonly string[],
  line: number,
  rows: number,
  emptyLine: number | undefined,
  layout: Layout,
): LedgerFault | undefined {
  if (emptyLine !== undefined) {
    const found = "expected a row, found an empty line before further rows";
    return faultAt(emptyLine, 1, "LINE_EMPTY", found, "remove the empty line");
  }
  if (rows > MAX_ROWS) {
    return faultAt(
      line,
      1,
      "ROWS_TOO_MANY",
      `expected at most ${MAX_ROWS} rows, found more`,
      "split the ledger by token, or leave out accounts without a balance",
    );
  }
  if (cells.length === layout.cells) return undefined;
  const more = cells.length > layout.cells;
  return faultAt(
    line,
    more ? layout.cells + 1 : cells.length + 1,
    more ? "CELL_EXTRA" : "CELL_MISSING",
    `expected ${layout.cells} cells as in the header, found ${cells.length}`,
    more
      ? "remove what is too much; put a name that has a comma in quotes"
      : "write every cell, 0 where there is no amount",
  );
}

function noRows(): LedgerFault {
  return faultAt(
    2,
    1,
    "ROWS_MISSING",
    "expected at least one row after the header, found none",
    "check the filter or the export that wrote the file",
  );
}

function summedLedger(
  page: TokenPage,
  entities: number,
  debts: DebtBook,
  options: LedgerOptions,
): TokenLedger {
  const summed = sumObligations(page.positions, rowsOf(debts, page.name), options);
  return tokenLedger(page, entities, summed.positions, summed.bilateral);
}

function tokenLedger(
  { name, lines }: TokenPage,
  entities: number,
  positions: TokenLedger["network"]["positions"],
  bilateral: bigint,
): TokenLedger {
  return { name, network: { entities, positions }, lines, bilateral };
}
