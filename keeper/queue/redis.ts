/** The queue on Redis, by BullMQ: settings as its production guide has them. */
import { setTimeout as delay } from "node:timers/promises";
import { Queue as BullQueue, type JobsOptions, Worker } from "bullmq";
import { createAnnouncer, type Manner } from "./announcer.ts";
import { checkJobs, QueueClosedError, RESULTS_KEPT, retryMs } from "./job.ts";
import { createOutcomes, type Outcomes, type State } from "./outcome.ts";
import type { Handler, Job, Json, Queue, QueueName, Trouble } from "./types.ts";

export type RedisQueueOptions = {
  readonly url: string;
  /** Before all keys: networks that share a Redis do not meet. */
  readonly prefix: string;
  readonly trouble: Trouble;
  /** Milliseconds after which a Redis that does not answer counts as away: 5,000 unless told. */
  readonly answerMs?: number;
  /**
   * Milliseconds for which a worker's job is its own, unless renewed: 10,000 unless told. The jobs
   * of a worker that died are run by others after at most twice that time.
   */
  readonly lockMs?: number;
};

const ANSWER_MS = 5_000;
const LOCK_MS = 10_000;
/** Entries of BullMQ's stream of events, which only people look at. */
const EVENTS_KEPT = 1_000;

/** A job is tried for ever: what throws is a fault that passes, a refusal is a result. */
const JOB_OPTIONS: JobsOptions = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: "retry" },
  removeOnComplete: { count: RESULTS_KEPT },
  removeOnFail: { count: RESULTS_KEPT },
};

type Producer = {
  readonly queue: BullQueue;
  readonly put: (jobs: readonly Job[]) => Promise<void>;
};

