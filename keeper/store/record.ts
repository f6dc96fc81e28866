/**
 * The bytes of one entry of a journal. Integers are big-endian.
 *
 *     mark:u16 zeros:u16 length:u32 height:u64 back:u32 headerCheck:u32
 *     payload, zeros up to a multiple of 8
 *     check:u32 end:u32
 *
 * `zeros` bounds how many sectors of the payload may read as zeros in an entry that was written
 * whole, even with one byte flipped: more of them show a torn write.
 * `back` is how far the entry's group (what one sync made durable) begins before it. Both checks
 * are CRC-32, which misses no change within 4 bytes; `headerCheck` is seeded by the segment and
 * the offset, so that a payload cannot hold a header that looks like one of ours. Entries begin at
 * multiples of 8, so no end mark is torn by a sector's border.
 */
import { crc32 } from "node:zlib";
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";

export const RECORD_HEADER = 24;
const TRAILER = 8;
/** Disks write this much at once or not at all. */
const SECTOR = 512;
const MARK = 0x584c;
const END = 0x6c786521;
/** As many zero sectors or more: they prove nothing. */
const MANY_ZEROS = 0xffff;

/** Largest payload of one entry, checked before anything is allocated for it. */
export const MAX_PAYLOAD = 256 * 1024 * 1024;

export type RecordHeader = {
  readonly zeros: number;
  readonly length: number;
  readonly height: number;
  readonly back: number;
};

/** Bytes of an entry with a payload of so many. */
export function recordSize(length: number): number {
  return RECORD_HEADER + ((length + 7) & ~7) + TRAILER;
}

/** Where the entry goes: in the buffer, in the file, and behind its group's beginning. */
export type RecordPlace = {
  readonly at: number;
  readonly offset: number;
  readonly back: number;
  /** The segment's own check. */
  readonly seed: number;
};

/** Writes one entry into `buffer` and returns where it ends. The parts are copied once. */
export function writeRecord(
  buffer: Buffer,
  place: RecordPlace,
  height: number,
  parts: readonly Bytes[],
): number {
  const { at, offset } = place;
  let end = at + RECORD_HEADER;
  for (const part of parts) {
    buffer.set(part, end);
    end += part.length;
  }
  const length = end - at - RECORD_HEADER;
  assert(length <= MAX_PAYLOAD, "entry above its bound", { length });
  const size = recordSize(length);
  buffer.fill(0, end, at + size - TRAILER);
  buffer.writeUInt32BE(END, at + size - 4);
  buffer.writeUInt16BE(MARK, at);
  const body = buffer.subarray(at, at + size);
  const zeros = zerosOf(body, offset, RECORD_HEADER, size - TRAILER);
  buffer.writeUInt16BE(Math.min(MANY_ZEROS, zeros.all + Math.min(1, zeros.nearly)), at + 2);
  buffer.writeUInt32BE(length, at + 4);
  buffer.writeUInt32BE(Math.floor(height / 2 ** 32), at + 8);
  buffer.writeUInt32BE(height >>> 0, at + 12);
  buffer.writeUInt32BE(place.back, at + 16);
  const headerCheck = crc32(body.subarray(0, 20), seedAt(place.seed, offset));
  buffer.writeUInt32BE(headerCheck, at + 20);
  const check = crc32(body.subarray(RECORD_HEADER, size - TRAILER), headerCheck);
  buffer.writeUInt32BE(check, at + size - TRAILER);
  return at + size;
}

/** The header of the entry that begins with `bytes`, or undefined if they are no header. */
export function readHeader(bytes: Buffer, offset: number, seed: number): RecordHeader | undefined {
  if (bytes.length < RECORD_HEADER || bytes.readUInt16BE(0) !== MARK) return undefined;
  const check = crc32(bytes.subarray(0, 20), seedAt(seed, offset));
  if (check !== bytes.readUInt32BE(20)) return undefined;
  return {
    zeros: bytes.readUInt16BE(2),
    length: bytes.readUInt32BE(4),
    height: bytes.readUInt32BE(8) * 2 ** 32 + bytes.readUInt32BE(12),
    back: bytes.readUInt32BE(16),
  };
}

/** Whether the rest of a whole entry, whose header is good, is what was written. */
export function isWhole(record: Buffer): boolean {
  const end = record.length - TRAILER;
  const check = crc32(record.subarray(RECORD_HEADER, end), record.readUInt32BE(20));
  return check === record.readUInt32BE(end) && record.readUInt32BE(end + 4) === END;
}

/**
 * Whether a bad entry of the last group looks like a write that the power cut tore: more sectors
 * of it read as zeros than were written as zeros.
 */
export function looksTorn(record: Buffer, offset: number, header?: RecordHeader): boolean {
  const allowed = header?.zeros ?? 0;
  return allowed < MANY_ZEROS && zerosOf(record, offset, 0, record.length).all > allowed;
}

/** Counts the sectors whose share of `bytes`, inside a range, is zeros but for none or one byte. */
function zerosOf(
  bytes: Buffer,
  offset: number,
  from: number,
  to: number,
): { readonly all: number; readonly nearly: number } {
  let all = 0;
  let nearly = 0;
  let start = 0;
  while (start < bytes.length) {
    const end = Math.min(bytes.length, start + SECTOR - ((offset + start) % SECTOR));
    if (start >= from && end <= to) {
      const others = countToTwo(bytes, start, end);
      if (others === 0) all += 1;
      if (others === 1) nearly += 1;
    }
    start = end;
  }
  return { all, nearly };
}

/** Bytes that are not zero, up to two of them. */
function countToTwo(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to && count < 2; i++) if (bytes[i] !== 0) count += 1;
  return count;
}

function seedAt(seed: number, offset: number): number {
  return (seed ^ offset) >>> 0;
}
