import { readFileSync } from "node:fs";
import { expect } from "chai";
import { TypedDataEncoder, ZeroAddress } from "ethers";
import hre from "hardhat";
import { before, describe, it } from "mocha";

import { TIMES } from "../../ignition/modules/Jurisdiction.ts";
import type { DigestHarness } from "../../typechain-types/dev/DigestHarness.ts";
import type { EntityProvider } from "../../typechain-types/EntityProvider.ts";

type Plain<Key extends string> = Readonly<Record<Key, string>>;
type Board = Plain<"threshold"> & { readonly members: readonly Plain<"id" | "weight">[] };
type Diff = Plain<"token" | "leftDiff" | "rightDiff" | "collateralDiff" | "ondeltaDiff">;
type Settlement = Plain<
  "left" | "right" | "epoch" | "number" | "deadline" | "plan" | "diffsHash" | "structHash"
> & { readonly diffs: readonly Diff[] };

type RootVectors = {
  readonly domain: string;
  readonly entity: string;
  readonly digests: readonly string[];
  readonly leaves: readonly string[];
  readonly trees: readonly (Plain<"root" | "rootDigest"> & {
    readonly paths: readonly Plain<"leaf" | "path">[];
  })[];
};
type BoardVectors = {
  readonly numbers: readonly string[];
  readonly boards: readonly (Board & Plain<"name" | "hash" | "refusal">)[];
  readonly signatures: readonly Plain<"name" | "entity" | "digest" | "signature" | "refusal">[];
};
type ActionVectors = {
  readonly domain: Plain<"chainId" | "verifyingContract" | "separator">;
  readonly actions: readonly (Plain<"kind" | "nonce" | "digest"> &
    Partial<Plain<"number" | "boardHash" | "entity" | "from" | "to" | "name">>)[];
};
type DigestVectors = {
  readonly domain: Plain<"separator">;
  readonly bodies: readonly (Plain<"conditionsRoot" | "hash"> & {
    readonly rows: readonly Plain<"token" | "offdelta" | "leftLimit" | "rightLimit">[];
  })[];
  readonly conditions: readonly (Plain<"kind" | "deadline" | "subject" | "data" | "hash"> & {
    readonly amounts: readonly Plain<"token" | "amount">[];
  })[];
  readonly conditionsRoots: readonly { readonly slots: readonly string[]; readonly root: string }[];
  readonly proofs: readonly Plain<
    | "account"
    | "epoch"
    | "number"
    | "leftResponse"
    | "rightResponse"
    | "frameHash"
    | "bodyHash"
    | "digest"
  >[];
  readonly settlements: readonly (Settlement & Plain<"digest">)[];
  readonly batches: readonly Plain<"entity" | "nonce" | "deadline" | "operationsHash" | "digest">[];
  readonly deposits: readonly Plain<
    "entity" | "token" | "amount" | "nonce" | "deadline" | "digest"
  >[];
  readonly plans: readonly (Plain<
    "salt" | "commitBy" | "signersHash" | "legsHash" | "hash" | "prepared"
  > & {
    readonly signers: readonly string[];
    readonly legs: readonly Plain<"left" | "right" | "token" | "amount">[];
    readonly settlements: readonly Settlement[];
  })[];
};

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8")) as T;

const roots = read<RootVectors>("root.json");
const boards = read<BoardVectors>("board.json");
const digests = read<DigestVectors>("digest.json");
const actions = read<ActionVectors>("action.json");
const signatures = read<{
  readonly cases: readonly Plain<"name" | "address" | "digest" | "signature">[];
}>("signature.json");

const ZERO_WORD = `0x${"00".repeat(32)}`;
const levelsOf = (path: string): string[] =>
  (path.slice(2).match(/.{64}/g) ?? []).map((level) => `0x${level}`);

/** ethers takes readonly lists, its types do not say so. */
const mutable = <T>(list: readonly T[]): T[] => [...list];

