import { isDelta } from "../base/amount.ts";
import { assert } from "../base/assert.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { keccak256 } from "./keccak.ts";

/**
 * One reused buffer for what is hashed: fixed-width big-endian fields one after the other, as
 * Solidity's `abi.encodePacked` lays them out, or 32-byte words as `abi.encode` does.
 * It grows and never shrinks; `restart` begins the next layout in the same memory.
 */
export type Packer = { bytes: Uint8Array; view: DataView; length: number };

const FIRST_CAPACITY = 1024;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;

export function createPacker(): Packer {
  const bytes = new Uint8Array(FIRST_CAPACITY);
  return { bytes, view: new DataView(bytes.buffer), length: 0 };
}

/** Forgets what was packed and returns the packer. */
export function restart(packer: Packer): Packer {
  packer.length = 0;
  return packer;
}

/** Keccak-256 of everything packed since `restart`. */
export function hashPacked(packer: Packer): Bytes32 {
  return keccak256(packer.bytes.subarray(0, packer.length));
}

/** A copy of everything packed since `restart`. */
export function packedBytes(packer: Packer): Bytes {
  return packer.bytes.slice(0, packer.length);
}

/** Makes room for `count` more bytes and returns where they begin. */
function reserve(packer: Packer, count: number): number {
  const offset = packer.length;
  const end = offset + count;
  if (end > packer.bytes.length) {
    const grown = new Uint8Array(Math.max(end, packer.bytes.length * 2));
    grown.set(packer.bytes.subarray(0, offset));
    packer.bytes = grown;
    packer.view = new DataView(grown.buffer);
  }
  packer.length = end;
  return offset;
}

export function packBytes(packer: Packer, bytes: Bytes): void {
  const offset = reserve(packer, bytes.length); // First: it may replace the buffer.
  packer.bytes.set(bytes, offset);
}

/** An id or a hash: exactly 32 bytes. */
export function packBytes32(packer: Packer, bytes: Bytes32): void {
  assert(bytes.length === 32, "32 bytes expected", { length: bytes.length });
  const offset = reserve(packer, 32);
  packer.bytes.set(bytes, offset);
}

/** `uint8`. @throws InvariantError outside of its range. */
export function packUint8(packer: Packer, value: number): void {
  assert(Number.isInteger(value) && value >= 0 && value <= 0xff, "not a uint8", { value });
  const offset = reserve(packer, 1);
  packer.bytes[offset] = value;
}

/** `uint16`. @throws InvariantError outside of its range. */
export function packUint16(packer: Packer, value: number): void {
  assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, "not a uint16", { value });
  const offset = reserve(packer, 2);
  packer.view.setUint16(offset, value);
}

/** `uint32`. @throws InvariantError outside of its range. */
export function packUint32(packer: Packer, value: number): void {
  const fits = Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
  assert(fits, "not a uint32", { value });
  const offset = reserve(packer, 4);
  packer.view.setUint32(offset, value);
}

/** `uint64` of a safe integer. @throws InvariantError for anything else. */
export function packUint64(packer: Packer, value: number): void {
  const offset = reserve(packer, 8);
  setSafeInteger(packer, offset, value);
}

/** `uint128` of an amount below 2^127 (RCP-5). @throws InvariantError outside of its range. */
export function packAmount(packer: Packer, value: bigint): void {
  assert(value >= 0n, "negative amount", { value });
  packDelta(packer, value);
}

/** `int128`, two's complement, of |x| < 2^127 (RCP-5). @throws InvariantError outside of it. */
export function packDelta(packer: Packer, value: bigint): void {
  assert(isDelta(value), "delta outside of −2^127 < x < 2^127", { value });
  const offset = reserve(packer, 16);
  packer.view.setBigInt64(offset, value >> 64n);
  packer.view.setBigUint64(offset + 8, BigInt.asUintN(64, value));
}

/** A 32-byte word of a safe integer ≥ 0. @throws InvariantError for anything else. */
export function packWord(packer: Packer, value: number): void {
  const offset = reserve(packer, 32);
  packer.bytes.fill(0, offset, offset + 24);
  setSafeInteger(packer, offset + 24, value);
}

/** A 32-byte word of 0 ≤ value < 2^256. @throws InvariantError outside of its range. */
export function packBigWord(packer: Packer, value: bigint): void {
  assert(value >= 0n && value <= MAX_UINT256, "not a uint256", { value });
  const offset = reserve(packer, 32);
  for (let word = 0; word < 4; word++) {
    const part = (value >> BigInt(64 * (3 - word))) & MAX_UINT64;
    packer.view.setBigUint64(offset + 8 * word, part);
  }
}

/** A 20-byte address, packed as it is. @throws InvariantError for another length. */
export function packAddress(packer: Packer, address: Bytes): void {
  assert(address.length === 20, "20 bytes expected", { length: address.length });
  packBytes(packer, address);
}

/** A 20-byte address in a word, padded on the left. @throws InvariantError for another length. */
export function packAddressWord(packer: Packer, address: Bytes): void {
  const offset = reserve(packer, 12);
  packer.bytes.fill(0, offset, offset + 12);
  packAddress(packer, address);
}

function setSafeInteger(packer: Packer, offset: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, "not a safe integer ≥ 0", { value });
  packer.view.setUint32(offset, Math.floor(value / 2 ** 32));
  packer.view.setUint32(offset + 4, value >>> 0);
}
