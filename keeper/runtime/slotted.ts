/**
 * A map that is kept in pages: each key has its place in the order in which it came, so that a page
 * can be written without the others, and pages read in their order give the map's own order again.
 */
import { assert } from "../base/assert.ts";
import type { WritableMap } from "../base/overlay.ts";

/** All that one page holds, in the map's order; a page without entries is gone. */
export type SlotPage<K, V> = {
  readonly page: number;
  readonly entries: readonly (readonly [K, V])[];
};

export type SlottedMap<K, V> = WritableMap<K, V> & {
  /** Places given so far, those of deleted keys included: the next key gets the next one. */
  readonly given: number;
  /** Pages with a change since the last call. Pages that came and went in between are left out. */
  takeChanged(): SlotPage<K, V>[];
  /** Every page, in order; changes stay noted. */
  allPages(): SlotPage<K, V>[];
};

type Cell<V> = { value: V; readonly page: number };

/** What was stored: pages in ascending order, and `given` as it was. */
export type Stored<K, V> = { readonly pages: readonly SlotPage<K, V>[]; readonly given: number };

/**
 * An empty map, or one as it was stored, without a change to write.
 * @param pageSize keys of one page at most; 1 where a key's value is large and changes alone
 * @throws InvariantError when what was stored was never such a map; check it before
 */
export function createSlottedMap<K, V>(pageSize: number, stored?: Stored<K, V>): SlottedMap<K, V> {
  const cells = new Map<K, Cell<V>>();
  /** Keys of each page, where a page has more than one. */
  const members = new Map<number, Set<K>>();
  /** By page, the key that changed last: where a page has one key it is that. */
  const changed = new Map<number, K>();
  let given = 0;
  /** Pages below this one may have been written. */
  let writtenPages = 0;

  function insert(key: K, value: V, page: number): void {
    cells.set(key, { value, page });
    if (pageSize === 1) return;
    const others = members.get(page);
    if (others === undefined) members.set(page, new Set([key]));
    else others.add(key);
  }

  function pageOf(page: number, key: K | undefined): SlotPage<K, V> {
    const single = key !== undefined && cells.get(key)?.page === page ? [key] : [];
    const keys = pageSize === 1 ? single : [...(members.get(page) ?? [])];
    return { page, entries: keys.map((one) => [one, (cells.get(one) as Cell<V>).value] as const) };
  }

  if (stored !== undefined) {
    for (const { page, entries } of stored.pages) {
      for (const [key, value] of entries) {
        assert(!cells.has(key) && page * pageSize < stored.given, "no map was stored so", { page });
        insert(key, value, page);
      }
    }
    given = stored.given;
    writtenPages = Math.ceil(given / pageSize);
  }

  return {
    get size() {
      return cells.size;
    },
    get given() {
      return given;
    },
    get: (key) => cells.get(key)?.value,
    has: (key) => cells.has(key),
    keys: () => cells.keys(),
    set(key, value) {
      const cell = cells.get(key);
      const page = cell === undefined ? Math.floor(given++ / pageSize) : cell.page;
      if (cell === undefined) insert(key, value, page);
      else cell.value = value;
      changed.set(page, key);
    },
    delete(key) {
      const cell = cells.get(key);
      if (cell === undefined) return false;
      cells.delete(key);
      const others = members.get(cell.page);
      others?.delete(key);
      if (others?.size === 0) members.delete(cell.page);
      const isEmpty = pageSize === 1 || others?.size === 0;
      if (isEmpty && cell.page >= writtenPages) changed.delete(cell.page);
      else changed.set(cell.page, key);
      return true;
    },
    takeChanged() {
      const pages = Array.from(changed, ([page, key]) => pageOf(page, key));
      changed.clear();
      writtenPages = Math.ceil(given / pageSize);
      return pages;
    },
    allPages() {
      if (pageSize > 1) return Array.from(members.keys(), (page) => pageOf(page, undefined));
      return Array.from(cells, ([key, { page }]) => pageOf(page, key));
    },
  };
}
