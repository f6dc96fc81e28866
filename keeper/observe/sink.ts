import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** Where lines go. Writing never throws: a log must not stop what it tells of. */
export type Sink = {
  /** One line of JSON with its end. */
  readonly write: (line: string) => void;
  /** Lines that could not be written. */
  readonly dropped: () => number;
  readonly close: () => void;
};

export type FileOptions = {
  readonly path: string;
  /** The file is put aside before it grows beyond this. */
  readonly maxBytes?: number;
  /** Files put aside that are kept: `path.1` is the newest. */
  readonly keep?: number;
};

const MAX_BYTES = 64 * 1024 * 1024;
const KEEP = 4;

/** Standard error: JSON lines, or words where people read them. */
export function errorSink(pretty = process.stderr.isTTY === true): Sink {
  return {
    write: (line) => {
      process.stderr.write(pretty ? wordsOf(line) : line);
    },
    dropped: () => 0,
    close: () => undefined,
  };
}

/** A file with a bound. @throws the system's error when it cannot be opened. */
export function fileSink(options: FileOptions): Sink {
  const { path, maxBytes = MAX_BYTES, keep = KEEP } = options;
  let file = openSync(path, "a", 0o600);
  let size = fstatSync(file).size;
  let dropped = 0;

  function rotate(): void {
    for (let index = keep; index >= 1; index--) {
      moveIfThere(index === 1 ? path : `${path}.${index - 1}`, `${path}.${index}`);
    }
    const next = openSync(path, keep === 0 ? "w" : "a", 0o600);
    closeSync(file);
    file = next;
    size = fstatSync(file).size;
  }

  return {
    write(line) {
      const bytes = Buffer.from(line);
      try {
        if (size > 0 && size + bytes.length > maxBytes) rotate();
        size += writeSync(file, bytes);
      } catch {
        // A full disk: the keeper goes on, and the count tells of it.
        dropped += 1;
      }
    },
    dropped: () => dropped,
    close: () => closeSync(file),
  };
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    if (!isMissing) throw thrown;
  }
}

/** `12:34:56.789 info  event name=value …`, without control characters. */
export function wordsOf(line: string): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const words = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(event)}`;
  return `${[head, ...words].join(" ").replace(/\p{Cc}/gu, "·")}\n`;
}
