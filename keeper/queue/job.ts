/** What both queues demand of a job, and what both promise about one that throws. */
import type { Job } from "./types.ts";

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

/** Milliseconds before a job that threw is tried again; doubling up to the longest. */
export const RETRY_FIRST_MS = 100;
export const RETRY_LONGEST_MS = 10_000;

/** @param attempts how often it has failed before this time: 0 for the first failure */
export function retryMs(attempts: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 20), RETRY_LONGEST_MS);
}

/** Results that a queue remembers, so that a job added again need not run again. */
export const RESULTS_KEPT = 10_000;

/** What was asked of a queue that is closed, or is closed before it is done. */
export class QueueClosedError extends Error {
  constructor(what: string) {
    super(`the queue was closed: ${what}`);
  }
}
