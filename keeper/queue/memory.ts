/** The queue inside the process, for machines without Redis (QUE-3). It forgets when it ends. */
import { setTimeout as delay } from "node:timers/promises";
import {
  checkFlows,
  checkJobs,
  QueueClosedError,
  RESULTS_KEPT,
  retryMs,
  stageId,
  workerTaken,
} from "./job.ts";
import type { Flow, Handler, Job, Json, Queue, QueueName, Trouble, Work } from "./types.ts";

type Entry = {
  /** The job's id, or the stage's. */
  readonly name: string;
  work: Work;
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
  /** Queues that are worked or rung. */
  const taken = new Set<QueueName>();
  const timers = new Set<NodeJS.Timeout>();
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

  function enter(lane: Lane, name: string, work: Work): Entry {
    const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<Json>();
    // Nobody may be waiting for it: a job that was only added.
    ended.catch(() => null);
    // Data pass through JSON, as they would through Redis.
    const entry: Entry = { name, work: throughJson(work), ended, end, fail };
    lane.entries.set(name, entry);
    return entry;
  }

  function put(lane: Lane, { id, data }: Job): Entry {
    const known = lane.entries.get(id);
    if (known) return known;
    const entry = enter(lane, id, { id, data, stage: null, before: null });
    lane.waiting.add(entry);
    return entry;
  }

  /** Its last stage. Each of the others puts the one after it among those that wait. */
  function putFlow(lane: Lane, { id, data, stages }: Flow): Entry {
    const name = stageId(id, stages.at(-1) as string);
    const known = lane.entries.get(name);
    if (known) return known;
    let last: Entry | null = null;
    for (const stage of stages) {
      const former: Entry | null = last;
      const entry = enter(lane, stageId(id, stage), { id, data, stage, before: null });
      if (former === null) lane.waiting.add(entry);
      else former.ended.then((before) => release(lane, entry, before)).catch(() => null);
      last = entry;
    }
    return last as Entry;
  }

  function release(lane: Lane, entry: Entry, before: Json): void {
    entry.work = { ...entry.work, before };
    lane.waiting.add(entry);
    pump(lane);
  }

  function pump(lane: Lane): void {
    const { handler } = lane;
    if (handler === null) return;
    for (const entry of lane.waiting) {
      if (lane.free === 0 || stopping.signal.aborted) return;
      lane.waiting.delete(entry);
      lane.free--;
      track(runToEnd(lane, entry, handler), () => {
        lane.free++;
        pump(lane);
      });
    }
  }

  /** `close` waits for it. */
  function track(work: Promise<void>, after: () => void): void {
    const tracked = work.finally(() => {
      running.delete(tracked);
      after();
    });
    running.add(tracked);
  }

  async function runToEnd(lane: Lane, entry: Entry, handler: Handler): Promise<void> {
    for (let attempts = 0; !stopping.signal.aborted; attempts++) {
      try {
        return finish(lane, entry, throughJson(await handler(throughJson(entry.work))));
      } catch (error) {
        trouble("job tried again", `${entry.name}: ${String(error)}`);
        await delay(retryMs(attempts), undefined, { signal: stopping.signal }).catch(() => null);
      }
    }
  }

  function finish(lane: Lane, { name, end }: Entry, result: Json): void {
    end(result);
    lane.finished.delete(name);
    lane.finished.add(name);
    if (lane.finished.size <= RESULTS_KEPT) return;
    for (const oldest of lane.finished) {
      lane.finished.delete(oldest);
      lane.entries.delete(oldest);
      return;
    }
  }

  function enterAll<J extends Job>(
    name: QueueName,
    jobs: readonly J[],
    check: (jobs: readonly J[]) => void,
    putOne: (lane: Lane, job: J) => Entry,
  ): readonly Entry[] {
    if (stopping.signal.aborted) throw new QueueClosedError("it takes no more jobs");
    check(jobs);
    const lane = laneOf(name);
    const entries = jobs.map((job) => putOne(lane, job));
    pump(lane);
    return entries;
  }

  function repeat(name: QueueName, everyMs: number, ring: () => Promise<void>): void {
    take(name);
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      const told = ring().catch((error) => trouble("ring failed", `${name}: ${String(error)}`));
      track(told, () => {
        busy = false;
      });
    }, everyMs);
    timers.add(timer);
  }

  function take(name: QueueName): void {
    if (taken.has(name)) throw workerTaken(name);
    taken.add(name);
  }

  return {
    kind: "memory",
    add: async (name, jobs) => {
      enterAll(name, jobs, checkJobs, put);
    },
    run: async (name, jobs) => {
      const entries = enterAll(name, jobs, checkJobs, put);
      return Promise.all(entries.map(({ ended }) => ended));
    },
    runFlows: async (name, flows) => {
      const entries = enterAll(name, flows, checkFlows, putFlow);
      return Promise.all(entries.map(({ ended }) => ended));
    },
    repeat,
    work: (name, handler, concurrency) => {
      take(name);
      const lane = laneOf(name);
      lane.handler = handler;
      lane.free = concurrency;
      pump(lane);
    },
    close: async () => {
      stopping.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
      for (const { entries } of lanes.values()) {
        for (const { name, fail } of entries.values()) {
          // One that has ended is settled already: this changes nothing.
          fail(new QueueClosedError(`job ${name} had not ended`));
        }
      }
    },
  };
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
