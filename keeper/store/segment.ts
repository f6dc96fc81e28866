/**
 * One file of a journal: a header of 64 bytes, then entries.
 *
 *     magic:8 kind:8 (ASCII) protocol:u32 zero:u32 firstHeight:u64 chain:28 check:u32
 *
 * `chain` binds the segment to the one before: the first 28 bytes of a keccak over that one's
 * header, its size and its last 8 bytes. The first segment's is zero.
 */
import { crc32 } from "node:zlib";
import { type Bytes, compareBytes } from "../base/bytes.ts";
import { keccakParts } from "../codec/keccak.ts";
import type { OpenFile } from "./disk.ts";
import { diskError, type FaultPlace, StoreError } from "./fault.ts";
import {
  isWhole,
  looksTorn,
  MAX_PAYLOAD,
  RECORD_HEADER,
  type RecordHeader,
  readHeader,
  recordSize,
} from "./record.ts";

export const SEGMENT_HEADER = 64;
const MAGIC = Buffer.from("XLNjrnl1", "latin1");
const CHAIN = 28;
/** Read at once while a segment is scanned; a larger entry is read alone. */
const CHUNK = 1024 * 1024;

export type SegmentHeader = {
  /** At most 8 ASCII letters. */
  readonly kind: string;
  readonly protocol: number;
  readonly firstHeight: number;
  readonly chain: Bytes;
};

/** What a segment's successor is bound to. */
export type SegmentEnd = { readonly header: Buffer; readonly size: number; readonly last: Bytes };

/** Name of the segment that begins with this height: sorts as the heights do. */
export function segmentName(firstHeight: number): string {
  return `${String(firstHeight).padStart(16, "0")}.log`;
}

/** The first height by name, or undefined for a file that is none of ours. */
export function heightOfName(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}

export function chainAfter(end: SegmentEnd | null): Bytes {
  if (end === null) return new Uint8Array(CHAIN);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(end.size));
  return keccakParts([end.header, size, end.last]).subarray(0, CHAIN);
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER);
  MAGIC.copy(bytes);
  bytes.write(header.kind, 8, 8, "latin1");
  bytes.writeUInt32BE(header.protocol, 16);
  bytes.writeBigUInt64BE(BigInt(header.firstHeight), 24);
  bytes.set(header.chain, 32);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, SEGMENT_HEADER - 4)), SEGMENT_HEADER - 4);
  return bytes;
}

/** The check at the end of a header seeds those of its entries. */
export function seedOf(header: Buffer): number {
  return header.readUInt32BE(SEGMENT_HEADER - 4);
}

/** Undefined when the bytes are no whole header. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  const end = SEGMENT_HEADER - 4;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) return undefined;
  return {
    kind: bytes.toString("latin1", 8, 16).replace(/\0+$/, ""),
    protocol: bytes.readUInt32BE(16),
    firstHeight: Number(bytes.readBigUInt64BE(24)),
    chain: bytes.subarray(32, 32 + CHAIN),
  };
}

/** True when a segment's successor names it. */
export function isChained(header: SegmentHeader, end: SegmentEnd | null): boolean {
  return compareBytes(header.chain, chainAfter(end)) === 0;
}

export type Entry = { readonly height: number; readonly offset: number; readonly payload: Bytes };

/** What a scan meets next. A fault ends it. */
export type Scanned =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "end"; readonly offset: number; readonly last: Bytes }
  /** Nothing from `offset` on can be read; `height` is what should stand there. */
  | {
      readonly kind: "fault";
      readonly offset: number;
      readonly height: number;
      /** A header that is whole tells how long the broken entry is. */
      readonly header: RecordHeader | undefined;
    };

export type Scan = { readonly next: () => Promise<Scanned> };

/**
 * Walks the entries of a segment up to `size` bytes, checking every byte.
 * @param first the header's bytes, already checked
 */
