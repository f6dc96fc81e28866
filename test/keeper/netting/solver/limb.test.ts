import { expect } from "chai";
import { describe, it } from "mocha";
import { createRandom } from "../../../../keeper/base/random.ts";
import { digitOf, limbsOf } from "../../../../keeper/netting/solver/limb.ts";
import { refine } from "../../../../keeper/netting/solver/refine.ts";
import { createResidue, setRooms } from "../../../../keeper/netting/solver/residue.ts";
import { solveScaling } from "../../../../keeper/netting/solver/scaling.ts";

describe("netting/solver: digits", () => {
  it("NET-3: digits put together are the integer again, up to 129 bits", () => {
    const random = createRandom(1);
    const items = Array.from({ length: 200 }, (_, index) =>
      random.bigintBelow(2n ** BigInt(1 + (index % 129))),
    );
    items.push(0n, 1n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 128n, 2n ** 129n - 1n);
    const limbs = limbsOf(items);
    expect(limbs.bits).equal(129);
    for (const width of [1, 7, 32, 40, 52]) {
      for (const [index, item] of items.entries()) {
        let sum = 0n;
        for (let shift = 0; shift < limbs.bits; shift += width) {
          sum += BigInt(digitOf(limbs, index, shift, width)) << BigInt(shift);
        }
        expect(sum, `${item} by ${width}`).equal(item);
      }
    }
  });

  it("NET-3: saturating more than 2^52 is refused at run time", () => {
    const arcs = {
      nodes: 2,
      tail: Int32Array.of(0, 1),
      head: Int32Array.of(1, 0),
      cost: Float64Array.of(-1, -1),
      capacity: [1n, 1n],
    };
    const residue = createResidue(arcs);
    const rooms = new Float64Array(4);
    for (const slot of residue.forward) {
      rooms[slot] = 2 ** 52;
    }
    setRooms(residue, rooms);
    expect(refine(residue, 1, Number.POSITIVE_INFINITY)).equal("overflow");
  });

  it("NET-3: a carry through every digit is exact", () => {
    // Three full digits of ones against one unit more: the flow must stop one unit short.
    const capacity = [2n ** 127n - 1n, 2n ** 127n, 2n ** 127n + 1n, 1n];
    const arcs = {
      nodes: 3,
      tail: Int32Array.of(0, 1, 2, 1),
      head: Int32Array.of(1, 2, 0, 2),
      cost: Float64Array.of(-1, -1, -1, -1),
      capacity,
    };
    const { flow, optimal } = solveScaling(arcs);
    expect(optimal).equal(true);
    expect(flow[0]).equal(2n ** 127n - 1n);
    expect((flow[1] as bigint) + (flow[3] as bigint)).equal(2n ** 127n - 1n);
    expect(flow[2]).equal(2n ** 127n - 1n);
  });
});
