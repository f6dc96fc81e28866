import { expect } from "chai";
import { AbiCoder, solidityPacked } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";
import { MAX_AMOUNT } from "../../../keeper/base/amount.ts";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { asBytes32, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import {
  createPacker,
  type Packer,
  packAddress,
  packAddressWord,
  packAmount,
  packBigWord,
  packBytes,
  packBytes32,
  packDelta,
  packedBytes,
  packUint8,
  packUint16,
  packUint32,
  packUint64,
  packWord,
  restart,
} from "../../../keeper/codec/packed.ts";

type Field = { readonly type: string; readonly value: unknown; pack(packer: Packer): void };

const field = <T>(
  type: string,
  values: fc.Arbitrary<T>,
  pack: (packer: Packer, value: T) => void,
): fc.Arbitrary<Field> =>
  values.map((value) => ({ type, value, pack: (packer) => pack(packer, value) }));

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const id = bytes(32).map(asBytes32);
const safe = fc.maxSafeNat();

const packedField = fc.oneof(
  field("uint8", fc.nat(255), packUint8),
  field("uint16", fc.nat(65_535), packUint16),
  field("uint32", fc.nat(2 ** 32 - 1), packUint32),
  field("uint64", safe, packUint64),
  field("uint128", fc.bigInt({ min: 0n, max: MAX_AMOUNT }), packAmount),
  field("int128", fc.bigInt({ min: -MAX_AMOUNT, max: MAX_AMOUNT }), packDelta),
  field("bytes32", id, packBytes32),
  field("bytes", fc.uint8Array({ maxLength: 70 }), packBytes),
  field("address", bytes(20), packAddress),
);

const wordField = fc.oneof(
  field("uint64", safe, packWord),
  field("uint256", fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), packBigWord),
  field("bytes32", id, packBytes32),
  field("address", bytes(20), packAddressWord),
);

/** ethers reads addresses as hexadecimal. */
const plain = (value: unknown): unknown => (value instanceof Uint8Array ? toHex(value) : value);

describe("packed layouts", () => {
  it("TST-2: fields lie as abi.encodePacked lays them, however often the buffer grows", () => {
    fc.assert(
      fc.property(fc.array(packedField, { maxLength: 150 }), (fields) => {
        const packer = createPacker();
        for (const { pack } of fields) pack(packer);
        const types = fields.map(({ type }) => type);
        const expected = solidityPacked(
          types,
          fields.map(({ value }) => plain(value)),
        );
        expect(toHex(packedBytes(packer))).to.equal(expected);
      }),
      { seed: 20265, numRuns: 200 },
    );
  });

  it("TST-2: words lie as abi.encode lays them, in a packer that held something before", () => {
    const packer = createPacker();
    fc.assert(
      fc.property(fc.array(wordField, { maxLength: 20 }), (fields) => {
        restart(packer);
        packBytes(packer, new Uint8Array(2000).fill(0xee));
        restart(packer);
        for (const { pack } of fields) pack(packer);
        const types = fields.map(({ type }) => type);
        const values = fields.map(({ value }) => plain(value));
        expect(toHex(packedBytes(packer))).to.equal(
          AbiCoder.defaultAbiCoder().encode(types, values),
        );
      }),
      { seed: 20266, numRuns: 200 },
    );
  });

  it("ARC-2: every kind of field may be the one that makes the buffer grow", () => {
    const random = createRandom("grow");
    const makers: readonly ((packer: Packer) => void)[] = [
      (packer) => packUint8(packer, 7),
      (packer) => packUint16(packer, 7),
      (packer) => packUint32(packer, 7),
      (packer) => packUint64(packer, 7),
      (packer) => packDelta(packer, -7n),
      (packer) => packAmount(packer, 7n),
      (packer) => packWord(packer, 7),
      (packer) => packBigWord(packer, 7n),
      (packer) => packBytes(packer, random.bytes(3)),
      (packer) => packBytes32(packer, asBytes32(random.bytes(32))),
      (packer) => packAddress(packer, random.bytes(20)),
      (packer) => packAddressWord(packer, random.bytes(20)),
    ];
    for (const make of makers) {
      const full = createPacker();
      packBytes(full, new Uint8Array(full.bytes.length).fill(1));
      const before = full.length;
      make(full);
      const tail = packedBytes(full).slice(before);
      expect(tail.length).to.be.above(0);
      expect(tail.some((byte) => byte !== 0)).to.equal(true);
      expect(
        packedBytes(full)
          .slice(0, before)
          .every((byte) => byte === 1),
      ).to.equal(true);
    }
  });

  it("RCP-5: what does not fit its field is our bug and is never wrapped", () => {
    const packer = createPacker();
    const faults: readonly (() => void)[] = [
      () => packUint8(packer, 256),
      () => packUint8(packer, -1),
      () => packUint16(packer, 65_536),
      () => packUint32(packer, 2 ** 32),
      () => packUint32(packer, 0.5),
      () => packUint64(packer, 2 ** 53),
      () => packWord(packer, -1),
      () => packAmount(packer, -1n),
      () => packAmount(packer, MAX_AMOUNT + 1n),
      () => packDelta(packer, MAX_AMOUNT + 1n),
      () => packDelta(packer, -MAX_AMOUNT - 1n),
      () => packBigWord(packer, 2n ** 256n),
      () => packBigWord(packer, -1n),
      () => packAddress(packer, new Uint8Array(19)),
    ];
    for (const fault of faults) expect(fault).to.throw(InvariantError);
  });
});
