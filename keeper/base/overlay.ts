import type { Compare } from "./order.ts";

/** What can be read from: a Map, or an overlay over one. */
export type ReadableMap<K, V> = {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  keys(): Iterable<K>;
};

/** What an overlay can be folded into: a Map, or another overlay. */
export type WritableMap<K, V> = ReadableMap<K, V> & {
  set(key: K, value: V): unknown;
  delete(key: K): boolean;
};

/**
 * A draft over a map (ARC-5): writes stay here, reads fall through, the base is never copied.
 * To drop the draft, forget it. While it lives nobody else writes to its base. No value may be
 * `undefined`: that is how a map says that it lacks the key.
 */
export type Overlay<K, V> = WritableMap<K, V> & {
  /** True when nothing has been written since the last commit. */
  readonly isClean: boolean;
  /** Folds every write into the base; the overlay is then clean and may be used again. */
  commit(): void;
  /** The keys written or deleted here, in the order of their first write. */
  changedKeys(): Iterable<K>;
};

const DELETED: unique symbol = Symbol("deleted");

/** A clean draft over `base`, which may be an overlay itself. Costs nothing until written to. */
export function createOverlay<K, V>(base: WritableMap<K, V>): Overlay<K, V> {
  let writes: Map<K, V | typeof DELETED> | undefined;
  let sizeChange = 0;

  function has(key: K): boolean {
    const own = writes?.get(key);
    if (own === undefined) return base.has(key);
    return own !== DELETED;
  }

  function write(key: K, value: V | typeof DELETED): void {
    writes ??= new Map();
    writes.set(key, value);
  }

  return {
    get size() {
      return base.size + sizeChange;
    },
    get isClean() {
      return writes === undefined;
    },
    get(key) {
      const own = writes?.get(key);
      if (own === undefined) return base.get(key);
      return own === DELETED ? undefined : own;
    },
    has,
    set(key, value) {
      if (!has(key)) sizeChange++;
      write(key, value);
    },
    delete(key) {
      if (!has(key)) return false;
      sizeChange--;
      write(key, DELETED);
      return true;
    },
    *keys() {
      for (const key of base.keys()) if (writes?.get(key) !== DELETED) yield key;
      if (writes === undefined) return;
      for (const [key, value] of writes) if (value !== DELETED && !base.has(key)) yield key;
    },
    changedKeys() {
      return writes?.keys() ?? [];
    },
    commit() {
      if (writes === undefined) return;
      for (const [key, value] of writes) {
        if (value === DELETED) base.delete(key);
        else base.set(key, value);
      }
      writes = undefined;
      sizeChange = 0;
    },
  };
}

/** All keys in canonical order. It sorts, so it belongs to reports and hashes, not to hot paths. */
export function orderedKeys<K, V>(map: ReadableMap<K, V>, compare: Compare<K>): K[] {
  return Array.from(map.keys()).sort(compare);
}
