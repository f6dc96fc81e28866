/** The times of a plan (NET-5, CND-2), in Unix seconds and seconds. */
import type { PlanContext } from "./input.ts";
import { MAX_COMMIT_SECONDS } from "./limit.ts";
import type { Plan } from "./types.ts";

type Times = Pick<PlanContext, "inclusionMargin" | "responseTime">;

/**
 * Whoever has the certificate before this records its legs as committed; from here on only the
 * chain decides what is not applied yet. A neighbour may take a response time to acknowledge, and
 * what is shown to the chain then is still included by `commitBy`.
 */
export function applyBy({ commitBy }: Pick<Plan, "commitBy">, times: Times): number {
  return commitBy - times.inclusionMargin - times.responseTime;
}

/**
 * How far ahead a `commitBy` may lie: within the window of accounts that both sides opened with the
 * jurisdiction's response time, less the time in which a side sees a dispute start (CND-2).
 */
export function commitWindow({ inclusionMargin, responseTime }: Times): number {
  return Math.min(2 * responseTime - inclusionMargin, MAX_COMMIT_SECONDS);
}
