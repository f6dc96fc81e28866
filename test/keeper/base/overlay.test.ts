import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { compareNumbers } from "../../../keeper/base/order.ts";
import { createOverlay, orderedKeys, type WritableMap } from "../../../keeper/base/overlay.ts";

type Step = { readonly kind: "set" | "delete"; readonly key: number; readonly value: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("set", "delete"),
  key: fc.nat(6),
  value: fc.nat(99),
});

function run(map: WritableMap<number, number>, steps: readonly Step[]): void {
  for (const { kind, key, value } of steps) {
    if (kind === "set") map.set(key, value);
    else map.delete(key);
  }
}

function entriesOf(map: WritableMap<number, number>): (number | undefined)[][] {
  return orderedKeys(map, compareNumbers).map((key) => [key, map.get(key)]);
}

describe("overlay", () => {
  it("ARC-5: a draft reads like a changed copy, and its base is untouched until commit", () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), fc.array(step), (first, second, third) => {
        const base = new Map<number, number>();
        run(base, first);
        const before = entriesOf(base);
        const model = new Map(base);
        const outer = createOverlay(base);
        run(outer, second);
        run(model, second);
        const middle = entriesOf(outer);
        const inner = createOverlay(outer);
        run(inner, third);
        run(model, third);
        expect(entriesOf(inner)).to.deep.equal(entriesOf(model));
        expect(inner.size).to.equal(model.size);
        for (let key = 0; key <= 6; key++) expect(inner.has(key)).to.equal(model.has(key));
        expect(entriesOf(outer)).to.deep.equal(middle);
        expect(entriesOf(base)).to.deep.equal(before);
        inner.commit();
        expect(inner.isClean).to.equal(true);
        expect(entriesOf(outer)).to.deep.equal(entriesOf(model));
        expect(entriesOf(base)).to.deep.equal(before);
        outer.commit();
        expect(entriesOf(base)).to.deep.equal(entriesOf(model));
        expect(outer.size).to.equal(base.size);
      }),
      { seed: 20262, numRuns: 400 },
    );
  });

  it("ARC-5: a dropped draft leaves no trace, and names what it changed", () => {
    const base = new Map([
      [1, "a"],
      [2, "b"],
    ]);
    const draft = createOverlay(base);
    expect(draft.isClean).to.equal(true);
    draft.set(3, "c");
    expect(draft.delete(1)).to.equal(true);
    expect(draft.delete(9)).to.equal(false);
    expect([...draft.changedKeys()]).to.deep.equal([3, 1]);
    expect([...base]).to.deep.equal([
      [1, "a"],
      [2, "b"],
    ]);
  });
});
