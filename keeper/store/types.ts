/** The log of ticks, its checkpoints, and recovery (STO-1). */
import type { Bytes, Bytes32 } from "../base/bytes.ts";

/** One tick as it stands in the log. */
export type LogRecord = {
  readonly height: number;
  /** Canonical bytes of the tick's inputs. */
  readonly record: Bytes;
  /** Root after the tick. */
  readonly root: Bytes32;
};

/** A tick as it was read: behaviour follows the version that wrote it (ARC-4). */
export type StoredRecord = LogRecord & { readonly protocol: number };

/** Raised by each keeper that opens the folder; the signer asks for it before it signs (QUE-2). */
export type Fence = number;

/** A page of state; a null value says that the page is gone. Keys are 1 to 1,978 bytes. */
export type PageChange = { readonly key: Bytes; readonly value: Bytes | null };
export type Page = { readonly key: Bytes; readonly value: Bytes };

/** State as of the end of tick `height`; pages come in ascending order of their keys. */
export type Checkpoint = {
  readonly height: number;
  readonly root: Bytes32;
  readonly pages: Iterable<Page>;
};

/**
 * An append-only file of numbered entries, in segments. The log of ticks is one; the signer's
 * guard is given another, apart from it.
 */
export type Journal = {
  /** Number of the last durable entry; 0 while there is none. */
  readonly height: () => number;
  /** Size of all segments. */
  readonly bytes: () => number;
  /**
   * Appends entries numbered one by one from the last; resolves when they are durable. Everything
   * that waits while a sync runs shares the next one.
   * @throws StoreError when nothing of it counts as written; see `retryable`.
   */
  readonly append: (entries: readonly JournalEntry[]) => Promise<void>;
  /** Durable entries above `after`, oldest first, in bounded memory. @throws StoreError. */
  readonly read: (after: number) => AsyncIterable<Read>;
  /** The next entry begins a new segment. */
  readonly rotate: () => void;
  /** Removes segments that hold nothing at or above `height`. */
  readonly drop: (height: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type JournalEntry = {
  readonly height: number;
  /** Put together as the payload; copied once. */
  readonly parts: readonly Bytes[];
};

export type Read = {
  readonly height: number;
  /** A view into a larger buffer, which it keeps alive. */
  readonly payload: Bytes;
  /** The version under which it was written. */
  readonly protocol: number;
};

export type Store = {
  /** This keeper's number among all that ever opened the folder. */
  readonly fence: Fence;
  /** False once another keeper has taken the folder over: then nothing may be signed (QUE-2). */
  readonly isCurrent: () => boolean;
  /** What opening had to cut or take over, for people. */
  readonly notices: readonly string[];
  /** Height of the last durable tick; 0 before the first. */
  readonly height: () => number;
  /** Appends and syncs (one `fdatasync` for all that waits); resolves when it is durable. */
  readonly append: (records: readonly LogRecord[]) => Promise<void>;
  /** Records after `height`, oldest first; a flipped byte is an error that names its place. */
  readonly read: (after: number) => AsyncIterable<StoredRecord>;
  /**
   * Folds the pages that changed since the last checkpoint into it, in one durable transaction.
   * `height` is that of a durable tick, not below the last checkpoint's.
   */
  readonly checkpoint: (
    height: number,
    root: Bytes32,
    pages: Iterable<PageChange>,
  ) => Promise<void>;
  /** The only one kept; read it before the next call of `checkpoint`. */
  readonly newestCheckpoint: () => Promise<Checkpoint | null>;
  /** Another journal of this folder, such as the guard's; closed with the store. */
  readonly journal: (name: JournalName) => Promise<Journal>;
  readonly close: () => Promise<void>;
};

export type JournalName = "guard";
