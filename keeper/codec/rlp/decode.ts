/**
 * Strict RLP: a cursor over the received bytes that yields numbers, amounts and views, never a
 * tree. Every value has one encoding, so whatever decodes encodes to the same bytes again.
 * Lengths are checked before anything is allocated.
 */
import { isAmount, isDelta } from "../../base/amount.ts";
import { type Bytes, type Bytes32, bigintFromBytes } from "../../base/bytes.ts";
import { ok, type Result, refuse } from "../../base/result.ts";

/** Thrown inside of a decoding, and turned into a refusal by `decodeRlp`. */
class RlpError extends Error {}

/** The cursor. `end` is where the innermost open list ends. */
export type RlpReader = { readonly bytes: Bytes; at: number; end: number };

/** Lists inside of lists; deeper is nothing of ours. */
export const MAX_RLP_DEPTH = 32;

/**
 * Decodes exactly these bytes. `read` may call the readers below, which stop it at the first fault.
 * @returns the value, or a refusal `badEncoding` that says what and where
 */
export function decodeRlp<T>(bytes: Bytes, read: (reader: RlpReader) => T): Result<T> {
  const reader: RlpReader = { bytes, at: 0, end: bytes.length };
  try {
    const value = read(reader);
    if (reader.at !== bytes.length) fail("bytes are left over");
    return ok(value);
  } catch (error) {
    if (!(error instanceof RlpError)) throw error;
    const message = `these bytes cannot be read: ${error.message}`;
    return refuse("badEncoding", message, { offset: `${reader.at}` });
  }
}

/** Stops a decoding: for rules about values that RLP itself does not know. */
export function fail(message: string): never {
  throw new RlpError(message);
}

/** A list: `read` must take all of its items. */
export function readList<T>(reader: RlpReader, read: (reader: RlpReader) => T): T {
  const length = header(reader, 0xc0);
  const outer = reader.end;
  reader.end = reader.at + length;
  const value = read(reader);
  if (reader.at !== reader.end) fail("a list has more items than expected");
  reader.end = outer;
  return value;
}

/** A list of any number of items, at most `maximum`. */
export function readItems<T>(
  reader: RlpReader,
  maximum: number,
  read: (reader: RlpReader) => T,
): T[] {
  const length = header(reader, 0xc0);
  const outer = reader.end;
  reader.end = reader.at + length;
  const items: T[] = [];
  while (reader.at < reader.end) {
    if (items.length === maximum) fail(`a list has more than ${maximum} items`);
    items.push(read(reader));
  }
  reader.end = outer;
  return items;
}

/** True while the innermost open list has items left. */
export function hasMore(reader: RlpReader): boolean {
  return reader.at < reader.end;
}

/** True when the next item is a list; false for a string, and where no item is left. */
export function isListNext(reader: RlpReader): boolean {
  return hasMore(reader) && (reader.bytes[reader.at] as number) >= 0xc0;
}

/** A view of at most `maximum` bytes; it lives as long as the received bytes. */
export function readBytes(reader: RlpReader, maximum: number): Bytes {
  const length = stringLength(reader);
  if (length > maximum) fail(`a string of ${length} bytes, at most ${maximum} expected`);
  const start = reader.at;
  reader.at = start + length;
  return reader.bytes.subarray(start, start + length);
}

export function readBytes32(reader: RlpReader): Bytes32 {
  return readExactly(reader, 32) as Bytes32;
}

/** Exactly so many bytes. */
export function readExactly(reader: RlpReader, length: number): Bytes {
  const bytes = readBytes(reader, length);
  if (bytes.length !== length) fail(`${length} bytes expected, found ${bytes.length}`);
  return bytes;
}

/** A whole number from 0 to `maximum`, which is a safe integer. */
export function readNumber(reader: RlpReader, maximum = Number.MAX_SAFE_INTEGER): number {
  const length = scalarLength(reader, 7);
  const value = digits(reader.bytes, reader.at, length);
  reader.at += length;
  if (value > maximum) fail(`${value} is above ${maximum}`);
  return value;
}

/** A whole number of at most so many bytes, 32 at the most. */
export function readBigint(reader: RlpReader, maximumBytes = 32): bigint {
  const length = scalarLength(reader, maximumBytes);
  const start = reader.at;
  reader.at = start + length;
  if (length <= SAFE_BYTES) return BigInt(digits(reader.bytes, start, length));
  return bigintFromBytes(reader.bytes.subarray(start, start + length));
}

