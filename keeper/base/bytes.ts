import { assert } from "./assert.ts";
import { ok, type Result, refuse } from "./result.ts";

declare const length32: unique symbol;

export type Bytes = Uint8Array;
/** Exactly 32 bytes: an entity id, an account key or a hash. */
export type Bytes32 = Uint8Array & { readonly [length32]: true };
/** Lower-case hexadecimal digits behind `0x`, an even number of them. */
export type Hex = `0x${string}`;

export const EMPTY_BYTES: Bytes = new Uint8Array(0);
/** 32 zero bytes: "nothing here" in every hashed layout. Do not write to it. */
export const ZERO_BYTES32: Bytes32 = new Uint8Array(32) as Bytes32;

/** True for 32 bytes; narrows the type. */
export function isBytes32(bytes: Bytes): bytes is Bytes32 {
  return bytes.length === 32;
}

/**
 * Brands bytes whose length our own code fixed.
 * @throws InvariantError when there are not exactly 32.
 */
export function asBytes32(bytes: Bytes): Bytes32 {
  assert(bytes.length === 32, "32 bytes expected", { length: bytes.length });
  return bytes as Bytes32;
}

/** Order of byte strings as in a dictionary: negative, 0 or positive; a prefix comes first. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const shorter = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** True when every byte is 0 (also for no byte at all). */
export function isZeroBytes(bytes: Bytes): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

export function concatBytes(...parts: readonly Bytes[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Lower-case hexadecimal with `0x`. For people, files and RPC: never for keys on a hot path. */
export function toHex(bytes: Bytes): Hex {
  let text = "0x";
  for (let i = 0; i < bytes.length; i++) text += HEX_OF_BYTE[bytes[i] as number];
  return text as Hex;
}

/**
 * Bytes of a hexadecimal constant that our own code wrote.
 * @throws InvariantError where {@link parseHex} refuses.
 */
export function fromHex(text: string): Bytes {
  const parsed = parseHex(text);
  assert(parsed.ok, "malformed hexadecimal constant", { text });
  return parsed.value;
}

/** 32 bytes of a hexadecimal constant. @throws InvariantError when it is anything else. */
export function bytes32FromHex(text: string): Bytes32 {
  return asBytes32(fromHex(text));
}

/**
 * Bytes of hexadecimal text from outside: `0x`, then an even number of digits of either case.
 * Refuses `hexPrefix`, `hexOdd` or `hexDigit`.
 */
export function parseHex(text: string): Result<Bytes> {
  if (!text.startsWith("0x")) return refuse("hexPrefix", "begin the hexadecimal text with 0x");
  if (text.length % 2 !== 0) {
    return refuse("hexOdd", "write two digits for every byte", { length: `${text.length}` });
  }
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(text.charCodeAt(2 * i + 2));
    const low = digitOf(text.charCodeAt(2 * i + 3));
    if (high < 0 || low < 0) {
      return refuse("hexDigit", "use the digits 0-9 and a-f only", { position: `${2 * i + 2}` });
    }
    bytes[i] = high * 16 + low;
  }
  return ok(bytes);
}

function digitOf(charCode: number): number {
  if (charCode >= 48 && charCode <= 57) return charCode - 48;
  const lower = charCode | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const WORD_BITS = 64n;

/**
 * Big-endian 32 bytes of an unsigned integer.
 * @throws InvariantError outside of 0 ≤ value < 2^256.
 */
export function bytes32FromBigint(value: bigint): Bytes32 {
  assert(value >= 0n && value >> 256n === 0n, "value outside of 256 bits", { value });
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  let rest = value;
  for (let offset = 24; rest !== 0n; offset -= 8) {
    view.setBigUint64(offset, rest); // The setter itself keeps the low 64 bits only.
    rest >>= WORD_BITS;
  }
  return bytes as Bytes32;
}

/** The unsigned integer of big-endian bytes of any length; 0 for none. */
export function bigintFromBytes(bytes: Bytes): bigint {
  let value = 0n;
  let offset = 0;
  const head = bytes.length % 6;
  if (head > 0) {
    value = BigInt(numberAt(bytes, 0, head));
    offset = head;
  }
  for (; offset < bytes.length; offset += 6) {
    value = (value << 48n) | BigInt(numberAt(bytes, offset, 6));
  }
  return value;
}

/** Up to six bytes fit a safe integer; that is cheaper than a bigint for every byte. */
function numberAt(bytes: Bytes, offset: number, length: number): number {
  let value = 0;
  for (let i = offset; i < offset + length; i++) value = value * 256 + (bytes[i] as number);
  return value;
}
