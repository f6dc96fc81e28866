import { type Bytes, type Bytes32, toHex } from "../base/bytes.ts";
import { type Refusal, type Result, refuse } from "../base/result.ts";
import { verifyEntitySignature } from "../codec/authority.ts";
import { decodeRlp, readBytes, readItems } from "../codec/rlp/decode.ts";
import { encodeRlp } from "../codec/rlp/encode.ts";
import { preparedDigest } from "./digest.ts";
import type { PlanContext } from "./input.ts";
import { MAX_SIGNATURE_BYTES, MAX_SIGNATURES_BYTES, MAX_SIGNERS } from "./limit.ts";
import type { Plan } from "./types.ts";

/** Bytes that the signature of each of so many signers may have: its share of a certificate. */
export function shareOfCertificate(signers: number): number {
  return Math.min(MAX_SIGNATURE_BYTES, Math.floor(MAX_SIGNATURES_BYTES / signers));
}

/** The canonical bytes of all signatures under "prepared", in the order of the plan's signers. */
export function encodeCertificate(signatures: readonly Bytes[]): Bytes {
  return encodeRlp(signatures);
}

/** The signatures in a certificate. Refuses `badEncoding`. */
export function decodeCertificate(certificate: Bytes): Result<readonly Bytes[]> {
  return decodeRlp(certificate, (reader) =>
    readItems(reader, MAX_SIGNERS, () => readBytes(reader, MAX_SIGNATURE_BYTES)),
  );
}

/**
 * Null when every signer of the plan, and nobody else, signed "prepared" (NET-5). Refuses
 * `badEncoding`, `certificateLength`, and, naming the signer, `certificateTooLong` and
 * `certificateSignature`.
 * @param hash the plan's
 */
export function verifyCertificate(
  plan: Plan,
  hash: Bytes32,
  certificate: Bytes,
  context: PlanContext,
): Refusal | null {
  const decoded = decodeCertificate(certificate);
  if (!decoded.ok) return decoded.refusal;
  const signatures = decoded.value;
  if (signatures.length !== plan.signers.length) {
    return refuse("certificateLength", "a certificate has a signature of every signer").refusal;
  }
  const { domain, boardHash } = context;
  const digest = preparedDigest(domain, hash);
  const longest = shareOfCertificate(plan.signers.length);
  for (const [index, entity] of plan.signers.entries()) {
    const signature = signatures[index] as Bytes;
    if (signature.length > longest) {
      const message = `a signature has at most ${longest} bytes among so many signers`;
      return refuse("certificateTooLong", message, { signer: toHex(entity) }).refusal;
    }
    const verified = verifyEntitySignature({ entity, digest, signature, boardHash });
    if (verified.ok) continue;
    return refuse("certificateSignature", "a signature is not its signer's under this plan", {
      signer: toHex(entity),
      cause: verified.refusal.code,
    }).refusal;
  }
  return null;
}
