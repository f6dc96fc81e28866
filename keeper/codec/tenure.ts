import type { Bytes32 } from "../base/bytes.ts";

/** A board of a number and the second from which it counts; the first one's is 0 (ENT-5). */
export type Tenure = { readonly boardHash: Bytes32; readonly since: number };

/** The boards of a number that count: the one of that time and, in its grace, the one before. */
export type StandingBoards = {
  readonly current: Bytes32;
  readonly previous?: Bytes32 | undefined;
};

/**
 * The boards that count under proofs and certificates as of a time, as the EntityProvider has it.
 * A board counts from its `since`, that second included, and still as the previous one while the
 * time is below its successor's `since` plus `grace`. Null without a tenure.
 * @param tenures In ascending order of time, pending ones included.
 */
export function standingBoards(
  tenures: readonly Tenure[],
  asOf: number,
  grace: number,
): StandingBoards | null {
  const at = tenures.findLastIndex(({ since }) => since <= asOf);
  const current = tenures[at];
  if (current === undefined) return null;
  const inGrace = asOf < current.since + grace;
  const previous = inGrace ? tenures[at - 1] : undefined;
  return { current: current.boardHash, previous: previous?.boardHash };
}
