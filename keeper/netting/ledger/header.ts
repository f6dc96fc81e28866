import { shown } from "./cell.ts";
import { faultAt, type LedgerFault, type LedgerKind } from "./types.ts";

/** A column that a header may name. */
export type ColumnName =
  | "left"
  | "right"
  | "token"
  | "delta"
  | "collateral"
  | "creditLeft"
  | "creditRight"
  | "softLimitLeft"
  | "softLimitRight"
  | "debtor"
  | "creditor"
  | "amount";

/** Where each column stands (0-based, −1 where the file has none), and how many cells a row has. */
export type Layout = {
  readonly kind: LedgerKind;
  readonly cells: number;
  readonly at: Readonly<Record<ColumnName, number>>;
};

type Form = { readonly required: readonly ColumnName[]; readonly optional: readonly ColumnName[] };

const FORMS: Readonly<Record<LedgerKind, Form>> = {
  ledger: {
    required: ["left", "right", "token", "delta", "collateral", "creditLeft", "creditRight"],
    optional: ["softLimitLeft", "softLimitRight"],
  },
  obligations: { required: ["debtor", "creditor", "amount"], optional: ["token"] },
};

const EXPECTED =
  `begin a ledger with "${FORMS.ledger.required.join(",")}" ` +
  `(and ",softLimitLeft,softLimitRight" if you wish), ` +
  `or obligations with "debtor,creditor,amount" (and ",token")`;

/**
 * Reads the header. Columns may stand in any order; their names are exact.
 * Refuses `HEADER_MISSING`, `HEADER_DELIMITER`, `COLUMN_UNKNOWN`, `COLUMN_TWICE` and
 * `COLUMN_MISSING`, all of line 1.
 */
export function readHeader(cells: readonly string[]): Layout | LedgerFault {
  const kind = kindOf(cells);
  if (kind === undefined) return missingHeader(cells);
  const { required, optional } = FORMS[kind];
  const known: readonly string[] = [...required, ...optional];
  const at: Record<string, number> = {};
  for (const [index, cell] of cells.entries()) {
    if (!known.includes(cell)) return unknownColumn(cell, index + 1, kind, known);
    if (Object.hasOwn(at, cell)) return columnTwice(cell, index + 1, at[cell] as number);
    at[cell] = index;
  }
  for (const name of required)
    if (!Object.hasOwn(at, name)) return missingColumn(name, cells.length + 1, kind);
  const halves = ["softLimitLeft", "softLimitRight"] as const;
  const [absent, ...others] = halves.filter((name) => !Object.hasOwn(at, name));
  if (kind === "ledger" && absent !== undefined && others.length === 0) {
    return missingColumn(absent, cells.length + 1, kind);
  }
  return { kind, cells: cells.length, at: { ...NOWHERE, ...at } };
}

const NOWHERE: Readonly<Record<ColumnName, number>> = {
  left: -1,
  right: -1,
  token: -1,
  delta: -1,
  collateral: -1,
  creditLeft: -1,
  creditRight: -1,
  softLimitLeft: -1,
  softLimitRight: -1,
  debtor: -1,
  creditor: -1,
  amount: -1,
};

/** The kind that more of the names speak for, however they are written; undefined if none does. */
function kindOf(cells: readonly string[]): LedgerKind | undefined {
  const votes = { ledger: 0, obligations: 0 };
  for (const cell of cells) {
    const name = cell.trim().toLowerCase();
    for (const kind of ["ledger", "obligations"] as const) {
      const own = FORMS[kind].required.filter((column) => column !== "token");
      if (own.some((column) => column.toLowerCase() === name)) votes[kind]++;
    }
  }
  if (votes.ledger + votes.obligations === 0) return undefined;
  return votes.ledger >= votes.obligations ? "ledger" : "obligations";
}

function missingHeader(cells: readonly string[]): LedgerFault {
  const [only = ""] = cells;
  if (cells.length === 1 && /[;\t|]/.test(only)) {
    return faultAt(
      1,
      1,
      "HEADER_DELIMITER",
      `expected cells separated by commas, found ${shown(only)}`,
      "export the file with commas between cells",
    );
  }
  return faultAt(
    1,
    1,
    "HEADER_MISSING",
    `expected a header, found ${shown(cells.join(","))}`,
    EXPECTED,
  );
}

function unknownColumn(
  cell: string,
  column: number,
  kind: LedgerKind,
  known: readonly string[],
): LedgerFault {
  const near = known.find((name) => name.toLowerCase() === cell.trim().toLowerCase());
  return faultAt(
    1,
    column,
    "COLUMN_UNKNOWN",
    `expected a column of ${kind === "ledger" ? "a ledger" : "obligations"}, found ${shown(cell)}`,
    near === undefined ? `leave it out; known are ${known.join(", ")}` : `write it "${near}"`,
  );
}

function columnTwice(cell: string, column: number, first: number): LedgerFault {
  return faultAt(
    1,
    column,
    "COLUMN_TWICE",
    `expected each column once, found "${cell}" in columns ${first + 1} and ${column}`,
    "leave one of the two out",
  );
}

/** Points behind the last cell, where the column could stand. */
function missingColumn(name: ColumnName, column: number, kind: LedgerKind): LedgerFault {
  const half = name.startsWith("softLimit");
  return faultAt(
    1,
    column,
    "COLUMN_MISSING",
    half
      ? `expected both soft limits or neither, found no column "${name}"`
      : `expected a column "${name}", found none`,
    half ? `add "${name}", or leave the other out` : columnsOf(kind),
  );
}

function columnsOf(kind: LedgerKind): string {
  const { required, optional } = FORMS[kind];
  return `the columns are ${required.join(",")}[,${optional.join(",")}]`;
}
