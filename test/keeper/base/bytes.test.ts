import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import {
  asBytes32,
  bigintFromBytes,
  bytes32FromBigint,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  isZeroBytes,
  parseHex,
  toHex,
} from "../../../keeper/base/bytes.ts";

const SETTINGS = { seed: 20261, numRuns: 300 };

describe("bytes", () => {
  it("TST-3: hexadecimal round trips and one changed digit is noticed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), (bytes, at) => {
        const text = toHex(bytes);
        expect(text).to.equal(`0x${Buffer.from(bytes).toString("hex")}`);
        expect(equalBytes(fromHex(text), bytes)).to.equal(true);
        expect(equalBytes(fromHex(text.toUpperCase().replace("0X", "0x")), bytes)).to.equal(true);
        const flipped = bytes.slice();
        const index = at % bytes.length;
        flipped[index] = (flipped[index] as number) ^ 1;
        expect(toHex(flipped)).to.not.equal(text);
        expect(equalBytes(flipped, bytes)).to.equal(false);
      }),
      SETTINGS,
    );
  });

  it("ARC-2: malformed hexadecimal from outside is a refusal, in our own constant a bug", () => {
    const codeOf = (text: string): string => {
      const parsed = parseHex(text);
      return parsed.ok ? "ok" : parsed.refusal.code;
    };
    expect(codeOf("0x")).to.equal("ok");
    expect(codeOf("00")).to.equal("hexPrefix");
    expect(codeOf("0X00")).to.equal("hexPrefix");
    expect(codeOf("0x0")).to.equal("hexOdd");
    for (const bad of ["0xg0", "0x0g", "0x0:", "0x/0", "0x@0", "0x`0", "0x 0", "0x-1"]) {
      expect(codeOf(bad), bad).to.equal("hexDigit");
    }
    expect(() => fromHex("0xzz")).to.throw(InvariantError);
    expect(() => asBytes32(new Uint8Array(31))).to.throw(InvariantError);
  });

  it("TST-3: integers round trip through 32 bytes and agree with hexadecimal", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        const bytes = bytes32FromBigint(value);
        expect(toHex(bytes)).to.equal(`0x${value.toString(16).padStart(64, "0")}`);
        expect(bigintFromBytes(bytes)).to.equal(value);
      }),
      SETTINGS,
    );
    for (let length = 0; length < 40; length++) {
      const value = 256n ** BigInt(length) - 1n;
      expect(bigintFromBytes(new Uint8Array(length).fill(255))).to.equal(value);
    }
    expect(() => bytes32FromBigint(-1n)).to.throw(InvariantError);
    expect(() => bytes32FromBigint(2n ** 256n)).to.throw(InvariantError);
  });

  it("TST-3: comparison is the order of the unsigned integers for equal lengths", () => {
    const word = fc.uint8Array({ minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const difference = bigintFromBytes(a) - bigintFromBytes(b);
        const sign = difference < 0n ? -1 : difference > 0n ? 1 : 0;
        expect(Math.sign(compareBytes(a, b))).to.equal(sign);
      }),
      SETTINGS,
    );
    expect(compareBytes(fromHex("0x01"), fromHex("0x0100"))).to.be.below(0);
    expect(toHex(concatBytes(fromHex("0x01"), fromHex("0x"), fromHex("0x0203")))).to.equal(
      "0x010203",
    );
    expect(isZeroBytes(new Uint8Array(5))).to.equal(true);
    expect(isZeroBytes(fromHex("0x000001"))).to.equal(false);
  });
});
