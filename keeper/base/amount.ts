import { assert } from "./assert.ts";
import { ok, type Result, refuse } from "./result.ts";

/** RCP-5: an amount is an integer, 0 ≤ x < 2^127, in the token's smallest unit. */
export const MAX_AMOUNT = 2n ** 127n - 1n;

/** 0 ≤ x < 2^127. */
export function isAmount(value: bigint): boolean {
  return value >= 0n && value <= MAX_AMOUNT;
}

/** −2^127 < x < 2^127: what a delta, or the change of one, may be. */
export function isDelta(value: bigint): boolean {
  return value >= -MAX_AMOUNT && value <= MAX_AMOUNT;
}

/** Accepts an amount from outside. Refuses `amountRange`. */
export function checkAmount(value: bigint): Result<bigint> {
  return isAmount(value) ? ok(value) : outside("amountRange", "0 ≤ x < 2^127", value);
}

/** Accepts a delta from outside. Refuses `deltaRange`. */
export function checkDelta(value: bigint): Result<bigint> {
  return isDelta(value) ? ok(value) : outside("deltaRange", "−2^127 < x < 2^127", value);
}

/** a + b, refused with `amountRange` when it leaves the range of amounts. */
export function addAmount(a: bigint, b: bigint): Result<bigint> {
  return checkAmount(a + b);
}

/** a − b, refused with `amountRange` when it is negative or too large. */
export function subtractAmount(a: bigint, b: bigint): Result<bigint> {
  return checkAmount(a - b);
}

/** a + b, refused with `deltaRange` when it leaves the range of deltas. */
export function addDelta(a: bigint, b: bigint): Result<bigint> {
  return checkDelta(a + b);
}

/** The value itself, where only a bug of ours can have led out of the range. */
export function requireAmount(value: bigint): bigint {
  assert(isAmount(value), "amount outside of 0 ≤ x < 2^127", { value });
  return value;
}

/** The value itself, where only a bug of ours can have led out of the range. */
export function requireDelta(value: bigint): bigint {
  assert(isDelta(value), "delta outside of −2^127 < x < 2^127", { value });
  return value;
}

export function minBigint(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function maxBigint(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function absBigint(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** `value` moved into [low, high]. @throws InvariantError when low > high. */
export function clampBigint(value: bigint, low: bigint, high: bigint): bigint {
  assert(low <= high, "empty interval", { low, high });
  return value < low ? low : value > high ? high : value;
}

function outside(code: string, range: string, value: bigint): Result<bigint> {
  return refuse(code, `keep the result within ${range}`, { value: `${value}` });
}
