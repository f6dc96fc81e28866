import { concat, keccak256, solidityPacked, TypedDataEncoder } from "ethers";

import type { PlanTermsStruct, SettlementsStruct } from "../../typechain-types/Depository.ts";
import { type Key, lengthOf, signDigest } from "./entity.ts";
import { type Domain, FAR, layOut, type Settlement, settlementStructHash } from "./operation.ts";

/** A plan as its signers see it; its settlements' numbers are zero. */
export type Plan = {
  /** Ascending by id. */
  readonly signers: readonly Key[];
  readonly legsHash: string;
  readonly salt: string;
  readonly commitBy?: bigint;
  readonly settlements?: readonly Settlement[];
};

const PLAN_TYPES = {
  Plan: [
    { name: "signersHash", type: "bytes32" },
    { name: "legsHash", type: "bytes32" },
    { name: "settlementsHash", type: "bytes32" },
    { name: "salt", type: "bytes32" },
    { name: "commitBy", type: "uint64" },
  ],
};
const PREPARED_TYPES = { Prepared: [{ name: "plan", type: "bytes32" }] };

/** What a plan is known by everywhere. */
export function planHash(domain: Domain, plan: Plan): string {
  return TypedDataEncoder.hash(domain, PLAN_TYPES, {
    signersHash: keccak256(concat(plan.signers.map(({ id }) => id))),
    legsHash: plan.legsHash,
    settlementsHash: keccak256(concat((plan.settlements ?? []).map(settlementStructHash))),
    salt: plan.salt,
    commitBy: plan.commitBy ?? FAR,
  });
}

/** What each signer signs, as a leaf. */
export function preparedDigest(domain: Domain, plan: Plan): string {
  return TypedDataEncoder.hash(domain, PREPARED_TYPES, { plan: planHash(domain, plan) });
}

/** The signatures of all, as `commitPlan` takes them. */
export function certificateOf(signatures: readonly string[]): string {
  return concat(
    signatures.flatMap((signature) => [
      solidityPacked(["uint16"], [lengthOf(signature)]),
      signature,
    ]),
  );
}

/**
 * The arguments of `commitPlan`, signed by everybody.
 * @param sign gives each signer's signature; keys sign by themselves.
 */
export function layOutPlan(
  domain: Domain,
  plan: Plan,
  sign: (signer: Key, digest: string) => string = signDigest,
): [PlanTermsStruct, SettlementsStruct] {
  const settlements = plan.settlements ?? [];
  const digest = preparedDigest(domain, plan);
  const entities = plan.signers.map(({ id }) => id);
  const list = layOut(domain, settlements, true, () => "0x", entities);
  return [
    {
      legsHash: plan.legsHash,
      salt: plan.salt,
      commitBy: plan.commitBy ?? FAR,
      ondeltaDiffs: settlements.flatMap((s) => s.diffs.map(({ ondeltaDiff }) => ondeltaDiff)),
    },
    { ...list, signatures: certificateOf(plan.signers.map((key) => sign(key, digest))) },
  ];
}
