/** The queue on Redis, by BullMQ: settings as its production guide has them. */
import { setTimeout as delay } from "node:timers/promises";
import {
  type Job as BullJob,
  Queue as BullQueue,
  FlowProducer,
  type JobsOptions,
  Worker,
} from "bullmq";
import { createAnnouncer, type Manner } from "./announcer.ts";
import { flowState, flowTree, isFlow, jobState, lastStageId, workOf } from "./flow.ts";
import {
  checkFlows,
  checkJobs,
  QueueClosedError,
  RESULTS_KEPT,
  retryMs,
  workerTaken,
} from "./job.ts";
import { createOutcomes, type Errand, type Outcomes } from "./outcome.ts";
import { type Ringing, startRinging } from "./ringing.ts";
import type { Flow, Handler, Job, Json, Queue, QueueName, Trouble } from "./types.ts";

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
  /** Milliseconds of silence after which a job is looked up: 2,000 unless told. */
  readonly silenceMs?: number;
};

const ANSWER_MS = 5_000;
const SILENCE_MS = 2_000;
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
  readonly put: (jobs: readonly (Job | Flow)[]) => Promise<void>;
};

export function createRedisQueue(options: RedisQueueOptions): Queue {
  const { url, prefix, trouble } = options;
  const { answerMs = ANSWER_MS, lockMs = LOCK_MS, silenceMs = SILENCE_MS } = options;
  const producers = new Map<QueueName, Producer>();
  const outcomes = new Map<QueueName, Outcomes>();
  const workers = new Map<QueueName, Worker>();
  const bells: Ringing[] = [];
  const handling = new Set<Promise<Json>>();
  const flowProducers: FlowProducer[] = [];
  let closed = false;
  /** What is on its way down loses its connections: that is no trouble. */
  const lost: Trouble = (event, detail) => {
    if (!closed) trouble(event, detail);
  };

  const announcer = createAnnouncer(url, { patient: manner(true), hasty: manner(false) }, lost);
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
    part.on("error", (error) => lost("redis connection", `${name}: ${error.message}`));
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
    let flows: FlowProducer | null = null;
    const flowProducer = () => {
      if (flows !== null) return flows;
      flows = watch(new FlowProducer({ connection: connection(false), prefix }), name);
      flowProducers.push(flows);
      return flows;
    };
    const put = async (jobs: readonly (Job | Flow)[]) => {
      const bulk = jobs.flatMap((job) => {
        if (isFlow(job)) return [];
        return [{ name: "job", data: job.data, opts: { ...JOB_OPTIONS, jobId: job.id } }];
      });
      const trees = jobs.filter(isFlow).map((flow) => flowTree(name, flow, JOB_OPTIONS));
      const adding = trees.map((tree) => flowProducer().add(tree));
      if (bulk.length > 0) await inTime(queue.addBulk(bulk));
      await inTime(Promise.all(adding));
    };
    const producer = { queue, put };
    producers.set(name, producer);
    return producer;
  }

  function outcomesOf(name: QueueName): Outcomes {
    let found = outcomes.get(name);
    if (found === undefined) {
      const { queue, put } = producerOf(name);
      const endedOf = async (errands: readonly Errand[]) => {
        const ids = errands.map(({ id }) => id);
        if (ids.length === 0) return [];
        return inTime(announcer.membersOf(queue.toKey("completed"), ids));
      };
      const stateOf = ({ id, job }: Errand) =>
        isFlow(job) ? flowState(queue, job) : jobState(queue, id);
      const listening = announcer.listen(channelOf(name), (id, end) => found?.hear(id, end));
      found = createOutcomes(
        {
          put: async (errands) => {
            await inTime(listening);
            const ended = await endedOf(errands.filter(({ job }) => isFlow(job)));
            // A flow whose first stages are forgotten would run them again.
            const fresh = errands.filter(({ id }) => !ended.includes(id));
            await put(fresh.map(({ job }) => job));
            return [...ended, ...(await endedOf(fresh))];
          },
          look: (errands) => inTime(Promise.all(errands.map(stateOf))),
        },
        trouble,
        silenceMs,
      );
      outcomes.set(name, found);
    }
    return found;
  }

  function workerOf(name: QueueName, handler: Handler, concurrency: number): Worker {
    async function handle(raw: BullJob<Json, Json>): Promise<Json> {
      const job = workOf(raw, raw.name).then(handler);
      handling.add(job);
      try {
        return await job;
      } catch (error) {
        trouble("job tried again", `${raw.id}: ${String(error)}`);
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
    worker.on("completed", ({ id, parentKey, repeatJobKey }, result) => {
      // Nobody waits for a stage with another behind it, or for a ring.
      if (parentKey !== undefined || repeatJobKey !== undefined) return;
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

  /** A connection that could not be closed in order looks for its Redis for ever. */
  function forget(part: { readonly disconnect: () => Promise<void> }): void {
    part.disconnect().catch(() => null);
  }

  function repeat(name: QueueName, everyMs: number, ring: () => Promise<void>): void {
    if (workers.has(name)) throw workerTaken(name);
    const bell = startRinging(producerOf(name).queue, everyMs, ring, inTime, lost);
    bells.push(bell);
    workers.set(name, watch(workerOf(name, bell.handle, 1), name));
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    for (const bell of bells) bell.stop();
    await Promise.all([...workers].map(([name, worker]) => closeWorker(name, worker)));
    await Promise.all([...outcomes.values()].map((waits) => waits.close()));
    // Nothing waits for an answer any more: where Redis is away there is nothing to close.
    const rest = [...[...producers.values()].map(({ queue }) => queue), ...flowProducers];
    await Promise.allSettled(rest.map((part) => inTime(part.close())));
    for (const part of [...rest, ...workers.values()]) forget(part);
    announcer.close();
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
      return outcomesOf(name).run(jobs.map((job) => ({ id: job.id, job })));
    },
    runFlows: async (name, asked) => {
      if (closed) throw new QueueClosedError("it takes no more jobs");
      checkFlows(asked);
      return outcomesOf(name).run(asked.map((job) => ({ id: lastStageId(job), job })));
    },
    repeat,
    work: (name, handler, concurrency) => {
      if (workers.has(name)) throw workerTaken(name);
      workers.set(name, watch(workerOf(name, handler, concurrency), name));
    },
    close,
  };
}
