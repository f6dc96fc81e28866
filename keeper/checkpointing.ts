/**
 * Writes checkpoints beside the loop: what changed is taken between two ticks, and encoded and
 * written in small pieces while ticks go on.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { type Bytes, toHex } from "./base/bytes.ts";
import type { Log } from "./observe/types.ts";
import type { Checkpoints, PageDraft } from "./runtime/checkpoint.ts";
import type { Runtime } from "./runtime/types.ts";
import { StoreError } from "./store/fault.ts";
import type { PageChange, Store } from "./store/types.ts";

/** Pages that are encoded between two looks at what else waits: about a millisecond. */
const SLICE_PAGES = 100;

export type CheckpointWriter = {
  /** Somebody rang: a checkpoint is written after the next tick with which one is due. */
  readonly ring: () => void;
  /** To be called after each tick that is durable, before the next one; it never waits. */
  readonly released: (runtime: Runtime) => void;
  /** Resolves when the checkpoint under way has ended, or at once. */
  readonly idle: () => Promise<void>;
  /** The same; none begins after. */
  readonly stop: () => Promise<void>;
};

export type CheckpointOptions = {
  readonly store: Pick<Store, "checkpoint">;
  readonly checkpoints: Checkpoints;
  /** Ticks from one checkpoint to the next, at least; at most twice as many. */
  readonly everyTicks: number;
  /** Height of the newest checkpoint. */
  readonly newest: number;
  readonly log: Log;
  /** Told of what is no fault of the disk. */
  readonly halt: (reason: Error) => void;
};

/** So many times the interval, and no ring is waited for any longer. */
const UNRUNG = 2;

/**
 * A checkpoint is due with so many ticks after the last one. The queue rings for it (QUE-1); where
 * it does not, one is written all the same when twice as many have passed.
 * A checkpoint that the disk refuses is tried again after the next interval: the log alone is
 * enough to recover by, so ticks go on.
 */
export function createCheckpointWriter(options: CheckpointOptions): CheckpointWriter {
  const { store, checkpoints, everyTicks, log, halt } = options;
  let last = options.newest;
  let running: Promise<void> | null = null;
  let stopped = false;
  let rung = false;
  /** Taken, and not known to be written. */
  let unwritten: readonly PageDraft[] = [];

  async function write({ height, root }: Runtime, drafts: readonly PageDraft[]): Promise<void> {
    const begun = performance.now();
    const pages: PageChange[] = [];
    for (const { key, encode } of drafts) {
      pages.push({ key, value: encode === null ? null : encode() });
      if (pages.length % SLICE_PAGES === 0) await breathe();
    }
    await store.checkpoint(height, root, pages);
    unwritten = [];
    const ms = Math.round(performance.now() - begun);
    log.write("info", "checkpoint", { height, pages: pages.length, bytes: bytesOf(pages), ms });
  }

  function failed(thrown: unknown): void {
    const reason = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!(reason instanceof StoreError)) return halt(reason);
    log.write("error", "checkpoint failed", { reason: reason.message });
  }

  return {
    ring: () => {
      rung = true;
    },
    released(runtime) {
      const ticks = runtime.height - last;
      const due = rung ? everyTicks : UNRUNG * everyTicks;
      if (stopped || running !== null || ticks < due) return;
      rung = false;
      last = runtime.height;
      unwritten = merge(unwritten, checkpoints.take(runtime));
      running = write(runtime, unwritten)
        .catch(failed)
        .finally(() => {
          running = null;
        });
    },
    idle: async () => {
      await running;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

/** The newest draft of each page. */
function merge(old: readonly PageDraft[], taken: readonly PageDraft[]): readonly PageDraft[] {
  if (old.length === 0) return taken;
  return [...new Map([...old, ...taken].map((draft) => [toHex(draft.key), draft])).values()];
}

function bytesOf(pages: readonly PageChange[]): number {
  const length = (bytes: Bytes | null) => bytes?.length ?? 0;
  return pages.reduce((sum, { key, value }) => sum + key.length + length(value), 0);
}
