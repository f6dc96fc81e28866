/** What both queues demand of a job, and what both promise about one that throws. */
import type { Flow, Job, QueueName } from "./types.ts";

const ID = /^(?=.{1,200}$)[A-Za-z0-9._/-]*[A-Za-z._/-][A-Za-z0-9._/-]*$/;

/**
 * BullMQ reads colons as its own and whole numbers as ids that it gave itself.
 * @throws RangeError naming the id: the caller made it.
 */
export function checkJobs(jobs: readonly Job[]): void {
  for (const { id } of jobs) {
    if (!ID.test(id)) {
      const rule = "1 to 200 of letters, digits, . _ - and /, not only digits";
      throw new RangeError(`job id ${JSON.stringify(id)} will not do: ${rule}`);
    }
  }
}

const STAGE = /^[a-z]{1,40}$/;

/** @throws RangeError naming what will not do: the caller made it. */
export function checkFlows(flows: readonly Flow[]): void {
  checkJobs(flows);
  for (const { id, stages } of flows) {
    const isFit = stages.every((stage) => STAGE.test(stage));
    if (isFit && stages.length > 0 && new Set(stages).size === stages.length) continue;
    const rule = "at least one, each once, of 1 to 40 letters a to z";
    throw new RangeError(`stages of ${id} will not do: ${JSON.stringify(stages)}: ${rule}`);
  }
}

/** The job of one stage. No id has this sign, so it is nobody else's. */
export function stageId(flow: string, stage: string): string {
  return `${flow}@${stage}`;
}

/** Milliseconds before a job that threw is tried again; doubling up to the longest. */
export const RETRY_FIRST_MS = 100;
export const RETRY_LONGEST_MS = 10_000;

/** @param attempts how often it has failed before this time: 0 for the first failure */
export function retryMs(attempts: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 20), RETRY_LONGEST_MS);
}

/** Results that a queue remembers, so that a job added again need not run again. */
export const RESULTS_KEPT = 10_000;

/** A queue has one handler, or one that is rung: two would be the caller's fault. */
export function workerTaken(name: QueueName): Error {
  return new Error(`queue ${name} has its worker already`);
}

/** What was asked of a queue that is closed, or is closed before it is done. */
export class QueueClosedError extends Error {
  constructor(what: string) {
    super(`the queue was closed: ${what}`);
  }
}
