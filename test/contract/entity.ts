import { concat, getBytes, keccak256, SigningKey, TypedDataEncoder, zeroPadValue } from "ethers";

/** A party of the tests: an entity of the address class and its key. */
export type Key = { readonly key: SigningKey; readonly id: string; readonly address: string };

const ROOT_DOMAIN = { name: "XLN", version: "1" };
const ROOT_TYPES = { Root: [{ name: "root", type: "bytes32" }] };

/** The key of a seed: the same on every run. */
export function keyOf(seed: string): Key {
  const key = new SigningKey(keccak256(new TextEncoder().encode(seed)));
  const address = `0x${keccak256(`0x${key.publicKey.slice(4)}`).slice(-40)}`;
  return { key, address, id: zeroPadValue(address, 32) };
}

/** That many keys in ascending order of their ids, so that the first of any two is left. */
export function keysOf(seed: string, count: number): readonly Key[] {
  const keys = Array.from({ length: count }, (_, i) => keyOf(`${seed} ${i}`));
  return keys.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The leaf that binds an entity to a digest (ENT-4). */
export function leafOf(entity: string, digest: string): string {
  return keccak256(concat(["0x00", entity, digest]));
}

/** The node above two others, in whatever order they come. */
export function nodeOf(a: string, b: string): string {
  return keccak256(a < b ? concat([a, b]) : concat([b, a]));
}

/** What a key signs for a root. */
export function rootHash(root: string): string {
  return TypedDataEncoder.hash(ROOT_DOMAIN, ROOT_TYPES, { root });
}

/** A key's signature over a hash, `r ‖ s ‖ v`. */
export function signHash(key: SigningKey, hash: string): string {
  return key.sign(hash).serialized;
}

/** An entity's key signature under one digest: a tree of one leaf, 65 bytes. */
export function signDigest(signer: Key, digest: string): string {
  return signHash(signer.key, rootHash(leafOf(signer.id, digest)));
}

/** The length of hex data in bytes. */
export function lengthOf(data: string): number {
  return getBytes(data).length;
}
