import { expect } from "chai";
import { keccak256 as ethersKeccak } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";
import { concatBytes, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { keccak256, keccakPair, keccakParts, keccakText } from "../../../keeper/codec/keccak.ts";

const random = createRandom("keccak");

describe("keccak", () => {
  it("TST-2: it is Ethereum's, around every border of a block and of the hasher's memory", () => {
    const lengths = [0, 1, 31, 32, 134, 135, 136, 137, 271, 272, 273, 4096, 16384, 16385, 70_000];
    for (const length of lengths) {
      const bytes = random.bytes(length);
      expect(toHex(keccak256(bytes)), `${length} bytes`).to.equal(ethersKeccak(bytes));
    }
    const empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    expect(toHex(keccakText(""))).to.equal(empty);
  });

  it("TST-3: parts hash as what they are put together, however they are cut", () => {
    const part = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        expect(toHex(keccakParts(parts))).to.equal(ethersKeccak(concatBytes(...parts)));
      }),
      { seed: 20264 },
    );
    for (const sizes of [[4096], [4097], [4095, 1], [4096, 1], [1, 4096], [5000, 3, 5000], []]) {
      const parts = sizes.map((size) => random.bytes(size));
      expect(toHex(keccakParts(parts)), `${sizes}`).to.equal(ethersKeccak(concatBytes(...parts)));
    }
    for (const [a, b] of [
      [32, 32],
      [0, 5],
      [4000, 96],
      [4000, 97],
    ] as const) {
      const [first, second] = [random.bytes(a), random.bytes(b)];
      const expected = ethersKeccak(concatBytes(first, second));
      expect(toHex(keccakPair(first, second))).to.equal(expected);
    }
  });

  it("TST-3: what is returned is nobody else's memory", () => {
    const first = keccakText("a");
    const before = toHex(first);
    keccakText("b");
    expect(toHex(first)).to.equal(before);
  });
});
