/** A plan's hash, and what a signer signs for it; DESIGN.md, "Encodings". */
import type { Bytes32 } from "../base/bytes.ts";
import { keccakParts } from "../codec/keccak.ts";
import {
  createPacker,
  hashPacked,
  packBytes32,
  packDelta,
  packUint16,
  packUint32,
  packWord,
  restart,
} from "../codec/packed.ts";
import { startStruct, typedDigest, typeHash } from "../codec/typed.ts";
import { settlementHash } from "../jurisdiction/digest.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { Plan, PlanLeg } from "./types.ts";

const PLAN = typeHash(
  "Plan(bytes32 signersHash,bytes32 legsHash,bytes32 settlementsHash,bytes32 salt,uint64 commitBy)",
);
const PREPARED = typeHash("Prepared(bytes32 plan)");

const packer = createPacker();

export function signersHash(signers: readonly EntityId[]): Bytes32 {
  return keccakParts(signers);
}

export function legsHash(legs: readonly PlanLeg[]): Bytes32 {
  restart(packer);
  for (const { left, right, token, amount } of legs) {
    packUint16(packer, left);
    packUint16(packer, right);
    packUint32(packer, token);
    packDelta(packer, amount);
  }
  return hashPacked(packer);
}

/** The name of a plan everywhere: it covers legs, settlements, signers, salt and `commitBy`. */
export function planHash(plan: Plan): Bytes32 {
  const signers = signersHash(plan.signers);
  const legs = legsHash(plan.legs);
  const settlements = keccakParts(plan.settlements.map(settlementHash));
  startStruct(packer, PLAN);
  packBytes32(packer, signers);
  packBytes32(packer, legs);
  packBytes32(packer, settlements);
  packBytes32(packer, plan.salt);
  packWord(packer, plan.commitBy);
  return typedDigest(plan.domain, hashPacked(packer));
}

/** What each signer signs once, when all its legs are held (NET-5). */
export function preparedDigest(domain: Bytes32, plan: Bytes32): Bytes32 {
  startStruct(packer, PREPARED);
  packBytes32(packer, plan);
  return typedDigest(domain, hashPacked(packer));
}
