import { assert } from "../../keeper/base/assert.ts";
import { type Bytes32, concatBytes, toHex } from "../../keeper/base/bytes.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { buildTree, buildTwoLevelTree, leafHash } from "../../keeper/codec/merkle.ts";
import { ROOT_DOMAIN, rootDigest } from "../../keeper/codec/root.ts";

const LARGEST = 40;
/** Up to here every path is written out; above it the first, the middle and the last one. */
const ALL_PATHS = 9;

/** Trees over the first 1 … 40 leaves of one list, and a tree of trees. */
export function rootVectors(): unknown {
  const entity = keccakText("an entity of the root vectors");
  const digests = Array.from({ length: LARGEST }, (_, i) => keccakText(`digest ${i}`));
  const leaves = digests.map((digest) => leafHash(entity, digest));
  return {
    domain: toHex(ROOT_DOMAIN),
    entity: toHex(entity),
    digests: digests.map(toHex),
    leaves: leaves.map(toHex),
    trees: leaves.map((_, i) => treeOf(leaves.slice(0, i + 1))),
    twoLevel: twoLevelOf(leaves),
  };
}

function treeOf(leaves: readonly Bytes32[]): unknown {
  const { root, paths } = buildTree(leaves);
  const chosen = new Set([0, leaves.length >> 1, leaves.length - 1]);
  const listed = paths
    .map((path, index) => ({ index, path }))
    .filter(({ index }) => leaves.length <= ALL_PATHS || chosen.has(index));
  return {
    count: `${leaves.length}`,
    root: toHex(root),
    rootDigest: toHex(rootDigest(root)),
    paths: listed.map(({ index, path }) => ({ leaf: `${index}`, path: toHex(path) })),
  };
}

/** Groups of 1, 2, 3, 4 and 5 leaves, in order of the list. */
function twoLevelOf(leaves: readonly Bytes32[]): unknown {
  const groups = [1, 2, 3, 4, 5].map((size) => {
    const from = (size * (size - 1)) / 2;
    return leaves.slice(from, from + size);
  });
  const { root, innerPaths, outerPaths } = buildTwoLevelTree(groups);
  return {
    root: toHex(root),
    groups: groups.map((group, i) => ({
      leaves: group.map(toHex),
      paths: group.map((_, j) => toHex(concatBytes(at(at(innerPaths, i), j), at(outerPaths, i)))),
    })),
  };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  assert(item !== undefined, "no item at this index", { index });
  return item;
}
