import { asBytes32, type Bytes32 } from "../../../keeper/base/bytes.ts";
import { addressEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { addressOf, publicKeyOf } from "../../../keeper/codec/signature.ts";
import type { SignatureRequest } from "../../../keeper/runtime/types.ts";
import type { SignerKey } from "../../../keeper/signer/types.ts";

export const word = (text: string): Bytes32 => asBytes32(keccakText(text));

/** A key made of a name, and the entity that it is. */
export function keyOf(name: string): {
  readonly privateKey: Bytes32;
  readonly entity: Bytes32;
  readonly key: SignerKey;
} {
  const privateKey = word(`key of ${name}`);
  const entity = addressEntity(addressOf(publicKeyOf(privateKey)));
  return { privateKey, entity, key: { entity, board: null, privateKey } };
}

export const alice = keyOf("alice");
export const domain = word("domain");

export type Slot = SignatureRequest["slot"];

export const proof = (number: number, epoch = 0, account = "account"): Slot => ({
  kind: "proof",
  domain,
  account: word(account),
  epoch,
  number,
});

export const settlement = (number: number, epoch = 0, account = "account"): Slot => ({
  kind: "settlement",
  domain,
  account: word(account),
  epoch,
  number,
});

export const batch = (nonce: number, deadline = 100, unused = 0): Slot => ({
  kind: "batch",
  domain,
  nonce,
  deadline,
  unused,
});
export const plan = (name: string): Slot => ({ kind: "plan", plan: word(name) });

export function ask(slot: Slot, digest: string, alone = false): SignatureRequest {
  return { entity: alice.entity, slot, digest: word(digest), alone };
}
