/**
 * Canonical RLP (Ethereum yellow paper, appendix B), written back to front into one buffer that is
 * used again: a list's length is known when its header is written, so nothing is moved or measured.
 */
import { assert } from "../../base/assert.ts";
import type { Bytes } from "../../base/bytes.ts";

/**
 * What can be encoded. Whole numbers from 0 are minimal big-endian strings, as Ethereum's scalars;
 * booleans are 0 and 1; text is UTF-8; a signed amount goes through `zigzag` first.
 */
export type RlpValue = number | bigint | boolean | string | Bytes | readonly RlpValue[];

const FIRST_CAPACITY = 64 * 1024;
/** Up to here a loop beats the call of `set`. */
const SHORT_COPY = 40;

let buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
/** Where the next byte goes, plus one: the buffer is filled from its end. */
let start = FIRST_CAPACITY;

/**
 * The canonical bytes of a value.
 * @throws InvariantError for a negative, fractional or unsafe number: those are our own bugs.
 */
export function encodeRlp(value: RlpValue): Bytes {
  start = buffer.length;
  put(value);
  return new Uint8Array(buffer.subarray(start));
}

/** Below this the folded value is a safe integer too. */
const SMALL = 2n ** 51n;

/** 0, −1, 1, −2 … as 0, 1, 2, 3 …: one form for each integer. */
export function zigzag(value: bigint): RlpValue {
  if (value < SMALL && value > -SMALL) {
    const small = Number(value);
    return small >= 0 ? small * 2 : -small * 2 - 1;
  }
  return value >= 0n ? value * 2n : -value * 2n - 1n;
}

function put(value: RlpValue): void {
  if (typeof value === "number") putNumber(value);
  else if (typeof value === "bigint") putBigint(value);
  else if (typeof value === "boolean") putNumber(value ? 1 : 0);
  else if (typeof value === "string") putText(value);
  else if (value instanceof Uint8Array) putString(value);
  else putList(value);
}

function putList(items: readonly RlpValue[]): void {
  const written = buffer.length - start;
  for (let i = items.length - 1; i >= 0; i--) put(items[i] as RlpValue);
  putHeader(buffer.length - start - written, 0xc0);
}

function putString(bytes: Bytes): void {
  const { length } = bytes;
  reserve(length);
  start -= length;
  if (length > SHORT_COPY) buffer.set(bytes, start);
  else for (let i = 0; i < length; i++) buffer[start + i] = bytes[i] as number;
  if (length === 1 && (bytes[0] as number) < 0x80) return;
  putHeader(length, 0x80);
}

function putText(text: string): void {
  const length = Buffer.byteLength(text);
  reserve(length);
  start -= length;
  buffer.write(text, start, "utf8");
  if (length === 1 && (buffer[start] as number) < 0x80) return;
  putHeader(length, 0x80);
}

function putNumber(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    assert(false, "RLP takes whole numbers from 0", { value });
  }
  reserve(8);
  if (value < 0x80) {
    buffer[--start] = value === 0 ? 0x80 : value;
    return;
  }
  const end = start;
  let high = value;
  for (; high > 0xffff_ffff; high = Math.floor(high / 256)) buffer[--start] = high % 256;
  for (let low = high >>> 0; low > 0; low >>>= 8) buffer[--start] = low & 0xff;
  const length = end - start;
  buffer[--start] = 0x80 + length;
}

function putBigint(value: bigint): void {
  assert(value >= 0n, "RLP takes whole numbers from 0", { value });
  if (value <= 0xffff_ffff_ffffn) return putNumber(Number(value));
  const end = start;
  let rest = value;
  for (; rest > 0xffff_ffff_ffff_ffffn; rest >>= 64n) {
    reserve(8);
    start -= 8;
    buffer.writeBigUInt64BE(BigInt.asUintN(64, rest), start);
  }
  for (let high = rest; high > 0n; high >>= 8n) putByte(Number(high & 0xffn));
  putHeader(end - start, 0x80);
}

function putHeader(length: number, base: number): void {
  if (length < 56) return putByte(base + length);
  let bytes = 0;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    putByte(rest % 256);
    bytes++;
  }
  putByte(base + 55 + bytes);
}

function putByte(byte: number): void {
  reserve(1);
  buffer[--start] = byte;
}

/** Makes room in front; what is written already stays at the end of a larger buffer. */
function reserve(length: number): void {
  if (start >= length) return;
  const written = buffer.length - start;
  const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, written + length));
  buffer.copy(grown, grown.length - written, start);
  start = grown.length - written;
  buffer = grown;
}
