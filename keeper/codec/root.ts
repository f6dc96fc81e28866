import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { buildTree, leafHash, type MerkleTree, rootOf } from "./merkle.ts";
import { createPacker, hashPacked, packBytes32 } from "./packed.ts";
import { domainSeparator, startStruct, typedDigest, typeHash } from "./typed.ts";

/** ENT-4: the domain has no chain and no contract; the leaves bind both. */
export const ROOT_DOMAIN: Bytes32 = domainSeparator({ name: "XLN", version: "1" });
export const ROOT_TYPE = "Root(bytes32 root)";

const ROOT_TYPE_HASH = typeHash(ROOT_TYPE);
const packer = createPacker();

/** What a key signs (ENT-4): the EIP-712 digest of `Root(root)`. */
export function rootDigest(root: Bytes32): Bytes32 {
  packBytes32(startStruct(packer, ROOT_TYPE_HASH), root);
  return typedDigest(ROOT_DOMAIN, hashPacked(packer));
}

/** What a key has signed if `digest` of `entity` hangs under its root by `path`. */
export function signedDigest(entity: Bytes32, digest: Bytes32, path: Bytes): Bytes32 {
  return rootDigest(rootOf(leafHash(entity, digest), path));
}

/** One entity's tree over its digests. Order fixes the tree: the caller brings a canonical one. */
export function digestTree(entity: Bytes32, digests: readonly Bytes32[]): MerkleTree {
  return buildTree(digests.map((digest) => leafHash(entity, digest)));
}
