import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, compareBytes, EMPTY_BYTES } from "../base/bytes.ts";
import { keccak256 } from "./keccak.ts";

/** ENT-4: no path is longer than this, so that a check is bounded on chain as well. */
export const MAX_PATH_DEPTH = 32;

/** A tree's root and, for each leaf in the order given, its path: 32 bytes a level, leaf first. */
export type MerkleTree = { readonly root: Bytes32; readonly paths: readonly Bytes[] };

/**
 * A tree of trees. The path of leaf `j` of group `i` is `innerPaths[i][j] ‖ outerPaths[i]`: a
 * message that carries all that concerns one account carries that account's outer path once.
 */
export type TwoLevelTree = {
  readonly root: Bytes32;
  readonly innerPaths: readonly (readonly Bytes[])[];
  readonly outerPaths: readonly Bytes[];
};

const leafBytes = new Uint8Array(65); // The first byte stays 0: a leaf is no node.
const nodeBytes = new Uint8Array(64);

/** `keccak256(0x00 ‖ entity ‖ digest)`: binds what is signed to the entity that it binds. */
export function leafHash(entity: Bytes32, digest: Bytes32): Bytes32 {
  leafBytes.set(entity, 1);
  leafBytes.set(digest, 33);
  return keccak256(leafBytes);
}

/** `keccak256(min(a, b) ‖ max(a, b))`: a path needs no directions. */
export function nodeHash(a: Bytes32, b: Bytes32): Bytes32 {
  const ascending = compareBytes(a, b) <= 0;
  nodeBytes.set(ascending ? a : b);
  nodeBytes.set(ascending ? b : a, 32);
  return keccak256(nodeBytes);
}

/**
 * Root and all paths of one or more leaves, in one pass. Neighbours are joined level by level;
 * an odd last node is carried up as it is, so its leaves' paths skip that level.
 * @throws InvariantError for no leaf.
 */
export function buildTree(leaves: readonly Bytes32[]): MerkleTree {
  assert(leaves.length > 0, "a tree has at least one leaf");
  if (leaves.length === 1) return { root: leaves[0] as Bytes32, paths: [EMPTY_BYTES] };
  const levels: Bytes32[][] = [leaves.slice()];
  for (let level = levels[0] as Bytes32[]; level.length > 1; ) {
    const above: Bytes32[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      above.push(nodeHash(level[i] as Bytes32, level[i + 1] as Bytes32));
    }
    if (level.length % 2 === 1) above.push(level[level.length - 1] as Bytes32);
    levels.push(above);
    level = above;
  }
  const top = levels.pop() as Bytes32[];
  return { root: top[0] as Bytes32, paths: leaves.map((_, index) => pathOf(levels, index)) };
}

function pathOf(levels: readonly (readonly Bytes32[])[], index: number): Bytes {
  const path = new Uint8Array(levels.length * 32);
  let length = 0;
  let position = index;
  for (const level of levels) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) {
      path.set(sibling, length);
      length += 32;
    }
    position >>= 1;
  }
  return length === path.length ? path : path.slice(0, length);
}

/**
 * One tree over each group's leaves and one over the groups' roots (SPEED 3).
 * @throws InvariantError for no group or a group without leaves.
 */
export function buildTwoLevelTree(groups: readonly (readonly Bytes32[])[]): TwoLevelTree {
  const inner = groups.map(buildTree);
  const outer = buildTree(inner.map((tree) => tree.root));
  return {
    root: outer.root,
    innerPaths: inner.map((tree) => tree.paths),
    outerPaths: outer.paths,
  };
}

/**
 * The root that `path` claims for `leaf`; the caller compares or verifies a signature of it.
 * @throws InvariantError unless the path is whole words, at most 32: check before with
 * {@link isPath}.
 */
export function rootOf(leaf: Bytes32, path: Bytes): Bytes32 {
  assert(isPath(path), "path of broken length", { length: path.length });
  let node = leaf;
  for (let offset = 0; offset < path.length; offset += 32) {
    node = nodeHash(node, path.subarray(offset, offset + 32) as Bytes32);
  }
  return node;
}

/** True for 0 to 32 whole words. */
export function isPath(path: Bytes): boolean {
  return path.length % 32 === 0 && path.length <= 32 * MAX_PATH_DEPTH;
}
