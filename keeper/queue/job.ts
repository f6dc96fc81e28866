/** What both queues demand of a job. */
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

export function retryMs(attempts: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 20), RETRY_LONGEST_MS);
}

/** Results that a queue remembers, so that a job added again need not run again. */
export const RESULTS_KEPT = 10_000;
