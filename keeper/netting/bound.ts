/** How far one position may move under an objective (DESIGN NET-2, RCP-1). */

import { maxBigint, minBigint } from "../base/amount.ts";
import type { Objective, Position } from "./types.ts";

/**
 * The range of a position's flow is `[−down, up]`, both not negative. The first `gain` units in the
 * one open direction remove exposure (*value*) or excess (*excess*); with `gain > 0` the other
 * direction is closed. Smallest units.
 */
export type Bound = {
  readonly down: bigint;
  readonly up: bigint;
  readonly gain: bigint;
};

/** A position that stays: one object, so that loops recognise it at a glance. */
export const FROZEN: Bound = { down: 0n, up: 0n, gain: 0n };

/** What right owes left beyond the collateral (RCP-2). */
export function rightExposure(delta: bigint, collateral: bigint): bigint {
  return delta > collateral ? delta - collateral : 0n;
}

/** What left owes right beyond its collateral (RCP-2). */
export function leftExposure(delta: bigint): bigint {
  return delta < 0n ? -delta : 0n;
}

/** Exposure of `position`, were its delta `delta`, above the soft limit of who is owed. */
export function excessAt(position: Position, delta: bigint): bigint {
  if (delta < 0n) {
    return positive(-delta - position.rightSoftLimit);
  }
  return positive(delta - position.collateral - position.leftSoftLimit);
}

/** The range and gain of one position. A position without consent is frozen. */
export function bound(position: Position, objective: Objective): Bound {
  if (!position.consent) {
    return FROZEN;
  }
  return objective === "value" ? valueBound(position) : excessBound(position);
}

/** An exposure only shrinks and never changes debtor; a delta within `[0, C]` stays. */
function valueBound({ delta, collateral }: Position): Bound {
  if (delta < 0n) {
    return { down: 0n, up: -delta, gain: -delta };
  }
  if (delta > collateral) {
    const exposure = delta - collateral;
    return { down: exposure, up: 0n, gain: exposure };
  }
  return FROZEN;
}

/** Each side's exposure may end at what it is now or at the soft limit, never above the limit. */
function excessBound(position: Position): Bound {
  const { delta, collateral } = position;
  const left = leftExposure(delta);
  const right = rightExposure(delta, collateral);
  const leftEnd = minBigint(position.leftLimit, maxBigint(left, position.rightSoftLimit));
  const rightEnd = minBigint(position.rightLimit, maxBigint(right, position.leftSoftLimit));
  return {
    down: positive(delta + leftEnd),
    up: positive(collateral + rightEnd - delta),
    gain: excessAt(position, delta),
  };
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
