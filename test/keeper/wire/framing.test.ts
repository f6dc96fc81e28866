import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { backoffMs } from "../../../keeper/wire/backoff.ts";
import { createReader, FramingError, frameOf } from "../../../keeper/wire/framing.ts";
import { decodeProofs, encodeProofs } from "../../../keeper/wire/handshake.ts";
import { BACKOFF_LONGEST_MS } from "../../../keeper/wire/limit.ts";

describe("framing", () => {
  it("NETW-1: messages come out as they went in, however the stream is cut", () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(40), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frameOf));
        const got: Uint8Array[] = [];
        const read = createReader(
          () => 300,
          (message) => got.push(message),
        );
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = 1 + (cuts[cut % cuts.length] as number);
          read(stream.subarray(at, at + length));
          at += length;
        }
        expect(got.map((bytes) => [...bytes])).to.deep.equal(sent.map((bytes) => [...bytes]));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("NETW-2: a length beyond the limit is refused when it is read, before its bytes", () => {
    for (const length of [101, 0xffff_ffff]) {
      const read = createReader(
        () => 100,
        () => expect.fail("nothing was whole"),
      );
      const header = Buffer.alloc(4);
      header.writeUInt32BE(length);
      expect(() => read(header)).to.throw(FramingError, `${length}`);
    }
  });

  it("NETW-2: proofs are decoded strictly", () => {
    const proof = fc.record({
      entity: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      signature: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(proof, { minLength: 1, maxLength: 5 }), fc.nat(), (proofs, at) => {
        const bytes = encodeProofs(proofs as never);
        const decoded = decodeProofs(bytes);
        expect(decoded.ok && encodeProofs(decoded.value)).to.deep.equal(bytes);
        expect(decodeProofs(bytes.slice(0, at % bytes.length)).ok).to.equal(false);
        expect(decodeProofs(Uint8Array.of(...bytes, 0)).ok).to.equal(false);
      }),
      { seed: 8, numRuns: 100 },
    );
  });

  it("NETW-1: waits double up to the longest, half of each drawn", () => {
    expect([0, 1, 2].map((attempt) => backoffMs(attempt, 0))).to.deep.equal([25, 50, 100]);
    expect(backoffMs(1_000, 0)).to.equal(BACKOFF_LONGEST_MS / 2);
    expect(backoffMs(1_000, 1)).to.equal(BACKOFF_LONGEST_MS);
  });
});
