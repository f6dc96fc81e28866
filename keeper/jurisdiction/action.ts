/** EIP-712 digests of the EntityProvider; DESIGN.md, "Digests of the EntityProvider". */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { keccakText } from "../codec/keccak.ts";
import { createPacker, hashPacked, packBigWord, packBytes32, packWord } from "../codec/packed.ts";
import { domainSeparator, startStruct, typedDigest, typeHash } from "../codec/typed.ts";
import type { EntityId } from "./types.ts";

/**
 * What an entity asks of the EntityProvider. Its signature counts under the entity's next nonce;
 * who signs is the number, `entity` or `from`.
 */
export type EntityAction =
  | { readonly kind: "replaceBoard"; readonly number: bigint; readonly boardHash: Bytes32 }
  | { readonly kind: "cancelBoard"; readonly number: bigint }
  | { readonly kind: "claimName"; readonly entity: EntityId; readonly name: string }
  | {
      readonly kind: "transferName";
      readonly from: EntityId;
      readonly to: EntityId;
      readonly name: string;
    };

const REPLACEMENT = typeHash("Replacement(uint64 number,bytes32 boardHash,uint64 nonce)");
const CANCELLATION = typeHash("Cancellation(uint64 number,uint64 nonce)");
const CLAIM = typeHash("NameClaim(bytes32 entity,string name,uint64 nonce)");
const TRANSFER = typeHash("NameTransfer(bytes32 from,bytes32 to,string name,uint64 nonce)");

const packer = createPacker();

/** The domain of one EntityProvider on one chain. */
export function entityProviderDomain(chainId: number, entityProvider: Bytes): Bytes32 {
  return domainSeparator({
    name: "XLN EntityProvider",
    version: "1",
    chainId: BigInt(chainId),
    verifyingContract: entityProvider,
  });
}

/** What the entity signs, as a leaf of its tree, under its nonce (ENT-5, ENT-6). */
export function actionDigest(domain: Bytes32, action: EntityAction, nonce: number): Bytes32 {
  switch (action.kind) {
    case "replaceBoard":
      startStruct(packer, REPLACEMENT);
      packBigWord(packer, action.number);
      packBytes32(packer, action.boardHash);
      break;
    case "cancelBoard":
      startStruct(packer, CANCELLATION);
      packBigWord(packer, action.number);
      break;
    case "claimName": {
      const name = keccakText(action.name);
      startStruct(packer, CLAIM);
      packBytes32(packer, action.entity);
      packBytes32(packer, name);
      break;
    }
    case "transferName": {
      const name = keccakText(action.name);
      startStruct(packer, TRANSFER);
      packBytes32(packer, action.from);
      packBytes32(packer, action.to);
      packBytes32(packer, name);
      break;
    }
  }
  packWord(packer, nonce);
  return typedDigest(domain, hashPacked(packer));
}
