import { expect } from "chai";
import { encodeRlp as ethersEncode } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";
import { MAX_AMOUNT } from "../../../keeper/base/amount.ts";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { type Bytes, concatBytes, equalBytes, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  type RlpReader,
  readAmount,
  readBigint,
  readBoolean,
  readBytes,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
  readRaw,
  readText,
} from "../../../keeper/codec/rlp/decode.ts";
import { encodeRlp, type RlpValue, zigzag } from "../../../keeper/codec/rlp/encode.ts";
import { decodeTree, type RlpTree } from "../../../keeper/codec/rlp/tree.ts";
import { readVectors } from "./vector.ts";

type HexTree = string | readonly HexTree[];
type Named = { readonly name: string; readonly encoded: string };
type Integer = { readonly value: string; readonly encoded: string };
type Vectors = {
  readonly trees: readonly (Named & { readonly tree: HexTree })[];
  readonly numbers: readonly Integer[];
  readonly signed: readonly Integer[];
  readonly invalid: readonly Named[];
  readonly invalidAmounts: readonly Named[];
};

const vectors = readVectors<Vectors>("rlp.json");

const hexTree = (tree: RlpTree): HexTree =>
  tree instanceof Uint8Array ? toHex(tree) : tree.map(hexTree);

function read<T>(encoded: Bytes | string, reader: (reader: RlpReader) => T): T | "refused" {
  const bytes = typeof encoded === "string" ? fromHex(encoded) : encoded;
  const result = decodeRlp(bytes, reader);
  return result.ok ? result.value : "refused";
}

const tree: fc.Arbitrary<RlpTree> = fc.letrec<{ tree: RlpTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ maxLength: 2 }),
    fc.array(tie("tree"), { maxLength: 6 }),
  ),
})).tree;

describe("RLP by Ethereum's examples", () => {
  for (const { name, tree: expected, encoded } of vectors.trees) {
    it(`TST-2: ${name}`, () => {
      const decoded = decodeTree(fromHex(encoded));
      expect(decoded.ok && hexTree(decoded.value)).to.deep.equal(expected);
      expect(ethersEncode(expected as string | string[])).to.equal(encoded);
    });
  }

  for (const { name, encoded } of vectors.invalid) {
    it(`TST-3, ACC-10: refused: ${name}`, () => {
      const decoded = decodeTree(fromHex(encoded));
      expect(decoded.ok ? "decoded" : decoded.refusal.code).to.equal("badEncoding");
      expect(read(encoded, readRaw)).to.equal("refused");
    });
  }

  it("TST-2: integers are minimal, and what they are to Ethereum", () => {
    for (const { value, encoded } of vectors.numbers) {
      const integer = BigInt(value);
      const digits = integer === 0n ? "" : integer.toString(16);
      expect(ethersEncode(`0x${digits.padStart(digits.length + (digits.length % 2), "0")}`))
        .to //
        .equal(encoded);
      expect(read(encoded, readAmount)).to.equal(integer);
      expect(read(encoded, (reader) => readBigint(reader))).to.equal(integer);
      const small = integer <= BigInt(Number.MAX_SAFE_INTEGER);
      expect(read(encoded, readNumber)).to.equal(small ? Number(value) : "refused");
    }
    for (const { value, encoded } of vectors.signed) {
      expect(read(encoded, readDelta), value).to.equal(BigInt(value));
    }
    for (const { name, encoded } of vectors.invalidAmounts) {
      expect(read(encoded, readAmount), name).to.equal("refused");
    }
  });
});