export function scanSegment(file: OpenFile, path: string, size: number, first: Buffer): Scan {
  const seed = seedOf(first);
  let height = Number(first.readBigUInt64BE(24));
  let offset = SEGMENT_HEADER;
  let last: Bytes = first.subarray(SEGMENT_HEADER - 8);
  let window: Buffer = Buffer.alloc(0);
  let windowAt = 0;

  /** Undefined when it has to be read first: most entries need no waiting. */
  function inWindow(at: number, length: number): Buffer | undefined {
    const isInside = at >= windowAt && at + length <= windowAt + window.length;
    return isInside ? window.subarray(at - windowAt, at - windowAt + length) : undefined;
  }

  async function load(at: number, length: number): Promise<Buffer> {
    window = await readAt(file, path, at, Math.min(Math.max(length, CHUNK), size - at));
    windowAt = at;
    return window.subarray(0, length);
  }

  async function next(): Promise<Scanned> {
    if (offset === size) return { kind: "end", offset, last };
    const fault = { kind: "fault", offset, height } as const;
    if (size - offset < RECORD_HEADER) return { ...fault, header: undefined };
    const start = inWindow(offset, RECORD_HEADER) ?? (await load(offset, RECORD_HEADER));
    const header = readHeader(start, offset, seed);
    if (header === undefined) return { ...fault, header };
    const length = recordSize(header.length);
    const isBeyond = header.length > MAX_PAYLOAD || length > size - offset;
    if (isBeyond || header.height !== height) return { ...fault, header };
    const record = inWindow(offset, length) ?? (await load(offset, length));
    if (!isWhole(record)) return { ...fault, header };
    const payload = record.subarray(RECORD_HEADER, RECORD_HEADER + header.length);
    const entry = { height, offset, payload };
    last = record.slice(length - 8);
    offset += length;
    height += 1;
    return { kind: "entry", entry };
  }

  return { next };
}

export async function readAt(
  file: OpenFile,
  path: string,
  at: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  try {
    const filled = await file.read(bytes, at);
    return filled === length ? bytes : bytes.subarray(0, filled);
  } catch (thrown) {
    throw diskError(thrown, "read", { file: path, offset: at });
  }
}

/** Why an entry of the last segment cannot be read, and whether anything was synced after it. */
export type Verdict = { readonly kind: "torn" | "flipped"; readonly isLastGroup: boolean };

/**
 * Tells a torn write from lost data. What a sync acknowledged is never torn: an entry of a later
 * group shows that one was. In the last group a write is torn when it is short, or when a sector
 * of it was never written; anything else may have been agreed upon and counts as flipped.
 */
export async function judgeFault(
  file: OpenFile,
  path: string,
  size: number,
  first: Buffer,
  fault: Scanned & { readonly kind: "fault" },
): Promise<Verdict> {
  const { offset } = fault;
  const rest = await readAt(file, path, offset, size - offset);
  const seed = seedOf(first);
  for (let at = 8; at + RECORD_HEADER <= rest.length; at += 8) {
    const later = readHeader(rest.subarray(at, at + RECORD_HEADER), offset + at, seed);
    if (later !== undefined && later.back < at) return { kind: "flipped", isLastGroup: false };
  }
  return { kind: isTorn(rest, fault) ? "torn" : "flipped", isLastGroup: true };
}

function isTorn(rest: Buffer, fault: Scanned & { readonly kind: "fault" }): boolean {
  const { offset, header } = fault;
  if (rest.length < RECORD_HEADER) return true;
  if (header === undefined) return looksTorn(rest.subarray(0, RECORD_HEADER), offset);
  if (header.length > MAX_PAYLOAD || header.height !== fault.height) return false;
  const length = recordSize(header.length);
  return length > rest.length || looksTorn(rest.subarray(0, length), offset, header);
}

/** The error of an entry that was durable and is not what was written. */
export function flippedError(place: FaultPlace, isLast: boolean): StoreError {
  const fix = isLast
    ? "restore the folder from a copy; or, if this was a write cut off before its sync, start " +
      "once with --drop-bad-tail: what it held is lost and is asked for from peers"
    : "restore the file from a copy: what follows it cannot be replayed";
  return new StoreError("corrupt", "a changed or missing byte", fix, place);
}
