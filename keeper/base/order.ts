import { assert } from "./assert.ts";

/** Negative when `a` comes first, positive when `b` does, 0 when they are the same key. */
export type Compare<T> = (a: T, b: T) => number;

export const compareNumbers: Compare<number> = (a, b) => a - b;
export const compareBigints: Compare<bigint> = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
/** By UTF-16 code unit: the same on every machine, unlike a locale's order. */
export const compareStrings: Compare<string> = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Canonical lists are strictly ascending: sorted, and each key once. */
export function isStrictlyAscending<T>(items: readonly T[], compare: Compare<T>): boolean {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1] as T, items[i] as T) >= 0) return false;
  }
  return true;
}

/** The first index whose item is not below `item`; the length of the list if there is none. */
export function lowerBound<T>(items: readonly T[], item: T, compare: Compare<T>): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(items[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of `item` in a strictly ascending list, or -1. */
export function indexOfSorted<T>(items: readonly T[], item: T, compare: Compare<T>): number {
  const index = lowerBound(items, item, compare);
  return index < items.length && compare(items[index] as T, item) === 0 ? index : -1;
}

/**
 * Puts `item` into a strictly ascending list, in place, and returns its index.
 * @throws InvariantError when its key is there already.
 */
export function insertSorted<T>(items: T[], item: T, compare: Compare<T>): number {
  const index = lowerBound(items, item, compare);
  const taken = index < items.length && compare(items[index] as T, item) === 0;
  assert(!taken, "key is already in the sorted list", { index });
  items.splice(index, 0, item);
  return index;
}
