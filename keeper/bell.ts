/**
 * What is to be done again and again: the queue rings for it (QUE-1), and where the queue does not
 * ring in time, because its Redis is away or has lost the bell, a timer of this process does.
 */
import type { Queue, QueueName } from "./queue/types.ts";

export type Clock = {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Calls again and again; returns what ends that. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
};

const machineClock: Clock = {
  now: () => performance.now(),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds);
    return () => clearInterval(timer);
  },
};

export type BellOptions = {
  readonly queue: Pick<Queue, "repeat">;
  readonly name: QueueName;
  readonly everyMs: number;
  /** Never begun again before it has ended; what it throws is told as trouble. */
  readonly act: () => Promise<void>;
  readonly trouble: (event: string, detail: string) => void;
  readonly clock?: Clock;
};

/** Intervals without a ring after which the timer rings. */
const LATE = 3;

/** Returns what silences the bell; a ring that is under way goes on to its end. */
export function hangBell(options: BellOptions): () => void {
  const { queue, name, everyMs, act, trouble, clock = machineClock } = options;
  let rungAt = clock.now();
  let busy: Promise<void> | null = null;

  function ring(): Promise<void> {
    rungAt = clock.now();
    busy ??= act().finally(() => {
      busy = null;
    });
    return busy;
  }

  queue.repeat(name, everyMs, ring);
  return clock.every(everyMs, () => {
    if (clock.now() - rungAt < LATE * everyMs) return;
    ring().catch((error: unknown) => trouble("ring failed", `${name}: ${String(error)}`));
  });
}
