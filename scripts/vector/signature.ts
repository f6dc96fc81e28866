import {
  type Bytes,
  type Bytes32,
  bigintFromBytes,
  bytes32FromBigint,
  concatBytes,
  toHex,
} from "../../keeper/base/bytes.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { recoverAddress, signDigest } from "../../keeper/codec/signature.ts";
import { type DevKey, devKeys } from "./dev-key.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The twin of a signature with s above half of the order: as good to the curve, refused by us. */
export function highS(signature: Bytes): Bytes {
  const s = bytes32FromBigint(ORDER - bigintFromBytes(signature.subarray(32, 64)));
  const v = Uint8Array.of(55 - (signature[64] as number));
  return concatBytes(signature.subarray(0, 32), s, v);
}

/** A copy with one byte replaced. */
export function replaced(bytes: Bytes, offset: number, value: number): Bytes {
  const copy = bytes.slice();
  copy[offset] = value;
  return copy;
}

const scalar = (signature: Bytes, offset: 0 | 32, value: bigint): Bytes => {
  const copy = signature.slice();
  copy.set(bytes32FromBigint(value), offset);
  return copy;
};

/** What is made of a good signature, by name. */
const VARIANTS: readonly (readonly [name: string, make: (signature: Bytes) => Bytes])[] = [
  ["as signed", (signature) => signature],
  ["high s", highS],
  ["high s with the old v", (s) => replaced(highS(s), 64, s[64] as number)],
  ["the other v", (s) => replaced(s, 64, 55 - (s[64] as number))],
  ["v of 0 and 1", (s) => replaced(s, 64, (s[64] as number) - 27)],
  ["v 29", (s) => replaced(s, 64, 29)],
  ["r zero", (s) => scalar(s, 0, 0n)],
  ["r of the order", (s) => scalar(s, 0, ORDER)],
  ["r on no point", (s) => scalar(s, 0, 5n)],
  ["s zero", (s) => scalar(s, 32, 0n)],
  ["s of the order", (s) => scalar(s, 32, ORDER)],
  ["s of half the order", (s) => scalar(s, 32, ORDER / 2n)],
  ["s above half the order", (s) => scalar(s, 32, ORDER / 2n + 1n)],
  ["one bit of r", (s) => replaced(s, 7, (s[7] as number) ^ 1)],
  ["one bit of s", (s) => replaced(s, 60, (s[60] as number) ^ 1)],
  ["64 bytes", (s) => s.slice(0, 64)],
  ["66 bytes", (s) => concatBytes(s, Uint8Array.of(0))],
  ["no byte", () => new Uint8Array(0)],
];

export function signatureVectors(): unknown {
  const cases = devKeys(3).flatMap((key) => {
    const digest = keccakText(`signed by ${key.index}`);
    const signature = signDigest(key.privateKey, digest);
    return VARIANTS.map(([name, make]) => caseOf(name, key, digest, make(signature)));
  });
  return { cases };
}

function caseOf(name: string, key: DevKey, digest: Bytes32, signature: Bytes): unknown {
  const recovered = recoverAddress(signature, digest);
  return {
    name,
    key: `${key.index}`,
    address: toHex(key.address),
    digest: toHex(digest),
    signature: toHex(signature),
    recovered: recovered.ok ? toHex(recovered.value) : "",
    refusal: recovered.ok ? "" : recovered.refusal.code,
  };
}
