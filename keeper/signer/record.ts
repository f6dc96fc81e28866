/**
 * The guard's entries as they lie in its journal, big-endian.
 *
 *     signed:  role:u8 (1 proof, 2 settlement) line:32 epoch:u48 number:u48 digest:32
 *     batch:   5:u8 line:32 epoch:u48 number:u48 digest:32 deadline:u48
 *     line:    4:u8 line:32 epoch:u48 mark:u48 floor:u48 until:u48 proofs:u32 settlements:u32
 *              then so many (number:u48 digest:32), the proofs first
 *
 * A line replaces all that came before of it; it is written when the journal is compacted.
 */
import { asBytes32, type Bytes, type Bytes32 } from "../base/bytes.ts";
import { SignerError } from "./fault.ts";
import type { Digests, Line, Signed } from "./line.ts";

const PROOF = 1;
const SETTLEMENT = 2;
const LINE = 4;
const BATCH = 5;
const SIGNED_BYTES = 1 + 32 + 6 + 6 + 32;
const BATCH_BYTES = SIGNED_BYTES + 6;
const LINE_BYTES = 1 + 32 + 6 + 6 + 6 + 6 + 4 + 4;
/** Where a line's two counts of digests stand. */
const COUNTS_AT = LINE_BYTES - 8;
const DIGEST_BYTES = 6 + 32;

export type GuardRecord =
  | { readonly kind: "signed"; readonly line: Bytes32; readonly signed: Signed }
  | { readonly kind: "line"; readonly line: Bytes32; readonly state: Line };

export function encodeSigned(line: Bytes32, signed: Signed): Buffer {
  const { term } = signed;
  const bytes = Buffer.allocUnsafe(term === null ? SIGNED_BYTES : BATCH_BYTES);
  bytes[0] = signed.role === "proof" ? (term === null ? PROOF : BATCH) : SETTLEMENT;
  bytes.set(line, 1);
  bytes.writeUIntBE(signed.epoch, 33, 6);
  bytes.writeUIntBE(signed.number, 39, 6);
  bytes.set(signed.digest, 45);
  if (term !== null) bytes.writeUIntBE(term.deadline, SIGNED_BYTES, 6);
  return bytes;
}

export function encodeLine(line: Bytes32, state: Line): Buffer {
  const { proofs, settlements } = state;
  const count = proofs.numbers.length + settlements.numbers.length;
  const bytes = Buffer.allocUnsafe(LINE_BYTES + DIGEST_BYTES * count);
  bytes[0] = LINE;
  bytes.set(line, 1);
  bytes.writeUIntBE(state.epoch, 33, 6);
  bytes.writeUIntBE(state.mark, 39, 6);
  bytes.writeUIntBE(state.floor, 45, 6);
  bytes.writeUIntBE(state.until, 51, 6);
  bytes.writeUInt32BE(proofs.numbers.length, COUNTS_AT);
  bytes.writeUInt32BE(settlements.numbers.length, COUNTS_AT + 4);
  let at = LINE_BYTES;
  for (const kept of [proofs, settlements]) {
    for (const [index, number] of kept.numbers.entries()) {
      bytes.writeUIntBE(number, at, 6);
      bytes.set(kept.digests.subarray(32 * index, 32 * index + 32), at + 6);
      at += DIGEST_BYTES;
    }
  }
  return bytes;
}

/** The entries of one payload, in order. @throws SignerError `guard` for anything else. */
export function* decodeRecords(payload: Bytes): Generator<GuardRecord> {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    const size = sizeOf(kind, bytes, at);
    if (at + size > bytes.length) throw brokenError();
    const line = asBytes32(bytes.subarray(at + 1, at + 33));
    const epoch = bytes.readUIntBE(at + 33, 6);
    if (kind !== LINE) {
      const role = kind === SETTLEMENT ? "settlement" : "proof";
      const digest = asBytes32(bytes.subarray(at + 45, at + 77));
      const number = bytes.readUIntBE(at + 39, 6);
      const isBatch = kind === BATCH;
      const term = isBatch ? { deadline: bytes.readUIntBE(at + SIGNED_BYTES, 6), unused: 0 } : null;
      yield { kind: "signed", line, signed: { role, epoch, number, digest, term } };
    } else {
      yield { kind: "line", line, state: decodeLine(bytes.subarray(at, at + size), epoch) };
    }
    at += size;
  }
}

function sizeOf(kind: number | undefined, bytes: Buffer, at: number): number {
  switch (kind) {
    case PROOF:
    case SETTLEMENT:
      return SIGNED_BYTES;
    case BATCH:
      return BATCH_BYTES;
    case LINE:
      return lineSize(bytes, at);
    default:
      throw brokenError();
  }
}

function lineSize(bytes: Buffer, at: number): number {
  if (at + LINE_BYTES > bytes.length) throw brokenError();
  const counts = at + COUNTS_AT;
  return LINE_BYTES + DIGEST_BYTES * (bytes.readUInt32BE(counts) + bytes.readUInt32BE(counts + 4));
}

function decodeLine(bytes: Buffer, epoch: number): Line {
  const proofs = bytes.readUInt32BE(COUNTS_AT);
  const settlements = bytes.readUInt32BE(COUNTS_AT + 4);
  return {
    epoch,
    mark: bytes.readUIntBE(39, 6),
    floor: bytes.readUIntBE(45, 6),
    until: bytes.readUIntBE(51, 6),
    proofs: decodeDigests(bytes, LINE_BYTES, proofs),
    settlements: decodeDigests(bytes, LINE_BYTES + DIGEST_BYTES * proofs, settlements),
  };
}

function decodeDigests(bytes: Buffer, from: number, count: number): Digests {
  const numbers: number[] = [];
  const digests = new Uint8Array(32 * count);
  for (let index = 0; index < count; index++) {
    const at = from + DIGEST_BYTES * index;
    numbers.push(bytes.readUIntBE(at, 6));
    digests.set(bytes.subarray(at + 6, at + DIGEST_BYTES), 32 * index);
  }
  return { numbers, digests };
}

function brokenError(): SignerError {
  const fix = "use the version of the keeper that wrote it";
  return new SignerError("guard", "the guard's journal holds an unknown entry", fix);
}
