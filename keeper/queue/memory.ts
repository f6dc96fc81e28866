/** The queue inside the process, for machines without Redis (QUE-3). It forgets when it ends. */
import { setTimeout as delay } from "node:timers/promises";
import { checkJobs, RESULTS_KEPT, retryMs } from "./job.ts";
import type { Handler, Job, Json, Queue, QueueName, Trouble } from "./types.ts";

type Entry = { readonly job: Job; readonly ended: Promise<Json>; readonly end: (r: Json) => void };

type Lane = {
  readonly entries: Map<string, Entry>;
  waiting: Entry[];
  /** Ids that have ended, oldest first. */
  readonly finished: string[];
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
      lane = { entries: new Map(), waiting: [], finished: [], handler: null, free: 0 };
      lanes.set(name, lane);
    }
    return lane;
  }

  function put(lane: Lane, job: Job): Entry {
    const known = lane.entries.get(job.id);
    if (known) return known;
    const { promise: ended, resolve: end } = Promise.withResolvers<Json>();
    const entry: Entry = { job, ended, end };
    lane.entries.set(job.id, entry);
    lane.waiting.push(entry);
    return entry;
  }

  function pump(lane: Lane): void {
    const { handler } = lane;
    if (handler === null || stopping.signal.aborted) return;
    const batch = lane.waiting.splice(0, lane.free);
    lane.free -= batch.length;
    for (const entry of batch) {
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
        // Data pass through JSON, as they would through Redis.
        const job: Job = JSON.parse(JSON.stringify(entry.job));
        const result: Json = JSON.parse(JSON.stringify(await handler(job)));
        return finish(lane, entry, result);
      } catch (error) {
        trouble("job tried again", `${entry.job.id}: ${String(error)}`);
        await delay(retryMs(attempts), undefined, { signal: stopping.signal }).catch(() => null);
      }
    }
  }

  function finish(lane: Lane, entry: Entry, result: Json): void {
    entry.end(result);
    lane.finished.push(entry.job.id);
    if (lane.finished.length > RESULTS_KEPT) lane.entries.delete(lane.finished.shift() as string);
  }

  function enter(name: QueueName, jobs: readonly Job[]): Entry[] {
    checkJobs(jobs);
    const lane = laneOf(name);
    const entries = jobs.map((job) => put(lane, job));
    pump(lane);
    return entries;
  }

  return {
    kind: "memory",
    add: async (name, jobs) => {
      enter(name, jobs);
    },
    run: async (name, jobs) => Promise.all(enter(name, jobs).map(({ ended }) => ended)),
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
    },
  };
}
