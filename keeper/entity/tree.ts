/**
 * Roots over many accounts: pages of 16 hashes, in levels, so that one moved account costs one
 * path whatever the number of accounts (ACC-1). Slots are in the order in which accounts were
 * opened.
 */
import { assert } from "../base/assert.ts";
import { type Bytes32, ZERO_BYTES32 } from "../base/bytes.ts";
import { keccak256 } from "../codec/keccak.ts";

const FAN = 16;
const PAGE_BYTES = FAN * 32;

export type Tree = {
  readonly size: () => number;
  /** Sets the leaf of a slot; a new slot is the next one. */
  readonly set: (slot: number, leaf: Bytes32) => void;
  /** Zero without leaves; hashes only pages that changed since the last call. */
  readonly root: () => Bytes32;
};

type Level = { bytes: Uint8Array; count: number; readonly dirty: Set<number> };

export function createTree(): Tree {
  const levels: Level[] = [emptyLevel()];

  function put(depth: number, slot: number, hash: Bytes32): void {
    levels[depth] ??= emptyLevel();
    const level = levels[depth] as Level;
    const needed = Math.ceil((slot + 1) / FAN) * PAGE_BYTES;
    if (level.bytes.length < needed) {
      const grown = new Uint8Array(Math.max(needed, level.bytes.length * 2));
      grown.set(level.bytes);
      level.bytes = grown;
    }
    level.bytes.set(hash, slot * 32);
    level.count = Math.max(level.count, slot + 1);
    level.dirty.add(Math.floor(slot / FAN));
  }

  function root(): Bytes32 {
    for (let depth = 0; ; depth++) {
      const level = levels[depth] as Level;
      if (level.count === 0) return ZERO_BYTES32;
      for (const page of level.dirty) {
        const hash = keccak256(level.bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
        put(depth + 1, page, hash);
      }
      level.dirty.clear();
      const above = levels[depth + 1] as Level;
      if (above.count === 1) return above.bytes.slice(0, 32) as Bytes32;
    }
  }

  return {
    size: () => (levels[0] as Level).count,
    set: (slot, leaf) => {
      assert(slot <= (levels[0] as Level).count, "slots are given in order", { slot });
      put(0, slot, leaf);
    },
    root,
  };
}

function emptyLevel(): Level {
  return { bytes: new Uint8Array(PAGE_BYTES), count: 0, dirty: new Set() };
}
