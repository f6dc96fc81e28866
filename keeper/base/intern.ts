import { assert } from "./assert.ts";
import type { Bytes32 } from "./bytes.ts";

/**
 * Small integers for ids (SPEED 12): the n-th new id is n, counted from 0, on every machine.
 * Ids are kept for ever; they live in slabs of 32 bytes each beside a table of indices.
 */
export type Interner = {
  readonly size: number;
  /** The integer of `id`, a new one if it has none. */
  intern(id: Bytes32): number;
  /** The integer of `id`, or -1. */
  find(id: Bytes32): number;
  /**
   * The id of an integer: a view that must not be written to.
   * @throws InvariantError for an integer not given.
   */
  bytesOf(index: number): Bytes32;
};

const SLAB_IDS = 1024;
const FIRST_TABLE = 64;

/**
 * An empty interner. `seed` only moves ids inside of the table: a shell that serves strangers
 * passes a random one, so that nobody can grind ids that collide. Results do not depend on it.
 */
export function createInterner(seed = 0): Interner {
  const slabs: Uint8Array[] = [];
  let table = new Int32Array(FIRST_TABLE).fill(-1);
  let size = 0;

  function isAt(index: number, id: Bytes32): boolean {
    const slab = slabs[Math.floor(index / SLAB_IDS)] as Uint8Array;
    const offset = (index % SLAB_IDS) * 32;
    // The last bytes differ most often: small ids share their leading zeros.
    for (let i = 31; i >= 0; i--) if (slab[offset + i] !== id[i]) return false;
    return true;
  }

  function slotOf(id: Bytes32): number {
    const mask = table.length - 1;
    let slot = hashOf(id, seed) & mask;
    for (;;) {
      const index = table[slot] as number;
      if (index < 0 || isAt(index, id)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function bytesOf(index: number): Bytes32 {
    assert(index >= 0 && index < size, "no id was interned under this integer", { index });
    const offset = (index % SLAB_IDS) * 32;
    const slab = slabs[Math.floor(index / SLAB_IDS)] as Uint8Array;
    return slab.subarray(offset, offset + 32) as Bytes32;
  }

  function grow(): void {
    table = new Int32Array(table.length * 2).fill(-1);
    for (let index = 0; index < size; index++) table[slotOf(bytesOf(index))] = index;
  }

  return {
    get size() {
      return size;
    },
    find(id) {
      return table[slotOf(id)] as number;
    },
    intern(id) {
      assert(id.length === 32, "only 32 bytes can be interned", { length: id.length });
      const slot = slotOf(id);
      const known = table[slot] as number;
      if (known >= 0) return known;
      if (size % SLAB_IDS === 0) slabs.push(new Uint8Array(SLAB_IDS * 32));
      (slabs[slabs.length - 1] as Uint8Array).set(id, (size % SLAB_IDS) * 32);
      const index = size++;
      table[slot] = index;
      if (size * 2 > table.length) grow();
      return index;
    },
    bytesOf,
  };
}

/** Multiply and rotate over the eight words, with the finish of MurmurHash3. */
function hashOf(id: Bytes32, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < 32; i += 4) {
    const high = ((id[i] as number) << 24) | ((id[i + 1] as number) << 16);
    const word = high | ((id[i + 2] as number) << 8) | (id[i + 3] as number);
    hash ^= Math.imul(word, 0xcc9e2d51);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
