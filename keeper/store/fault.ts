export type StoreFault =
  /** Bytes that were durable are not what was written. */
  | "corrupt"
  /** Entries are missing between what is asked for and what is there. */
  | "gap"
  /** The disk has no room; nothing of the append counts as written, and it may be tried again. */
  | "diskFull"
  /** Reading or writing failed. */
  | "io"
  /** A sync failed before, so nothing is known of what was written since: start again. */
  | "stopped"
  /** Another process has the folder. */
  | "locked"
  /** The folder was written by another protocol or is of another kind. */
  | "foreign";

export type FaultPlace = {
  readonly file?: string;
  /** Bytes from the beginning of the file. */
  readonly offset?: number;
  readonly height?: number;
};

/** An I/O error of the store (ARC-2): it says where, what to do, and whether to try again. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreFault;
  readonly fix: string;
  readonly retryable: boolean;
  readonly place: FaultPlace;

  constructor(
    code: StoreFault,
    message: string,
    fix: string,
    place: FaultPlace = {},
    cause?: unknown,
  ) {
    super(`${message}${wordsOf(place)}; ${fix}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.fix = fix;
    this.retryable = code === "diskFull";
    this.place = place;
  }
}

/** The error of a failed call of the disk, with the system's own code in its words. */
export function diskError(thrown: unknown, action: string, place: FaultPlace): StoreError {
  const code = systemCode(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") {
    const message = `no room left to ${action} (${code})`;
    return new StoreError("diskFull", message, "free some space", place, thrown);
  }
  const message = `cannot ${action} (${code})`;
  return new StoreError("io", message, "check the disk and its permissions", place, thrown);
}

function systemCode(thrown: unknown): string {
  if (thrown instanceof Error && "code" in thrown) return String(thrown.code);
  return String(thrown);
}

function wordsOf(place: FaultPlace): string {
  const words = [
    place.file === undefined ? "" : ` in ${place.file}`,
    place.offset === undefined ? "" : ` at offset ${place.offset}`,
    place.height === undefined ? "" : ` (height ${place.height})`,
  ];
  return words.join("");
}
