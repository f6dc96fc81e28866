import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parseLedger } from "../netting/ledger/parse.ts";
import { type Ledger, type LedgerOptions, MAX_BYTES } from "../netting/ledger/types.ts";
import { Failure } from "./failure.ts";

/** A ledger with the file that it came from. */
export type LedgerFile = {
  /** The path as the user gave it. */
  readonly file: string;
  /** Of the file's bytes, in lower-case hexadecimal: the report's proof of its input. */
  readonly sha256: string;
  readonly ledger: Ledger;
};

/**
 * Reads a ledger or obligations file whole.
 * @throws Failure that names file, line and column, or an I/O error of Node
 */
export function readLedgerFile(file: string, options: LedgerOptions = {}): LedgerFile {
  const bytes = readBytes(file);
  const parsed = parseLedger(bytes, options);
  if (!parsed.ok) {
    const { code, message, fix, line, column } = parsed.refusal;
    throw new Failure(code.toLowerCase().replaceAll("_", "-"), message, fix, {
      file,
      ...(line === null ? {} : { line }),
      ...(column === null ? {} : { column }),
    });
  }
  return { file, sha256: createHash("sha256").update(bytes).digest("hex"), ledger: parsed.value };
}

/** Up to one byte more than is allowed: a pipe or a device tells no size beforehand. */
function readBytes(file: string): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) {
      throw new Failure("file-is-folder", `a folder, not a file: ${file}`, "name a file", { file });
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    while (size <= MAX_BYTES) {
      const expected = stat.isFile() ? stat.size - size + 1 : 65_536;
      const chunk = new Uint8Array(Math.max(1, Math.min(MAX_BYTES + 1 - size, expected)));
      const read = readSync(descriptor, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      size += read;
    }
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}