export function createRedisQueue(options: RedisQueueOptions): Queue {
  const { url, prefix, trouble, answerMs = ANSWER_MS, lockMs = LOCK_MS } = options;
  const producers = new Map<QueueName, Producer>();
  const outcomes = new Map<QueueName, Outcomes>();
  const workers = new Map<QueueName, Worker>();
  const handling = new Set<Promise<Json>>();
  let closed = false;

  const announcer = createAnnouncer(
    url,
    { patient: manner(true), hasty: manner(false) },
    (event, detail) => !closed && trouble(event, detail),
  );
  const channelOf = (name: QueueName) => `${prefix}:${name}:ended`;

  /** A producer fails fast, so that its caller knows; the others wait for Redis for ever. */
  function manner(patient: boolean): Manner {
    const retryStrategy = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000);
    return { maxRetriesPerRequest: patient ? null : 1, retryStrategy };
  }

  const connection = (patient: boolean) => ({ url, ...manner(patient) });

  function watch<T extends { on(event: "error", handler: (error: Error) => void): unknown }>(
    part: T,
    name: QueueName,
  ): T {
    part.on("error", (error) => {
      if (!closed) trouble("redis connection", `${name}: ${error.message}`);
    });
    return part;
  }

  function producerOf(name: QueueName): Producer {
    const known = producers.get(name);
    if (known !== undefined) return known;
    const streams = { events: { maxLen: EVENTS_KEPT } };
    const queue = watch(
      new BullQueue(name, { connection: connection(false), prefix, streams }),
      name,
    );
    const put = async (jobs: readonly Job[]) => {
      const bulk = jobs.map(({ id, data }) => ({
        name: "job",
        data,
        opts: { ...JOB_OPTIONS, jobId: id },
      }));
      await inTime(queue.addBulk(bulk));
    };
    const producer = { queue, put };
    producers.set(name, producer);
    return producer;
  }

  function outcomesOf(name: QueueName): Outcomes {
    let found = outcomes.get(name);
    if (found === undefined) {
      const { queue, put } = producerOf(name);
      const listening = announcer.listen(channelOf(name), (id, end) => found?.hear(id, end));
      found = createOutcomes(
        {
          put: async (jobs) => {
            await inTime(listening);
            await put(jobs);
            const ids = jobs.map(({ id }) => id);
            return inTime(announcer.membersOf(queue.toKey("completed"), ids));
          },
          look: (ids) => inTime(Promise.all(ids.map((id) => stateOf(queue, id)))),
        },
        trouble,
      );
      outcomes.set(name, found);
    }
    return found;
  }

  function workerOf(name: QueueName, handler: Handler, concurrency: number): Worker {
    async function handle({ id, data }: { id?: string | undefined; data: Json }): Promise<Json> {
      const job = handler({ id: id as string, data });
      handling.add(job);
      try {
        return await job;
      } catch (error) {
        trouble("job tried again", `${id}: ${String(error)}`);
        // A plain error: BullMQ reads others as a wish of ours.
        throw new Error(String(error));
      } finally {
        handling.delete(job);
      }
    }
    const worker = new Worker<Json, Json>(name, handle, {
      connection: connection(true),
      prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 500,
      settings: { backoffStrategy: (attempts: number) => retryMs(attempts - 1) },
    });
    worker.on("completed", ({ id }, result) => {
      outcomes.get(name)?.hear(id as string, result);
      announcer.tell(channelOf(name), id as string, result);
    });
    return worker;
  }

  /** @throws Error when Redis takes longer than it has to answer. */
  async function inTime<T>(work: Promise<T>): Promise<T> {
    const limit = new AbortController();
    const late = delay(answerMs, undefined, { signal: limit.signal }).then(() => {
      throw new Error(`Redis did not answer within ${answerMs} ms: asking again does no harm`);
    });
    // Whichever comes second is of no interest any more.
    work.catch(() => null);
    late.catch(() => null);
    try {
      return await Promise.race([work, late]);
    } finally {
      limit.abort();
    }
  }

  /**
   * Resolves when the jobs under way have ended and Redis knows it, or is away: then they are run
   * again. BullMQ waits for ever for a connection that is being made again, so it must not be asked
   * to close in order where there is none.
   */
  async function closeWorker(name: QueueName, worker: Worker): Promise<void> {
    await worker.pause(true);
    while (handling.size > 0) await Promise.allSettled(handling);
    const away = await inTime(announcer.membersOf(channelOf(name), ["none"])).then(
      () => false,
      () => true,
    );
    await inTime(worker.close(away)).catch((error: unknown) => {
      trouble("a worker did not close in order", `${name}: ${String(error)}`);
    });
  }

  return {
    kind: "redis",
    add: async (name, jobs) => {
      if (closed) throw new QueueClosedError("it takes no more jobs");
      checkJobs(jobs);
      await producerOf(name).put(jobs);
    },
    run: async (name, jobs) => {
      if (closed) throw new QueueClosedError("it takes no more jobs");
      checkJobs(jobs);
      return outcomesOf(name).run(jobs);
    },
    work: (name, handler, concurrency) => {
      if (workers.has(name)) throw new Error(`queue ${name} has its worker already`);
      workers.set(name, watch(workerOf(name, handler, concurrency), name));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.all([...workers].map(([name, worker]) => closeWorker(name, worker)));
      await Promise.all([...outcomes.values()].map((waits) => waits.close()));
      // Nothing waits for an answer any more: where Redis is away there is nothing to close.
      const rest = [...producers.values()].map(({ queue }) => inTime(queue.close()));
      await Promise.allSettled(rest);
      announcer.close();
    },
  };
}

/** What Redis says of a job. One that BullMQ has given up is removed, so that it can come again. */
async function stateOf(queue: BullQueue, id: string): Promise<State> {
  const [status, value] = (await queue.backend.isFinished(id, true)) as [number, string?];
  switch (status) {
    case 0:
      return { kind: "open" };
    case 1:
      return { kind: "done", result: JSON.parse(value ?? "null") as Json };
    case 2:
      await queue.remove(id);
      return { kind: "gone" };
    default:
      return { kind: "gone" };
  }
}
