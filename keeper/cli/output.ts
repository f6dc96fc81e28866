/**
 * How commands speak: one JSON document or text on standard output, everything else (progress,
 * warnings) on standard error.
 */

/** A cell of a table: numbers and bigints are set to the right. */
export type Cell = string | number | bigint;

export type Column = { readonly title: string; readonly right?: boolean };

/** Prints the one document of `--json`: `schema` first, bigints as decimal strings. */
export function printDocument(fields: object): void {
  process.stdout.write(`${documentText(fields)}\n`);
}

/** The text of a document, one line. Money is a bigint and becomes a decimal string. */
export function documentText(fields: object): string {
  return JSON.stringify({ schema: 1, ...fields }, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** Prints a line of a command's answer on standard output. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Prints rows under titles, in columns. */
export function printTable(titles: readonly (string | Column)[], rows: readonly Cell[][]): void {
  print(tableText(titles, rows));
}

/** The text of a table: two spaces between columns, the last one unpadded. */
export function tableText(titles: readonly (string | Column)[], rows: readonly Cell[][]): string {
  const columns = titles.map((title) => (typeof title === "string" ? { title } : title));
  const lines = [columns.map((column) => column.title as Cell), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((cells) => [...String(cells[index] ?? "")].length)),
  );
  const isRight = columns.map(
    (column, index) =>
      column.right ?? (rows.length > 0 && rows.every((cells) => typeof cells[index] !== "string")),
  );
  const format = (cells: readonly Cell[]) =>
    cells
      .map((cell, index) => pad(String(cell), widths[index] ?? 0, isRight[index] === true))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [...lines.slice(0, 1).map(format), rule, ...rows.map(format)].join("\n");
}

/** Prints a line on standard error, after whatever progress stands there. */
export function note(line: string): void {
  clearProgress();
  process.stderr.write(`${line}\n`);
}

/**
 * Shows what goes on, on standard error: one line rewritten in place on a terminal, one line each
 * elsewhere (so call it a few times a second at most, and only when something has changed).
 */
export function progress(line: string): void {
  if (!process.stderr.isTTY) {
    process.stderr.write(`${line}\n`);
    return;
  }
  const width = Math.max(20, process.stderr.columns ?? 80) - 1;
  process.stderr.write(`\r\u001b[K${line.slice(0, width)}`);
  shown = true;
}

/** Removes the progress line of a terminal. */
export function clearProgress(): void {
  if (shown) process.stderr.write("\r\u001b[K");
  shown = false;
}

let shown = false;

function pad(text: string, width: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, width - [...text].length));
  return right ? space + text : text + space;
}
