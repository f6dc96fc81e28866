/** Numbers of frames and settlements: one counter per account and epoch (ACC-4, ACC-9). */
import type { Side } from "../jurisdiction/types.ts";
import { MAX_NUMBER, MAX_NUMBER_JUMP } from "./limit.ts";

/** Who drew a number: left's are odd, right's even. */
export function sideOfNumber(number: number): Side {
  return number % 2 === 1 ? "left" : "right";
}

export function otherSide(side: Side): Side {
  return side === "left" ? "right" : "left";
}

/**
 * The number of `side` in the first pair `2k, 2k+1` above `highest`; none is below 2.
 * @param highest of all numbers that the side has signed or seen, 0 for none
 */
export function nextNumber(side: Side, highest: number): number {
  const pair = Math.floor(highest / 2) + 1;
  return side === "left" ? 2 * pair + 1 : 2 * pair;
}

/** True for a number that a peer may not use: too far above `highest`, or past the end. */
export function isOutOfReach(number: number, highest: number): boolean {
  return number > Math.min(highest + MAX_NUMBER_JUMP, MAX_NUMBER);
}
