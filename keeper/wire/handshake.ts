/**
 * Each side sends 32 random bytes, then proves its entities by signatures under a challenge that
 * binds both sides' bytes and the prover's role: nothing can be replayed on another connection
 * or reflected on the same. Transport encryption comes with libp2p.
 */
import { type Bytes, type Bytes32, concatBytes, isBytes32 } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { keccak256 } from "../codec/keccak.ts";
import { PROTOCOL_VERSION } from "../runtime/types.ts";
import { PROOFS_MAX } from "./limit.ts";
import type { Proof } from "./types.ts";

export type Role = "dialler" | "listener";

/** Keepers of different protocols do not meet: neither's proofs hold for the other (ARC-4). */
const TAG = new TextEncoder().encode(`XLN wire ${PROTOCOL_VERSION}`);

/** What a side in `role` signs, given its own and the other side's random bytes. */
export function challengeOf(role: Role, own: Bytes, other: Bytes): Bytes32 {
  const flag = Uint8Array.of(role === "dialler" ? 0 : 1);
  return keccak256(concatBytes(TAG, flag, own, other));
}

/** `count:u32 ‖ count × (entity:32 ‖ length:u16 ‖ signature)`. */
export function encodeProofs(proofs: readonly Proof[]): Bytes {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(proofs.length);
  const parts: Bytes[] = [count];
  for (const { entity, signature } of proofs) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(signature.length);
    parts.push(entity, length, signature);
  }
  return concatBytes(...parts);
}

/** Strict: every byte is accounted for. */
export function decodeProofs(bytes: Bytes): Result<readonly Proof[]> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const malformed = refuse("badHandshake", "the peer's proof of its entities cannot be read");
  if (view.length < 4) return malformed;
  const count = view.readUInt32BE(0);
  if (count === 0 || count > PROOFS_MAX) return malformed;
  const proofs: Proof[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    if (at + 34 > view.length) return malformed;
    const length = view.readUInt16BE(at + 32);
    const end = at + 34 + length;
    if (end > view.length) return malformed;
    const entity = bytes.slice(at, at + 32);
    if (!isBytes32(entity)) return malformed;
    proofs.push({ entity, signature: bytes.slice(at + 34, end) });
    at = end;
  }
  return at === view.length ? ok(proofs) : malformed;
}