/** An amount `0 ≤ x < 2^127` (RCP-5). */
export function readAmount(reader: RlpReader): bigint {
  const value = readBigint(reader, 16);
  if (!isAmount(value)) fail("an amount is 2^127 or more");
  return value;
}

/** A signed amount, `|x| < 2^127`, as `zigzag` wrote it. */
export function readDelta(reader: RlpReader): bigint {
  const length = scalarLength(reader, 16);
  if (length <= SAFE_BYTES) {
    const coded = digits(reader.bytes, reader.at, length);
    reader.at += length;
    // One bigint instead of four: nearly all amounts are this small.
    return BigInt(coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2);
  }
  const start = reader.at;
  reader.at = start + length;
  const coded = bigintFromBytes(reader.bytes.subarray(start, start + length));
  const value = (coded & 1n) === 0n ? coded >> 1n : -((coded + 1n) >> 1n);
  if (!isDelta(value)) fail("an amount is out of range");
  return value;
}

export function readBoolean(reader: RlpReader): boolean {
  return readNumber(reader, 1) === 1;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 text of at most so many bytes. */
export function readText(reader: RlpReader, maximumBytes: number): string {
  const bytes = readBytes(reader, maximumBytes);
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return fail("a text is not UTF-8");
    throw error;
  }
}

/** Passes over one item of any kind and returns its bytes, header included. */
export function readRaw(reader: RlpReader): Bytes {
  const { at } = reader;
  skip(reader, 0);
  return reader.bytes.subarray(at, reader.at);
}

function skip(reader: RlpReader, depth: number): void {
  if (!isListNext(reader)) {
    readBytes(reader, reader.bytes.length);
    return;
  }
  if (depth === MAX_RLP_DEPTH) fail("lists are nested too deeply");
  readList(reader, () => {
    while (hasMore(reader)) skip(reader, depth + 1);
  });
}

/** So many bytes are a safe integer, whatever they hold. */
const SAFE_BYTES = 6;

/** Takes a string's header, checks that its content is a minimal number, and gives its length. */
function scalarLength(reader: RlpReader, maximumBytes: number): number {
  const length = stringLength(reader);
  if (length > maximumBytes) fail(`a number of ${length} bytes, at most ${maximumBytes} expected`);
  if (length > 0 && reader.bytes[reader.at] === 0) fail("a number has leading zeros");
  return length;
}

/** At most 7 bytes, big-endian; exact up to 2^53, and above it still above it. */
function digits(bytes: Bytes, start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

/** Takes a string's header, if it has one, and gives the content's length. */
function stringLength(reader: RlpReader): number {
  const { bytes, at } = reader;
  if (at < reader.end && (bytes[at] as number) < 0x80) return 1;
  const length = header(reader, 0x80);
  if (length === 1 && (bytes[reader.at] as number) < 0x80)
    fail("a small byte is not written plainly");
  return length;
}

/** Takes a header of strings (`base` 0x80) or lists (0xc0) and returns the length behind it. */
function header(reader: RlpReader, base: number): number {
  const { bytes, at, end } = reader;
  if (at >= end) fail("an item is missing");
  const first = bytes[at] as number;
  if (first < base || first > base + 63)
    fail(base === 0xc0 ? "a list expected" : "no list expected");
  const short = first - base;
  if (short < 56) {
    if (at + 1 + short > end) fail("an item is longer than what holds it");
    reader.at = at + 1;
    return short;
  }
  return longHeader(reader, short - 55);
}

function longHeader(reader: RlpReader, size: number): number {
  const { bytes, at, end } = reader;
  if (at + 1 + size > end) fail("a length is cut off");
  if (bytes[at + 1] === 0) fail("a length has leading zeros");
  // Six bytes are more than any array holds, and are a safe integer.
  if (size > 6) fail("an item is longer than what holds it");
  let length = 0;
  for (let i = 1; i <= size; i++) length = length * 256 + (bytes[at + i] as number);
  if (length < 56) fail("a short length is written long");
  reader.at = at + 1 + size;
  if (length > end - reader.at) fail("an item is longer than what holds it");
  return length;
}
