/** The queue on Redis, by BullMQ: settings as its production guide has them. */
import { setTimeout as delay } from "node:timers/promises";
import {
  type Job as BullJob,
  type JobsOptions,
  Queue as BullQueue,
  QueueEvents,
  Worker,
} from "bullmq";
import { checkJobs, RESULTS_KEPT, retryMs } from "./job.ts";
import type { Handler, Job, Json, Queue, QueueName, Trouble } from "./types.ts";

export type RedisQueueOptions = {
  readonly url: string;
  /** Before all keys: networks that share a Redis do not meet. */
  readonly prefix: string;
  readonly trouble: Trouble;
};

/** How long one wait for a job's end lasts before it is looked at whether the job still exists. */
const WAIT_MS = 5_000;

const JOB_OPTIONS: JobsOptions = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: "retry" },
  removeOnComplete: { count: RESULTS_KEPT },
  removeOnFail: { count: RESULTS_KEPT },
};

export function createRedisQueue(options: RedisQueueOptions): Queue {
  const { url, prefix, trouble } = options;
  const producers = new Map<QueueName, BullQueue>();
  const listeners = new Map<QueueName, QueueEvents>();
  const workers = new Map<QueueName, Worker>();
  let closed = false;

  const reconnect = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000);

  /** A producer fails fast, so that its caller knows; a worker waits for Redis for ever. */
  function connection(patient: boolean) {
    const maxRetriesPerRequest = patient ? null : 1;
    return { url, maxRetriesPerRequest, retryStrategy: reconnect, enableOfflineQueue: patient };
  }

  function watch<T extends { on(event: "error", handler: (error: Error) => void): unknown }>(
    part: T,
    name: QueueName,
  ): T {
    part.on("error", (error) => {
      if (!closed) trouble("redis connection", `${name}: ${error.message}`);
    });
    return part;
  }

  function producerOf(name: QueueName): BullQueue {
    let producer = producers.get(name);
    if (producer === undefined) {
      producer = watch(new BullQueue(name, { connection: connection(true), prefix }), name);
      producer.setMaxListeners(0);
      producers.set(name, producer);
    }
    return producer;
  }

  function listenerOf(name: QueueName): QueueEvents {
    let listener = listeners.get(name);
    if (listener === undefined) {
      listener = watch(new QueueEvents(name, { connection: connection(true), prefix }), name);
      listener.setMaxListeners(0);
      listeners.set(name, listener);
    }
    return listener;
  }

  async function add(name: QueueName, jobs: readonly Job[]) {
    checkJobs(jobs);
    return producerOf(name).addBulk(
      jobs.map(({ id, data }) => ({ name: "job", data, opts: { ...JOB_OPTIONS, jobId: id } })),
    );
  }

  async function runAll(name: QueueName, jobs: readonly Job[]): Promise<readonly Json[]> {
    let added: readonly (BullJob | undefined)[] = [];
    try {
      added = await add(name, jobs);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      trouble("jobs not taken in", `${name}: ${String(error)}`);
    }
    return Promise.all(jobs.map((job, index) => endOf(name, job, added[index])));
  }

  async function endOf(name: QueueName, job: Job, first: BullJob | undefined): Promise<Json> {
    let added = first;
    for (let attempts = 0; !closed; attempts++) {
      try {
        added ??= (await add(name, [job]))[0];
        if (added === undefined) throw new Error("the job was not taken in");
        return (await added.waitUntilFinished(listenerOf(name), WAIT_MS)) as Json;
      } catch (error) {
        // Its wait ran out, Redis was away, or it came back without the job: ask again.
        trouble("job asked for again", `${job.id}: ${String(error)}`);
        added = undefined;
        await delay(retryMs(attempts));
      }
    }
    throw new Error(`the queue was closed while ${job.id} was under way`);
  }

  return {
    kind: "redis",
    add: async (name, jobs) => {
      await add(name, jobs);
    },
    run: runAll,
    work: (name, handler, concurrency) => {
      if (workers.has(name)) throw new Error(`queue ${name} has its worker already`);
      workers.set(name, watch(workerOf(name, handler, concurrency), name));
    },
    close: async () => {
      closed = true;
      await Promise.all([...workers.values()].map((worker) => worker.close()));
      const rest = [...producers.values(), ...listeners.values()];
      await Promise.all(rest.map((part) => part.close()));
    },
  };

  function workerOf(name: QueueName, handler: Handler, concurrency: number): Worker {
    return new Worker(
      name,
      async ({ id, data }) => {
        if (id === undefined) throw new Error("a job without an id");
        return handler({ id, data });
      },
      {
        connection: connection(true),
        prefix,
        concurrency,
        settings: { backoffStrategy: (attempts: number) => retryMs(attempts - 1) },
      },
    );
  }
}

