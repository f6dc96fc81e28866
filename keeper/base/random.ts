import { assert } from "./assert.ts";

/**
 * A deterministic stream of numbers: the same seed gives the same stream on every machine.
 * For generators, tests and simulation; never for keys or salts, since it can be predicted.
 */
export type Random = {
  /** 0 ≤ x < 2^32, uniform. */
  uint32(): number;
  /** 0 ≤ x < bound, uniform, for 1 ≤ bound ≤ 2^32. */
  below(bound: number): number;
  /** low ≤ x ≤ high, uniform, for a span of at most 2^32. */
  between(low: number, high: number): number;
  /** 0 ≤ x < bound, uniform, for a bound of any size above 0. */
  bigintBelow(bound: bigint): bigint;
  bytes(length: number): Uint8Array;
  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** An independent stream, fixed by the seed and the label alone, not by what was drawn. */
  fork(label: string): Random;
};

const UINT32_SPAN = 2 ** 32;

/** xoshiro128** of Blackman and Vigna, seeded through FNV-1a and splitmix32. */
export function createRandom(seed: number | string): Random {
  const origin = `${seed}`;
  const state = stateOf(origin);

  function uint32(): number {
    const s0 = state[0] as number;
    const s1 = state[1] as number;
    const s2 = (state[2] as number) ^ s0;
    const s3 = (state[3] as number) ^ s1;
    const scrambled = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    state[0] = s0 ^ s3;
    state[1] = s1 ^ s2;
    state[2] = s2 ^ (s1 << 9);
    state[3] = rotate(s3, 11);
    return scrambled;
  }

  function below(bound: number): number {
    const valid = Number.isInteger(bound) && bound >= 1 && bound <= UINT32_SPAN;
    assert(valid, "bound outside of 1 … 2^32", { bound });
    const limit = UINT32_SPAN - (UINT32_SPAN % bound);
    let drawn = uint32();
    while (drawn >= limit) drawn = uint32(); // What is left over would favour small values.
    return drawn % bound;
  }

  function bigintBelow(bound: bigint): bigint {
    assert(bound > 0n, "bound must be above 0", { bound });
    const bits = (bound - 1n).toString(2).length;
    const words = Math.ceil(bits / 32);
    for (;;) {
      let drawn = 0n;
      for (let i = 0; i < words; i++) drawn = (drawn << 32n) | BigInt(uint32());
      drawn = BigInt.asUintN(bits, drawn);
      if (drawn < bound) return drawn;
    }
  }

  return {
    uint32,
    below,
    bigintBelow,
    between: (low, high) => low + below(high - low + 1),
    bytes: (length) => Uint8Array.from({ length }, () => uint32() >>> 24),
    chance: (numerator, denominator) => below(denominator) < numerator,
    pick(items) {
      assert(items.length > 0, "nothing to pick from");
      return items[below(items.length)] as (typeof items)[number];
    },
    shuffle(items) {
      const shuffled = items.slice();
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const kept = shuffled[i] as (typeof items)[number];
        shuffled[i] = shuffled[j] as (typeof items)[number];
        shuffled[j] = kept;
      }
      return shuffled;
    },
    fork: (label) => createRandom(`${origin}/${label}`),
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function stateOf(text: string): Int32Array {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  const state = new Int32Array(4);
  for (let i = 0; i < 4; i++) {
    hash = (hash + 0x9e3779b9) | 0;
    let word = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    state[i] = word ^ (word >>> 15);
  }
  if (state.every((word) => word === 0)) state[0] = 1; // All zeros is the one dead state.
  return state;
}
