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

/** Raised by another keeper that takes over; read by the guard before every signature (QUE-2). */
export type Fence = number;

export type Store = {
  /** Appends and syncs (one `fdatasync` for all that is passed); resolves when it is durable. */
  readonly append: (records: readonly LogRecord[]) => Promise<void>;
  /** Records after `height`, oldest first; a torn tail ends it, a flipped byte is an error. */
  readonly read: (after: number) => AsyncIterable<LogRecord>;
  /** Puts changed pages of state under `height`; the newest whole checkpoint is what counts. */
  readonly checkpoint: (height: number, root: Bytes32, state: Bytes) => Promise<void>;
  readonly newestCheckpoint: () => Promise<{
    readonly height: number;
    readonly root: Bytes32;
    readonly state: Bytes;
  } | null>;
  readonly close: () => Promise<void>;
};
