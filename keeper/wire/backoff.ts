/** How long to wait before dialling again: doubling, with jitter, never giving up (NETW-1). */
import { BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS } from "./limit.ts";

/** `draw` is in [0, 1): half of the wait is fixed, half is drawn, so that peers spread out. */
export function backoffMs(attempt: number, draw: number): number {
  const doubled = BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 20);
  const longest = Math.min(doubled, BACKOFF_LONGEST_MS);
  return Math.round(longest / 2 + (longest / 2) * draw);
}
