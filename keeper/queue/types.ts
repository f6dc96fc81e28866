/** How work reaches the machines (QUE-1). The queue rings the bell; it is never the ledger. */
export type QueueName =
  | "ingress"
  | "chain-watch"
  | "chain-submit"
  | "netting"
  | "dispute-watch"
  | "checkpoint";

/** Ids and inputs only, as JSON; the id makes a second run harmless. */
export type Job = { readonly id: string; readonly data: unknown };

/** What a job ends with: JSON. A handler that throws is tried again; a refusal is a result. */
export type Handler = (job: Job) => Promise<unknown>;

export type Queue = {
  readonly kind: "redis" | "memory";
  /** Resolves when the job is taken in; a job with an id that is known already is not added. */
  readonly add: (queue: QueueName, jobs: readonly Job[]) => Promise<void>;
  /** Adds, waits for the end and returns the result. */
  readonly run: (queue: QueueName, jobs: readonly Job[]) => Promise<readonly unknown[]>;
  readonly work: (queue: QueueName, handler: Handler, concurrency: number) => void;
  readonly close: () => Promise<void>;
};
