/** How far ahead a condition's deadline may lie (CND-2). Unix seconds throughout. */
import type { BlockReference, Jurisdiction } from "../jurisdiction/types.ts";
import type { AccountState } from "./types.ts";

type Clocks = {
  readonly jurisdiction: Jurisdiction;
  readonly final: BlockReference | null;
  readonly now: number;
};

/**
 * This side's own clock, or the chain's final time where that is ahead: the chain is past it for
 * certain, and it is the chain that judges deadlines.
 */
export function clockOf({ now, final }: Pick<Clocks, "now" | "final">): number {
  return Math.max(now, final?.timestamp ?? 0);
}

/**
 * The latest deadline that this side signs: a dispute whose start it has not seen yet still ends
 * after it. The window is the sum of both response times; it sees a start within the time in which
 * it expects a transaction of its own to be included.
 */
export function latestDeadline(
  { leftResponse, rightResponse }: Pick<AccountState, "leftResponse" | "rightResponse">,
  clocks: Clocks,
): number {
  const window = leftResponse + rightResponse;
  return clockOf(clocks) + window - clocks.jurisdiction.inclusionMargin;
}
