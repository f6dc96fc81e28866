/** How work reaches the machines (QUE-1). The queue rings the bell; it is never the ledger. */

/** What keepers put into the queue; each has its own workers. */
export const queueNames = [
  "ingress",
  "chain-watch",
  "chain-submit",
  "netting",
  "checkpoint",
] as const;

export type QueueName = (typeof queueNames)[number];

/** A value as JSON has it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Ids and inputs only, never a secret; the id makes a second run harmless. */
export type Job = {
  /** 1 to 200 of letters, digits, `.`, `_`, `-` and `/`; not a whole number. */
  readonly id: string;
  readonly data: Json;
};

/**
 * Work in stages: each is a job of its own, which begins when the one before it has ended and is
 * given what that one returned. Any of them may run twice.
 */
export type Flow = Job & {
  /** In their order, each once; at least one. Lower-case letters, at most 40. */
  readonly stages: readonly string[];
};

/** One job as its handler gets it. */
export type Work = Job & {
  /** Null for a job that is no stage of a flow; else `id` and `data` are the flow's. */
  readonly stage: string | null;
  /** What the stage before returned; null for the first. */
  readonly before: Json;
};

/**
 * Runs one job; may be called twice for the same id. What it returns is the job's result. One that
 * throws is tried again, with backoff, until it returns.
 */
export type Handler = (work: Work) => Promise<Json>;

export type Queue = {
  readonly kind: "redis" | "memory";
  /** Resolves when the jobs are taken in; one whose id is known already is not added again. */
  readonly add: (queue: QueueName, jobs: readonly Job[]) => Promise<void>;
  /**
   * Adds the jobs, waits until all have ended and returns their results in order. It outlives the
   * loss of everything in Redis: a job that is gone is added again, under its id.
   */
  readonly run: (queue: QueueName, jobs: readonly Job[]) => Promise<readonly Json[]>;
  /**
   * The same for flows: the results are those of their last stages. A flow that waits for its next
   * stage keeps nobody from working.
   */
  readonly runFlows: (queue: QueueName, flows: readonly Flow[]) => Promise<readonly Json[]>;
  /**
   * Rings again and again, about every so many milliseconds, one ring at a time, for as long as
   * the queue can: whoever must not miss one has a clock of its own beside it. A ring that throws
   * is told as trouble, and the next one comes all the same. In place of `work`.
   */
  readonly repeat: (queue: QueueName, everyMs: number, ring: () => Promise<void>) => void;
  /** Takes jobs of a queue, so many at a time. One handler a queue. */
  readonly work: (queue: QueueName, handler: Handler, concurrency: number) => void;
  /** Resolves when the jobs under way have ended; further ones wait for another worker. */
  readonly close: () => Promise<void>;
};

/** Told about trouble that the queue itself gets over: a lost connection, a job tried again. */
export type Trouble = (event: string, detail: string) => void;