describe("the contracts against the vectors", () => {
  let harness: DigestHarness;
  let provider: EntityProvider;

  before(async () => {
    const { ethers } = await hre.network.create();
    harness = (await ethers.deployContract("DigestHarness")) as unknown as DigestHarness;
    const times = [TIMES.delay, TIMES.grace];
    provider = (await ethers.deployContract("EntityProvider", times)) as unknown as EntityProvider;
    for (const hash of boards.numbers) await provider.registerEntity(hash);
  });

  const digestOf = (structHash: string): Promise<string> =>
    harness.digestOf(digests.domain.separator, structHash);

  const verifies = async (entity: string, digest: string, signature: string): Promise<boolean> => {
    try {
      await provider.verify(entity, digest, signature);
      return true;
    } catch (error) {
      expect(String(error)).to.match(/revert/);
      return false;
    }
  };

  it("TST-2, ENT-4: leaves, nodes, roots and what is signed for them", async () => {
    expect(await harness.rootDomain()).to.equal(roots.domain);
    for (const [i, digest] of roots.digests.entries()) {
      expect(await harness.leaf(roots.entity, digest)).to.equal(roots.leaves[i]);
    }
    for (const { root, rootDigest, paths } of roots.trees) {
      expect(await harness.signingHash(root)).to.equal(rootDigest);
      for (const { leaf, path } of paths.slice(-1)) {
        let node = roots.leaves[Number(leaf)] ?? "";
        for (const level of levelsOf(path)) node = await harness.node(node, level);
        expect(node).to.equal(root);
      }
    }
  });

  for (const { name, hash, refusal, threshold, members } of boards.boards) {
    it(`TST-2, ENT-2: board, ${name}: ${refusal || "valid"}`, async () => {
      let found: string;
      try {
        found = await harness.boardHash({ threshold, members: mutable(members) });
      } catch (error) {
        expect(String(error)).to.match(/revert/);
        found = "refused";
      }
      expect(found).to.equal(refusal === "" ? hash : "refused");
    });
  }

  for (const { name, entity, digest, signature, refusal } of boards.signatures) {
    it(`TST-2, ENT-3: ${name}: ${refusal || "valid"}`, async () => {
      expect(await verifies(entity, digest, signature)).to.equal(refusal === "");
    });
  }

  it("TST-2, ENT-3: signatures in other forms are nobody's", async () => {
    for (const { name, address, digest, signature } of signatures.cases) {
      // What was signed is not a root here, so nothing recovers to the signer; malformed ones
      // recover to nobody at all.
      const found = (await harness.recover(ZERO_WORD, digest, signature)).toLowerCase();
      expect(found, name).to.not.equal(address);
      const malformed = /^(v |r zero|r of the order|s zero|s of the order|6\d bytes|no byte|high)/;
      if (malformed.test(name)) expect(found, name).to.equal(ZeroAddress);
    }
  });

  it("TST-2, DIS-1, CND-1: bodies and conditions", async () => {
    for (const { rows, conditionsRoot, hash } of digests.bodies) {
      expect(await harness.bodyHash(mutable(rows), conditionsRoot)).to.equal(hash);
    }
    for (const { hash, amounts, ...condition } of digests.conditions) {
      const given = { ...condition, amounts: mutable(amounts) };
      expect(await harness.conditionHash(given)).to.equal(hash);
    }
    for (const { slots, root } of digests.conditionsRoots) {
      expect(await harness.conditionsRoot(mutable(slots))).to.equal(root);
    }
  });

  it("TST-2, DIS-1, DEP-1, DEP-2: proofs, batches, deposits", async () => {
    for (const { digest, ...proof } of digests.proofs) {
      expect(await digestOf(await harness.proofHash(proof))).to.equal(digest);
    }
    for (const { entity, nonce, deadline, operationsHash, digest } of digests.batches) {
      const hash = await harness.batchHash(entity, nonce, deadline, operationsHash);
      expect(await digestOf(hash)).to.equal(digest);
    }
    for (const { digest, ...deposit } of digests.deposits) {
      expect(await digestOf(await harness.depositHash(deposit))).to.equal(digest);
    }
  });

  it("TST-2, ENT-5, ENT-6: boards replaced and cancelled, names claimed and given away", async () => {
    const hashOf = (action: (typeof actions.actions)[number]): Promise<string> => {
      const { kind, nonce } = action;
      const { number = "", boardHash = "", entity = "", from = "", to = "", name = "" } = action;
      if (kind === "replaceBoard") return harness.replacementHash(number, boardHash, nonce);
      if (kind === "cancelBoard") return harness.cancellationHash(number, nonce);
      if (kind === "claimName") return harness.claimHash(entity, name, nonce);
      return harness.transferHash(from, to, name, nonce);
    };
    for (const action of actions.actions) {
      const found = await harness.digestOf(actions.domain.separator, await hashOf(action));
      expect(found).to.equal(action.digest);
    }
    const { chainId, verifyingContract, separator } = actions.domain;
    const fields = { name: "XLN EntityProvider", version: "1", chainId, verifyingContract };
    expect(TypedDataEncoder.hashDomain(fields)).to.equal(separator);
  });

  const settlementHash = async (settlement: Settlement): Promise<string> => {
    const { diffs, structHash, ...terms } = settlement;
    expect(await harness.diffsHash(mutable(diffs))).to.equal(settlement.diffsHash);
    const hash = await harness.settlementHash({ ...terms, typehash: ZERO_WORD }, mutable(diffs));
    expect(hash).to.equal(structHash);
    return hash;
  };

  it("TST-2, DEP-4, NET-5, NET-6: settlements, plans, prepared", async () => {
    for (const settlement of digests.settlements) {
      expect(await digestOf(await settlementHash(settlement))).to.equal(settlement.digest);
    }
    for (const plan of digests.plans) {
      expect(await harness.signersHash(mutable(plan.signers))).to.equal(plan.signersHash);
      expect(await harness.legsHash(mutable(plan.legs))).to.equal(plan.legsHash);
      const hashes = await Promise.all(plan.settlements.map(settlementHash));
      const settlementsHash = await harness.settlementsHash(hashes);
      const { signersHash, legsHash, salt, commitBy } = plan;
      const structHash = await harness.planHash({
        signersHash,
        legsHash,
        settlementsHash,
        salt,
        commitBy,
      });
      expect(await digestOf(structHash)).to.equal(plan.hash);
      expect(await digestOf(await harness.preparedHash(plan.hash))).to.equal(plan.prepared);
    }
  });
});
