import { faultAt, type LedgerFault, MAX_BYTES } from "./types.ts";

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const QUOTE = 0x22;

/**
 * The file's text, its byte order mark left out, or the fault that keeps it from being text.
 * Refuses `FILE_TOO_LARGE`, `FILE_EMPTY`, `ENCODING_UTF16`, `ENCODING_INVALID` and
 * `LINE_END`.
 */
export function decodeText(bytes: Uint8Array): string | LedgerFault {
  if (bytes.length > MAX_BYTES) {
    return {
      code: "FILE_TOO_LARGE",
      message: `expected at most ${MAX_BYTES} bytes, found more`,
      fix: "split the ledger by token, or leave out accounts without a balance",
      line: null,
      column: null,
    };
  }
  if (isUtf16(bytes)) {
    return faultAt(
      1,
      1,
      "ENCODING_UTF16",
      "expected UTF-8 text, found UTF-16",
      'save the file as "CSV UTF-8"',
    );
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return invalidByte(bytes);
  if (text.trim() === "") {
    return faultAt(
      1,
      1,
      "FILE_EMPTY",
      "expected a header and at least one row, found an empty file",
      "check that the export that wrote it has finished",
    );
  }
  if (text.includes("\r") && !text.includes("\n")) {
    return faultAt(
      1,
      1,
      "LINE_END",
      "expected lines that end in a line feed, found carriage returns alone",
      "save the file with Unix or Windows line ends",
    );
  }
  return text;
}

/** Undefined where the bytes are not UTF-8. A byte order mark is swallowed. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder tells neither where nor why; `invalidByte` looks for the place.
    return undefined;
  }
}

/** A byte order mark of UTF-16, or a zero byte in the first character of a header. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return false;
  const mark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return mark || (first === 0) !== (second === 0);
}

/** Finds the cell of the first byte that is not UTF-8: cells are ASCII-delimited, so try each. */
function invalidByte(bytes: Uint8Array): LedgerFault {
  let line = 1;
  let column = 1;
  let quoted = false;
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at] ?? LINE_FEED;
    if (byte === QUOTE) quoted = !quoted;
    if (byte !== LINE_FEED && (byte !== COMMA || quoted)) continue;
    if (decodeUtf8(bytes.subarray(start, at)) === undefined) break;
    start = at + 1;
    column++;
    if (byte !== LINE_FEED) continue;
    line++;
    column = 1;
    quoted = false;
  }
  return faultAt(
    line,
    column,
    "ENCODING_INVALID",
    "expected UTF-8 text, found a byte that is none",
    'save the file as "CSV UTF-8" (it may be Latin-1 or Windows-1252 now)',
  );
}
