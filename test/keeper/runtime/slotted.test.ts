import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { createSlottedMap, type SlottedMap } from "../../../keeper/runtime/slotted.ts";

type Write =
  | { readonly kind: "set"; readonly key: number; readonly value: number }
  | { readonly kind: "delete"; readonly key: number }
  | { readonly kind: "take" }
  | { readonly kind: "reopen" };

const key = fc.integer({ min: 0, max: 12 });
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set"), key, value: fc.nat(99) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("delete"), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("take") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen") }) },
) as fc.Arbitrary<Write>;

type Pages = Map<number, readonly (readonly [number, number])[]>;

/** Writes what changed into the pages, as a store would. */
function fold(map: SlottedMap<number, number>, pages: Pages): void {
  for (const { page, entries } of map.takeChanged()) {
    if (entries.length === 0) pages.delete(page);
    else pages.set(page, entries);
  }
}

function sorted(pages: Pages) {
  return Array.from(pages, ([page, entries]) => ({ page, entries })).sort(
    (a, b) => a.page - b.page,
  );
}

describe("a map in pages", () => {
  for (const pageSize of [1, 3]) {
    it(`STO-1: pages that changed, over those that were, are the map; ${pageSize} a page`, () => {
      fc.assert(
        fc.property(fc.array(write, { maxLength: 60 }), (writes) => run(pageSize, writes)),
        { seed: 7, numRuns: 500 },
      );
    });

    it(`STO-1: a page is told once, and not when it came and went; ${pageSize} a page`, () => {
      const map = createSlottedMap<number, string>(pageSize);
      map.set(1, "a");
      expect(map.takeChanged()).to.deep.equal([{ page: 0, entries: [[1, "a"]] }]);
      expect(map.takeChanged()).to.deep.equal([]);
      for (let other = 2; other < 2 + 2 * pageSize; other++) map.set(other, "b");
      for (let other = 2; other < 2 + 2 * pageSize; other++) map.delete(other);
      const changed = map.takeChanged().filter(({ page }) => page > 0);
      expect(changed).to.deep.equal([]);
    });
  }
});

/** Against a plain map: same keys in the same order, and pages that give the same map again. */
function run(pageSize: number, writes: readonly Write[]): void {
  const plain = new Map<number, number>();
  const pages: Pages = new Map();
  let map = createSlottedMap<number, number>(pageSize);
  for (const one of writes) {
    if (one.kind === "set") {
      plain.set(one.key, one.value);
      map.set(one.key, one.value);
    } else if (one.kind === "delete") expect(map.delete(one.key)).to.equal(plain.delete(one.key));
    else fold(map, pages);
    if (one.kind === "reopen") {
      map = createSlottedMap(pageSize, { pages: sorted(pages), given: map.given });
    }
    expect(map.size).to.equal(plain.size);
    const listed = [...map.keys()].map((name) => [name, map.get(name)]);
    expect(listed).to.deep.equal([...plain]);
  }
  fold(map, pages);
  expect(sorted(pages)).to.deep.equal(map.allPages());
  expect(sorted(pages).flatMap(({ entries }) => entries)).to.deep.equal([...plain]);
}
