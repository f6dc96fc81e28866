/** Capacities of any size in limbs of 32 bits, so that digits of them are cut out as numbers. */

export type Limbs = {
  /** Limbs of each capacity, the lowest first. */
  readonly words: Uint32Array;
  readonly perItem: number;
  /** No capacity has more bits. */
  readonly bits: number;
  /** The sum of all, rounded: only for choosing how many bits to begin with. */
  readonly sum: number;
};

const LIMB = 2 ** 32;

/** The limbs of integers that are not negative. */
export function limbsOf(items: readonly bigint[]): Limbs {
  const largest = items.reduce((most, item) => (item > most ? item : most), 0n);
  const bits = largest.toString(2).length;
  const doubles = Math.ceil(bits / 64);
  const wide = new BigUint64Array(items.length * doubles);
  for (const [index, item] of items.entries()) {
    // Storing keeps the lowest 64 bits.
    let at = index * doubles;
    for (let rest = item; rest > 0n; rest >>= 64n) {
      wide[at++] = rest;
    }
  }
  const words = inOrder(new Uint32Array(wide.buffer));
  const perItem = doubles * 2;
  let sum = 0;
  for (let index = 0; index < words.length; index += 1) {
    sum += (words[index] as number) * LIMB ** (index % perItem);
  }
  return { words, perItem, bits, sum };
}

/** Bits `shift … shift + bits − 1` of one item, for at most 52 bits. */
export function digitOf(
  { words, perItem }: Limbs,
  item: number,
  shift: number,
  bits: number,
): number {
  const base = item * perItem;
  let digit = 0;
  let weight = 1;
  let at = shift;
  for (let left = bits; left > 0; ) {
    const offset = at & 31;
    const take = Math.min(32 - offset, left);
    const index = at >>> 5;
    const word = index < perItem ? (words[base + index] as number) >>> offset : 0;
    digit += (take === 32 ? word : (word & ((1 << take) - 1)) >>> 0) * weight;
    weight *= 2 ** take;
    at += take;
    left -= take;
  }
  return digit;
}

/** The lower limb first, whatever the machine's own order is. */
function inOrder(words: Uint32Array): Uint32Array {
  const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  for (let index = 0; !littleEndian && index < words.length; index += 2) {
    const high = words[index] as number;
    words[index] = words[index + 1] as number;
    words[index + 1] = high;
  }
  return words;
}
