import { expect } from "chai";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { createRandom } from "../../../keeper/base/random.ts";

describe("random", () => {
  it("ARC-4: one seed, one stream; forks depend on seed and label alone", () => {
    const a = createRandom("seed");
    const b = createRandom("seed");
    const fork = a.fork("x");
    for (let i = 0; i < 100; i++) expect(a.uint32()).to.equal(b.uint32());
    const later = a.fork("x");
    for (let i = 0; i < 100; i++) expect(fork.uint32()).to.equal(later.uint32());
    expect(createRandom(1).bytes(16)).to.not.deep.equal(createRandom(2).bytes(16));
    expect(a.fork("x").bytes(16)).to.not.deep.equal(a.fork("y").bytes(16));
  });

  it("ARC-4: the stream is pinned, so that a seed in an old report still means the same", () => {
    const random = createRandom("pinned");
    const drawn = [random.uint32(), random.uint32(), random.uint32()];
    expect(drawn).to.deep.equal(PINNED);
  });

  it("TST-3: draws stay inside of their bounds and reach them", () => {
    const random = createRandom(7);
    const seen = new Set<number>();
    for (let i = 0; i < 500; i++) seen.add(random.between(-2, 3));
    expect([...seen].sort((x, y) => x - y)).to.deep.equal([-2, -1, 0, 1, 2, 3]);
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < 80_000; i++) {
      const drawn = Number(random.bigintBelow(8n));
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    for (const count of counts) expect(count).to.be.within(9_500, 10_500);
    const bound = 2n ** 127n - 1n;
    let largest = 0n;
    for (let i = 0; i < 200; i++) {
      const drawn = random.bigintBelow(bound);
      expect(drawn < bound && drawn >= 0n).to.equal(true);
      if (drawn > largest) largest = drawn;
    }
    expect(largest > bound / 2n).to.equal(true);
    expect(random.bigintBelow(1n)).to.equal(0n);
    expect(random.below(2 ** 32)).to.be.within(0, 2 ** 32 - 1);
    expect(() => random.below(0)).to.throw(InvariantError);
    expect(() => random.pick([])).to.throw(InvariantError);
  });

  it("TST-3: a shuffle keeps every item and leaves its argument alone", () => {
    const random = createRandom("shuffle");
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = random.shuffle(items);
    expect(shuffled).to.not.deep.equal(items);
    expect(shuffled.slice().sort((x, y) => x - y)).to.deep.equal(items);
    expect(items).to.deep.equal(Array.from({ length: 50 }, (_, i) => i));
    expect(items).to.include(random.pick(items));
    let hits = 0;
    for (let i = 0; i < 9_000; i++) if (random.chance(1, 3)) hits++;
    expect(hits).to.be.within(2_800, 3_200);
  });
});

const PINNED: readonly number[] = [2160464023, 821053771, 2416542978];
