import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { asBytes32, bytes32FromBigint, equalBytes } from "../../../keeper/base/bytes.ts";
import { createInterner } from "../../../keeper/base/intern.ts";
import {
  compareBigints,
  compareNumbers,
  compareStrings,
  indexOfSorted,
  insertSorted,
  isStrictlyAscending,
  lowerBound,
} from "../../../keeper/base/order.ts";
import { createRandom } from "../../../keeper/base/random.ts";

describe("order", () => {
  it("ARC-4: sorted insertion gives the strictly ascending list, whatever the arrival", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), (numbers) => {
        const list: number[] = [];
        for (const number of numbers) {
          expect(list[insertSorted(list, number, compareNumbers)]).to.equal(number);
        }
        expect(list).to.deep.equal(numbers.slice().sort(compareNumbers));
        expect(isStrictlyAscending(list, compareNumbers)).to.equal(true);
        for (const [index, number] of list.entries()) {
          expect(indexOfSorted(list, number, compareNumbers)).to.equal(index);
        }
      }),
      { seed: 20263 },
    );
  });

  it("ARC-2: a key inserted twice is our bug; equal neighbours are not strictly ascending", () => {
    expect(() => insertSorted([1, 2], 2, compareNumbers)).to.throw(InvariantError);
    expect(isStrictlyAscending([1, 1], compareNumbers)).to.equal(false);
    expect(isStrictlyAscending([2n, 1n], compareBigints)).to.equal(false);
    expect(isStrictlyAscending(["B", "a"], compareStrings)).to.equal(true);
    expect(lowerBound([1, 3], 4, compareNumbers)).to.equal(2);
    expect(indexOfSorted([1, 3], 2, compareNumbers)).to.equal(-1);
  });
});

describe("intern", () => {
  it("ARC-4: the n-th new id is n, under every seed, and comes back whole", () => {
    const random = createRandom("intern");
    const ids = Array.from({ length: 5000 }, (_, i) =>
      i % 2 === 0 ? bytes32FromBigint(BigInt(i + 1)) : asBytes32(random.bytes(32)),
    );
    for (const seed of [0, 1, -5, 2 ** 31]) {
      const interner = createInterner(seed);
      for (const [index, id] of ids.entries()) {
        expect(interner.find(id)).to.equal(-1);
        expect(interner.intern(id)).to.equal(index);
        expect(interner.intern(id.slice() as typeof id)).to.equal(index);
      }
      expect(interner.size).to.equal(ids.length);
      for (const [index, id] of ids.entries()) {
        expect(interner.find(id)).to.equal(index);
        expect(equalBytes(interner.bytesOf(index), id)).to.equal(true);
      }
    }
  });

  it("ARC-2: an integer that was never given is our bug", () => {
    expect(() => createInterner().bytesOf(0)).to.throw(InvariantError);
  });
});
