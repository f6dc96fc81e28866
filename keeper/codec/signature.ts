import { createRequire } from "node:module";
import type * as Secp256k1 from "secp256k1";
import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, compareBytes, equalBytes, fromHex } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { keccak256 } from "./keccak.ts";

/** Which implementation of libsecp256k1's interface answers: compiled, or JavaScript. */
export type SignatureLibrary = "native" | "elliptic";

/** 20 bytes: the last ones of a public key's hash. */
export type Address = Bytes;
/** 65 bytes, `0x04 ‖ x ‖ y`: uncompressed, so that no check computes a square root again. */
export type PublicKey = Bytes;

/** `r ‖ s ‖ v`. */
export const SIGNATURE_BYTES = 65;

const CURVE_ORDER = fromHex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const HALF_ORDER = fromHex("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
const ZERO_SCALAR = new Uint8Array(32);

const { curve, library } = loadCurve();
export const signatureLibrary: SignatureLibrary = library;

/** Asks for the compiled library by name, so that a silent fall-back cannot go unreported. */
function loadCurve(): { curve: typeof Secp256k1; library: SignatureLibrary } {
  const require = createRequire(import.meta.url);
  try {
    return { curve: require("secp256k1/bindings.js"), library: "native" };
  } catch {
    return { curve: require("secp256k1/elliptic.js"), library: "elliptic" };
  }
}

/**
 * Accepts one form of each signature: 65 bytes, 0 < r < n, 0 < s ≤ n/2, v 27 or 28 (EIP-2,
 * OpenZeppelin's ECDSA). Refuses `signatureLength`, `signatureV`, `signatureR`,
 * `signatureS` or `signatureHighS`, in that order.
 */
export function checkSignature(signature: Bytes): Result<Bytes> {
  if (signature.length !== SIGNATURE_BYTES) {
    const details = { length: `${signature.length}` };
    return refuse("signatureLength", "a signature has 65 bytes", details);
  }
  const v = signature[64] as number;
  if (v !== 27 && v !== 28) {
    return refuse("signatureV", "v is 27 or 28", { v: `${v}` });
  }
  const r = signature.subarray(0, 32);
  if (equalBytes(r, ZERO_SCALAR) || compareBytes(r, CURVE_ORDER) >= 0) {
    return refuse("signatureR", "r is above 0 and below the curve's order");
  }
  const s = signature.subarray(32, 64);
  if (equalBytes(s, ZERO_SCALAR) || compareBytes(s, CURVE_ORDER) >= 0) {
    return refuse("signatureS", "s is above 0 and below the curve's order");
  }
  if (compareBytes(s, HALF_ORDER) > 0) {
    return refuse("signatureHighS", "use the low form of s");
  }
  return ok(signature);
}

/**
 * The public key under which `signature` signs `digest`. Refuses what {@link checkSignature}
 * does, and `signatureRecovery` where r is no point of the curve.
 */
export function recoverPublicKey(signature: Bytes, digest: Bytes32): Result<PublicKey> {
  const checked = checkSignature(signature);
  if (!checked.ok) return checked;
  try {
    const parity = (signature[64] as number) - 27;
    return ok(curve.ecdsaRecover(signature.subarray(0, 64), parity, digest, false));
  } catch (cause) {
    return refuse("signatureRecovery", "no key signs this", { cause: `${cause}` });
  }
}

/** The address that signed. Refuses as {@link recoverPublicKey}. */
export function recoverAddress(signature: Bytes, digest: Bytes32): Result<Address> {
  const key = recoverPublicKey(signature, digest);
  return key.ok ? ok(addressOf(key.value)) : key;
}

/** True when `address` signed `digest` in the one accepted form, v included: as the chain sees. */
export function verify(signature: Bytes, digest: Bytes32, address: Address): boolean {
  const recovered = recoverAddress(signature, digest);
  return recovered.ok && equalBytes(recovered.value, address);
}

/**
 * True when the key signed `digest`; about a tenth cheaper than {@link verify}. It cannot judge
 * v: `ecrecover` needs it, so what is kept for the chain goes through {@link withRecovery}.
 */
export function verifyWithPublicKey(
  signature: Bytes,
  digest: Bytes32,
  publicKey: PublicKey,
): boolean {
  if (!checkSignature(signature).ok) return false;
  return curve.ecdsaVerify(signature.subarray(0, 64), digest, publicKey);
}

/**
 * The same signature with the v under which the chain recovers `address`, or undefined when
 * neither does: repairs what {@link verifyWithPublicKey} let pass.
 */
export function withRecovery(
  signature: Bytes,
  digest: Bytes32,
  address: Address,
): Bytes | undefined {
  const repaired = signature.slice();
  for (const v of [27, 28]) {
    repaired[64] = v;
    if (verify(repaired, digest, address)) return repaired;
  }
  return undefined;
}

/**
 * Signs a digest: RFC 6979, so the same key and digest give the same 65 bytes; low s.
 * @throws InvariantError for a key that is no scalar of the curve.
 */
export function signDigest(privateKey: Bytes32, digest: Bytes32): Bytes {
  assert(isPrivateKey(privateKey), "not a private key");
  const { signature, recid } = curve.ecdsaSign(digest, privateKey);
  const bytes = new Uint8Array(SIGNATURE_BYTES);
  bytes.set(signature);
  bytes[64] = 27 + recid;
  return bytes;
}

/** True for 32 bytes with 0 < key < n. */
export function isPrivateKey(privateKey: Bytes): boolean {
  return privateKey.length === 32 && curve.privateKeyVerify(privateKey);
}

/** @throws InvariantError for a key that is no scalar of the curve. */
export function publicKeyOf(privateKey: Bytes32): PublicKey {
  assert(isPrivateKey(privateKey), "not a private key");
  return curve.publicKeyCreate(privateKey, false);
}

/** Accepts 33 or 65 bytes from outside. Refuses `publicKey` for what is no point. */
export function parsePublicKey(bytes: Bytes): Result<PublicKey> {
  const lengthFits = bytes.length === 33 || bytes.length === 65;
  if (!lengthFits || !curve.publicKeyVerify(bytes)) {
    return refuse("publicKey", "not a point of secp256k1", { length: `${bytes.length}` });
  }
  return ok(curve.publicKeyConvert(bytes, false));
}

/** The last 20 bytes of keccak256(x ‖ y). */
export function addressOf(publicKey: PublicKey): Address {
  assert(publicKey.length === 65, "keep public keys uncompressed", { length: publicKey.length });
  return keccak256(publicKey.subarray(1)).subarray(12);
}
