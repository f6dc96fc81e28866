/** Who is in the worlds of plan tests, the times of their jurisdiction, and their signatures. */
import { type Bytes, type Bytes32, compareBytes, EMPTY_BYTES } from "../../../keeper/base/bytes.ts";
import { addressEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { signedDigest } from "../../../keeper/codec/root.ts";
import { addressOf, publicKeyOf, signDigest } from "../../../keeper/codec/signature.ts";

export const DOMAIN = keccakText("a Depository");
export const NOW = 1_000_000;
/** Seconds of the jurisdiction. */
export const TIMES = { inclusionMargin: 60, responseTime: 2_000 } as const;
/** The `commitBy` of the plans of a world, and when it is too late to go by a certificate. */
export const COMMIT_BY = NOW + 3_600;
export const APPLY_BY = COMMIT_BY - TIMES.inclusionMargin - TIMES.responseTime;
/** What a clock says before `applyBy`, from then on, past `commitBy`, and when nobody waits. */
export const HOURS = [NOW, APPLY_BY, COMMIT_BY + 1, COMMIT_BY + TIMES.responseTime + 2] as const;

export type Person = {
  readonly name: string;
  readonly id: Bytes32;
  readonly sign: (digest: Bytes32) => Bytes;
};

/** People named A, B, C … in ascending order of their ids; the same keys in every run. */
export function people(count: number): readonly Person[] {
  const keys = Array.from({ length: count }, (_, index) => keccakText(`plan test key ${index}`));
  const drafts = keys.map((key) => ({ key, id: addressEntity(addressOf(publicKeyOf(key))) }));
  drafts.sort((a, b) => compareBytes(a.id, b.id));
  return drafts.map(({ key, id }, index) => ({
    name: String.fromCharCode(65 + index),
    id,
    sign: (digest) => signDigest(key, signedDigest(id, digest, EMPTY_BYTES)),
  }));
}

const signatures = new Map<(digest: Bytes32) => Bytes, Map<string, Bytes>>();

/** Signing is deterministic, so its result may be kept. */
export function signOnce(sign: (digest: Bytes32) => Bytes, digest: Bytes32): Bytes {
  const known = signatures.get(sign) ?? new Map<string, Bytes>();
  signatures.set(sign, known);
  const key = digest.join();
  const signature = known.get(key) ?? sign(digest);
  known.set(key, signature);
  return signature;
}
