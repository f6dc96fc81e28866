import { expect } from "chai";
import { keccak256 as ethersKeccak, solidityPackedKeccak256, TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import {
  asBytes32,
  type Bytes32,
  bytes32FromHex,
  fromHex,
  toHex,
} from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import {
  buildTree,
  isPath,
  leafHash,
  MAX_PATH_DEPTH,
  nodeHash,
  rootOf,
} from "../../../keeper/codec/merkle.ts";
import { digestTree, rootDigest, signedDigest } from "../../../keeper/codec/root.ts";
import { readVectors } from "./vector.ts";

type Vectors = {
  readonly domain: string;
  readonly entity: string;
  readonly digests: readonly string[];
  readonly leaves: readonly string[];
  readonly trees: readonly {
    readonly count: string;
    readonly root: string;
    readonly rootDigest: string;
    readonly paths: readonly { readonly leaf: string; readonly path: string }[];
  }[];
  readonly twoLevel: {
    readonly root: string;
    readonly groups: readonly {
      readonly leaves: readonly string[];
      readonly paths: readonly string[];
    }[];
  };
};

const vectors = readVectors<Vectors>("root.json");
const word = (text: string | undefined): Bytes32 => bytes32FromHex(text ?? "");

/** Hashes a pair the long way, with nothing of ours. */
function pairOf(a: string, b: string): string {
  const [low, high] = BigInt(a) < BigInt(b) ? [a, b] : [b, a];
  return ethersKeccak(`${low}${high.slice(2)}`);
}

/** A root by recursion from the top, as another implementation would find it. */
function rootByLevels(level: readonly string[]): string {
  if (level.length === 1) return level[0] as string;
  const above: string[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const [a, b] = [level[i] as string, level[i + 1]];
    above.push(b === undefined ? a : pairOf(a, b));
  }
  return rootByLevels(above);
}

function climb(leaf: string, path: string): string {
  const levels = path.slice(2).match(/.{64}/g) ?? [];
  return levels.reduce((node, level) => pairOf(node, `0x${level}`), leaf);
}

describe("Merkle roots", () => {
  it("ENT-4, TST-2: leaves, roots and root digests are those of an independent hash", () => {
    const types = { Root: [{ name: "root", type: "bytes32" }] };
    const domain = { name: "XLN", version: "1" };
    expect(TypedDataEncoder.hashDomain(domain)).to.equal(vectors.domain);
    for (const [i, digest] of vectors.digests.entries()) {
      const packed = ["uint8", "bytes32", "bytes32"];
      const leaf = solidityPackedKeccak256(packed, [0, vectors.entity, digest]);
      expect(vectors.leaves[i]).to.equal(leaf);
      expect(toHex(leafHash(word(vectors.entity), word(digest)))).to.equal(leaf);
    }
    for (const tree of vectors.trees) {
      expect(rootByLevels(vectors.leaves.slice(0, Number(tree.count)))).to.equal(tree.root);
      const digest = TypedDataEncoder.hash(domain, types, { root: tree.root });
      expect(tree.rootDigest).to.equal(digest);
      expect(toHex(rootDigest(word(tree.root)))).to.equal(digest);
    }
    expect(vectors.trees.map(({ count }) => Number(count))).to.deep.equal(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });

  it("ENT-4: every path leads from its leaf to the root, by our climb and by another", () => {
    for (const { count, root, paths } of vectors.trees) {
      expect(paths.length).to.be.at.least(Math.min(3, Number(count)));
      for (const { leaf, path } of paths) {
        const hash = vectors.leaves[Number(leaf)] ?? "";
        expect(climb(hash, path)).to.equal(root);
        expect(toHex(rootOf(word(hash), fromHex(path)))).to.equal(root);
      }
    }
  });

  it("ENT-4: in a tree of trees the inner path and the outer one together lead to the root", () => {
    const { root, groups } = vectors.twoLevel;
    expect(groups.map((group) => group.leaves.length)).to.deep.equal([1, 2, 3, 4, 5]);
    for (const { leaves, paths } of groups) {
      for (const [i, leaf] of leaves.entries()) {
        expect(climb(leaf, paths[i] ?? "")).to.equal(root);
      }
    }
  });

  it("ENT-4, TST-3: a flipped bit of entity, digest or path leads to another root", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (count, pick, flip) => {
        const random = createRandom(`tree ${count} ${pick}`);
        const entity = asBytes32(random.bytes(32));
        const digests = Array.from({ length: count }, () => asBytes32(random.bytes(32)));
        const { root, paths } = digestTree(entity, digests);
        const index = pick % count;
        const path = paths[index] as Uint8Array;
        expect(path.length / 32).to.be.at.most(Math.ceil(Math.log2(count)));
        const digest = digests[index] as Bytes32;
        expect(toHex(signedDigest(entity, digest, path))).to.equal(toHex(rootDigest(root)));
        const parts = [entity.slice(), digest.slice(), path.slice()];
        const chosen = parts[flip % parts.length] as Uint8Array;
        if (chosen.length === 0) return;
        const bit = flip % (chosen.length * 8);
        chosen[bit >> 3] = (chosen[bit >> 3] as number) ^ (1 << (bit & 7));
        const [e, d, p] = parts as [Bytes32, Bytes32, Uint8Array];
        expect(toHex(signedDigest(e, d, p))).to.not.equal(toHex(rootDigest(root)));
      }),
      { seed: 20269, numRuns: 300 },
    );
  });

  it("ENT-4: a leaf is no node, the order of a pair does not matter, 32 levels are the end", () => {
    const [a, b] = [word(vectors.leaves[0]), word(vectors.leaves[1])];
    expect(toHex(nodeHash(a, b))).to.equal(toHex(nodeHash(b, a)));
    expect(toHex(leafHash(a, b))).to.not.equal(toHex(nodeHash(a, b)));
    expect(isPath(new Uint8Array(32 * MAX_PATH_DEPTH))).to.equal(true);
    expect(isPath(new Uint8Array(32 * MAX_PATH_DEPTH + 32))).to.equal(false);
    expect(isPath(new Uint8Array(33))).to.equal(false);
    expect(() => rootOf(a, new Uint8Array(33))).to.throw(InvariantError);
    expect(() => buildTree([])).to.throw(InvariantError);
  });
});
