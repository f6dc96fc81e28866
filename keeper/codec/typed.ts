import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { keccak256, keccakText } from "./keccak.ts";
import {
  createPacker,
  hashPacked,
  type Packer,
  packAddressWord,
  packBigWord,
  packBytes32,
  restart,
} from "./packed.ts";

/** The EIP-712 domain; a field that is left out is not part of its type. */
export type TypedDomain = {
  readonly name: string;
  readonly version: string;
  readonly chainId?: bigint;
  /** 20 bytes. */
  readonly verifyingContract?: Bytes;
};

/** `hashStruct` of the domain (EIP-712, "Definition of domainSeparator"). */
export function domainSeparator(domain: TypedDomain): Bytes32 {
  const fields = ["string name", "string version"];
  if (domain.chainId !== undefined) fields.push("uint256 chainId");
  if (domain.verifyingContract !== undefined) fields.push("address verifyingContract");
  const packer = startStruct(createPacker(), typeHash(`EIP712Domain(${fields.join(",")})`));
  packBytes32(packer, keccakText(domain.name));
  packBytes32(packer, keccakText(domain.version));
  if (domain.chainId !== undefined) packBigWord(packer, domain.chainId);
  if (domain.verifyingContract !== undefined) packAddressWord(packer, domain.verifyingContract);
  return hashPacked(packer);
}

/** Keccak-256 of a type string such as `Root(bytes32 root)`. */
export function typeHash(type: string): Bytes32 {
  return keccakText(type);
}

/**
 * Begins a struct's encoding in a reused packer: the type hash, behind which the caller packs
 * one word per member, in order, and then takes `hashPacked`.
 */
export function startStruct(packer: Packer, type: Bytes32): Packer {
  packBytes32(restart(packer), type);
  return packer;
}

const digestBytes = new Uint8Array(66);
digestBytes[0] = 0x19;
digestBytes[1] = 0x01;

/** The digest that is signed: keccak256(0x19 0x01 ‖ domain separator ‖ struct hash). */
export function typedDigest(domain: Bytes32, structHash: Bytes32): Bytes32 {
  digestBytes.set(domain, 2);
  digestBytes.set(structHash, 34);
  return keccak256(digestBytes);
}
