/** The queue inside the process, for machines without Redis (QUE-3). It forgets when it ends. */
import { setTimeout as delay } from "node:timers/promises";
import { checkJobs, QueueClosedError, RESULTS_KEPT, retryMs } from "./job.ts";
import type { Handler, Job, Json, Queue, QueueName, Trouble } from "./types.ts";

type Entry = {
  readonly job: Job;
  readonly ended: Promise<Json>;
  readonly end: (result: Json) => void;
  readonly fail: (reason: Error) => void;
};

type Lane = {
  /** Jobs that wait, run, or have ended lately. */
  readonly entries: Map<string, Entry>;
  /** In the order in which they came. */
  readonly waiting: Set<Entry>;
  /** Ids that have ended, oldest first. */
  readonly finished: Set<string>;
  handler: Handler | null;
  free: number;
};

export function createMemoryQueue(trouble: Trouble): Queue {
  const lanes = new Map<QueueName, Lane>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  function laneOf(name: QueueName): Lane {
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = {
        entries: new Map(),
        waiting: new Set(),
        finished: new Set(),
        handler: null,
        free: 0,
      };
      lanes.set(name, lane);
    }
    return lane;
  }

  function put(lane: Lane, job: Job): Entry {
    const known = lane.entries.get(job.id);
    if (known) return known;
    const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<Json>();
    // Nobody may be waiting for it: a job that was only added.
    ended.catch(() => null);
    // Data pass through JSON, as they would through Redis.
    const entry: Entry = { job: throughJson(job), ended, end, fail };
    lane.entries.set(job.id, entry);
    lane.waiting.add(entry);
    return entry;
  }

  function pump(lane: Lane): void {
    const { handler } = lane;
    if (handler === null) return;
    for (const entry of lane.waiting) {
      if (lane.free === 0 || stopping.signal.aborted) return;
      lane.waiting.delete(entry);
      lane.free--;
      const work = runToEnd(lane, entry, handler).finally(() => {
        running.delete(work);
        lane.free++;
        pump(lane);
      });
      running.add(work);
    }
  }

  async function runToEnd(lane: Lane, entry: Entry, handler: Handler): Promise<void> {
    for (let attempts = 0; !stopping.signal.aborted; attempts++) {
      try {
        return finish(lane, entry, throughJson(await handler(throughJson(entry.job))));
      } catch (error) {
        trouble("job tried again", `${entry.job.id}: ${String(error)}`);
        await delay(retryMs(attempts), undefined, { signal: stopping.signal }).catch(() => null);
      }
    }
  }

  function finish(lane: Lane, { job, end }: Entry, result: Json): void {
    end(result);
    lane.finished.add(job.id);
    if (lane.finished.size <= RESULTS_KEPT) return;
    for (const oldest of lane.finished) {
      lane.finished.delete(oldest);
      lane.entries.delete(oldest);
      return;
    }
  }

  async function enter(name: QueueName, jobs: readonly Job[]): Promise<Entry[]> {
    if (stopping.signal.aborted) throw new QueueClosedError("it takes no more jobs");
    checkJobs(jobs);
    const lane = laneOf(name);
    const entries = jobs.map((job) => put(lane, job));
    pump(lane);
    return entries;
  }

  return {
    kind: "memory",
    add: async (name, jobs) => {
      await enter(name, jobs);
    },
    run: async (name, jobs) => {
      const entries = await enter(name, jobs);
      return Promise.all(entries.map(({ ended }) => ended));
    },
    work: (name, handler, concurrency) => {
      const lane = laneOf(name);
      if (lane.handler !== null) throw new Error(`queue ${name} has its worker already`);
      lane.handler = handler;
      lane.free = concurrency;
      pump(lane);
    },
    close: async () => {
      stopping.abort();
      await Promise.all(running);
      for (const { entries } of lanes.values()) {
        for (const { job, fail } of entries.values()) {
          // One that has ended is settled already: this changes nothing.
          fail(new QueueClosedError(`job ${job.id} had not ended`));
        }
      }
    },
  };
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