describe("RLP", () => {
  it("TST-3: any tree round trips, and is encoded as ethers does", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const encoded = encodeRlp(value as RlpValue);
        expect(toHex(encoded)).to.equal(ethersEncode(hexTree(value) as string | string[]));
        const decoded = decodeTree(encoded);
        expect(decoded.ok && hexTree(decoded.value)).to.deep.equal(hexTree(value));
      }),
      { seed: 20267, numRuns: 300 },
    );
  });

  it("TST-3: whatever decodes, of any bytes, encodes to the same bytes", () => {
    const random = createRandom("rlp bytes");
    const starts = [0x00, 0x7f, 0x80, 0x81, 0x83, 0xb7, 0xb8, 0xb9, 0xc0, 0xc1, 0xc3, 0xf7, 0xf8];
    let decodedCount = 0;
    for (let i = 0; i < 30_000; i++) {
      const bytes = random.bytes(random.between(1, 9));
      for (let at = 0; at < bytes.length; at++) {
        if (random.chance(1, 2)) bytes[at] = random.pick(starts);
      }
      const decoded = decodeTree(bytes);
      if (!decoded.ok) continue;
      decodedCount++;
      const again = encodeRlp(decoded.value as RlpValue);
      expect(equalBytes(again, bytes), toHex(bytes)).to.equal(true);
    }
    expect(decodedCount).to.be.above(1000);
  });

  it("TST-3: one flipped bit of a message is refused or is another value", () => {
    const random = createRandom("rlp flips");
    const value = [
      7,
      1_790_000_000,
      random.bytes(32),
      [
        [1, 2, zigzag(-5n)],
        [3, 4, 10n ** 30n],
      ],
    ];
    const encoded = encodeRlp(value as RlpValue);
    for (let bit = 0; bit < encoded.length * 8; bit++) {
      const flipped = encoded.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const decoded = decodeTree(flipped);
      if (!decoded.ok) continue;
      expect(toHex(encodeRlp(decoded.value as RlpValue))).to.equal(toHex(flipped));
    }
    for (let length = 0; length < encoded.length; length++) {
      expect(decodeTree(encoded.slice(0, length)).ok, `cut at ${length}`).to.equal(false);
    }
  });

  it("TST-3, RCP-5: integers of every size round trip; signed ones have one form", () => {
    const delta = fc.bigInt({ min: -MAX_AMOUNT, max: MAX_AMOUNT });
    const sized = fc.tuple(delta, fc.nat(126)).map(([value, bits]) => value / 2n ** BigInt(bits));
    fc.assert(
      fc.property(fc.oneof(delta, sized), fc.maxSafeNat(), fc.boolean(), (value, number, flag) => {
        const amount = value < 0n ? -value : value;
        expect(read(encodeRlp(zigzag(value)), readDelta)).to.equal(value);
        expect(read(encodeRlp(amount), readAmount)).to.equal(amount);
        expect(read(encodeRlp(number), readNumber)).to.equal(number);
        expect(read(encodeRlp(flag), readBoolean)).to.equal(flag);
        expect(toHex(encodeRlp(number))).to.equal(toHex(encodeRlp(BigInt(number))));
      }),
      { seed: 20268, numRuns: 1000 },
    );
  });

  it("RCP-5: amounts of 2^127 and deltas of ±2^127 are refused", () => {
    const limit = 2n ** 127n;
    expect(read(encodeRlp(limit), readAmount)).to.equal("refused");
    expect(read(encodeRlp(2n * limit - 1n), readDelta)).to.equal("refused");
    expect(read(encodeRlp(2n * limit), readDelta)).to.equal("refused");
    expect(read(encodeRlp(2), readBoolean)).to.equal("refused");
    expect(read(encodeRlp(9), (reader) => readNumber(reader, 8))).to.equal("refused");
    expect(read(encodeRlp(8), (reader) => readNumber(reader, 8))).to.equal(8);
    expect(read(encodeRlp(2n ** 53n), readNumber)).to.equal("refused");
    expect(read(encodeRlp(256n), (reader) => readBigint(reader, 1))).to.equal("refused");
    for (const fault of [-1, 0.5, 2 ** 53, Number.NaN, -1n]) {
      expect(() => encodeRlp(fault), `${fault}`).to.throw(InvariantError);
    }
  });

  it("ACC-10: strings and lists longer than agreed are refused, shorter lists too", () => {
    const list = encodeRlp([1, 2, 3]);
    const items = (maximum: number) => (reader: RlpReader) =>
      readItems(reader, maximum, readNumber);
    expect(read(list, items(3))).to.deep.equal([1, 2, 3]);
    expect(read(list, items(2))).to.equal("refused");
    const two = (reader: RlpReader): number[] =>
      readList(reader, () => [readNumber(reader), readNumber(reader)]);
    expect(read(list, two)).to.equal("refused");
    expect(read(encodeRlp([1]), two)).to.equal("refused");
    expect(read(encodeRlp([1, 2]), two)).to.deep.equal([1, 2]);
    // The item behind the list must not be taken for the list's own.
    const inner = (reader: RlpReader): number[] => readList(reader, () => two(reader));
    expect(read(encodeRlp([[1], 2]), inner)).to.equal("refused");
    const bytes = (maximum: number) => (reader: RlpReader) => readBytes(reader, maximum).length;
    expect(read(encodeRlp(new Uint8Array(5)), bytes(5))).to.equal(5);
    expect(read(encodeRlp(new Uint8Array(5)), bytes(4))).to.equal("refused");
    expect(read(encodeRlp(7), bytes(0))).to.equal("refused");
    expect(read(encodeRlp(new Uint8Array(31)), readBytes32)).to.equal("refused");
    expect(read(encodeRlp(new Uint8Array(33)), readBytes32)).to.equal("refused");
    expect(read(list, readNumber)).to.equal("refused");
    expect(read(encodeRlp(7), items(1))).to.equal("refused");
    expect(read("0xc0", hasMore)).to.equal("refused");
  });

  it("ARC-2: a reader's own rule is a refusal that says where; a bug in it is not caught", () => {
    const refused = decodeRlp(encodeRlp([1]), (reader) =>
      readList(reader, () => (readNumber(reader) === 1 ? fail("one is not allowed") : 0)),
    );
    expect(!refused.ok && refused.refusal.message).to.contain("one is not allowed");
    expect(() =>
      decodeRlp(encodeRlp(1), () => {
        throw new InvariantError("a bug");
      }),
    ).to.throw(InvariantError);
  });

  it("TST-3: text is UTF-8 and one form of it", () => {
    const text = (reader: RlpReader): string => readText(reader, 100);
    for (const value of ["", "a", "\u007f", "dog", "naïve ₿", "\ufeffmark"]) {
      expect(read(encodeRlp(value), text)).to.equal(value);
    }
    for (const broken of ["0x81ff", "0x82c080", "0x83eda080"]) {
      expect(read(broken, text), broken).to.equal("refused");
    }
  });

  it("TST-3: messages larger than the writer's first buffer, in every kind of item", () => {
    const lists: readonly (readonly RlpValue[])[] = [
      [new Uint8Array(70_000).fill(9), 1, [new Uint8Array(70_000)]],
      Array.from({ length: 30_000 }, (_, i) => i),
      Array.from({ length: 9000 }, (_, i) => 10n ** 30n + BigInt(i)),
      ["x".repeat(66_000), "y".repeat(140_000)],
      Array.from({ length: 2000 }, () => new Uint8Array(39).fill(200)),
    ];
    for (const list of lists) {
      const encoded = encodeRlp(list);
      const content = concatBytes(...list.map((item) => encodeRlp(item)));
      const digits = content.length.toString(16);
      const length = fromHex(`0x${digits.length % 2 === 1 ? "0" : ""}${digits}`);
      const expected = concatBytes(Uint8Array.of(0xf7 + length.length), length, content);
      expect(equalBytes(encoded, expected)).to.equal(true);
      expect(decodeTree(encoded).ok).to.equal(true);
    }
  });
});
