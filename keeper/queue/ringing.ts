/** A job that comes again and again, by BullMQ's schedulers; a lost one is put in again. */
import type { Queue as BullQueue } from "bullmq";
import type { Json, Trouble } from "./types.ts";

export type Ringing = {
  /** What the queue's worker does with each job. */
  readonly handle: () => Promise<Json>;
  readonly stop: () => void;
};

/** Name of the scheduler and of its jobs. */
const BELL = "bell";
/** Milliseconds without a ring after which the scheduler is set up again, at least. */
const SILENCE_MS = 2_000;

/**
 * @param inTime rejects when Redis takes too long
 * @param ring told again and again; one at a time, as its queue has one worker here
 */
export function startRinging(
  queue: BullQueue,
  everyMs: number,
  ring: () => Promise<void>,
  inTime: <T>(work: Promise<T>) => Promise<T>,
  trouble: Trouble,
): Ringing {
  let heard = false;
  let busy = false;
  let stopped = false;

  /** Setting it up again changes nothing where it stands: the next ring comes in its time. */
  async function setUp(): Promise<void> {
    const template = {
      name: BELL,
      data: null,
      opts: { removeOnComplete: true, removeOnFail: true },
    };
    await inTime(queue.upsertJobScheduler(BELL, { every: everyMs }, template));
  }

  function revive(): void {
    const silent = !heard && !busy;
    heard = false;
    if (!silent || stopped) return;
    setUp().catch((error: unknown) => {
      trouble("the queue does not ring", `${queue.name}: ${String(error)}`);
    });
  }

  const timer = setInterval(revive, Math.max(SILENCE_MS, 10 * everyMs));
  revive();

  return {
    handle: async () => {
      heard = true;
      busy = true;
      try {
        await ring();
      } catch (error) {
        trouble("ring failed", `${queue.name}: ${String(error)}`);
      } finally {
        busy = false;
      }
      return null;
    },
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
