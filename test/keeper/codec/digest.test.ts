import { expect } from "chai";
import {
  concat,
  keccak256,
  solidityPacked,
  TypedDataEncoder,
  type TypedDataField,
  ZeroHash,
} from "ethers";
import { describe, it } from "mocha";
import { readVectors } from "./vector.ts";

type Plain<Key extends string> = Readonly<Record<Key, string>>;
type Diff = Plain<"token" | "leftDiff" | "rightDiff" | "collateralDiff" | "ondeltaDiff">;
type Move = Plain<"token" | "amount">;
type Settlement = Plain<
  "left" | "right" | "epoch" | "number" | "deadline" | "plan" | "diffsHash" | "structHash"
> & { readonly diffs: readonly Diff[] };

type Vectors = {
  readonly domain: Plain<"chainId" | "verifyingContract" | "separator">;
  readonly accounts: readonly Plain<"left" | "right" | "key">[];
  readonly frames: readonly Plain<"account" | "previousHash" | "proposer" | "frame" | "hash">[];
  readonly bodies: readonly (Plain<"conditionsRoot" | "hash"> & {
    readonly rows: readonly Plain<"token" | "offdelta" | "leftLimit" | "rightLimit">[];
  })[];
  readonly conditions: readonly (Plain<"kind" | "deadline" | "subject" | "data" | "hash"> & {
    readonly amounts: readonly Move[];
  })[];
  readonly conditionsRoots: readonly {
    readonly slots: readonly string[];
    readonly pages: readonly string[];
    readonly root: string;
  }[];
  readonly proofs: readonly Plain<"digest">[];
  readonly settlements: readonly (Settlement & Plain<"digest">)[];
  readonly batches: readonly Plain<"digest">[];
  readonly deposits: readonly Plain<"digest">[];
  readonly plans: readonly (Plain<
    "salt" | "commitBy" | "signersHash" | "legsHash" | "hash" | "prepared"
  > & {
    readonly signers: readonly string[];
    readonly legs: readonly Plain<"left" | "right" | "token" | "amount">[];
    readonly settlements: readonly Settlement[];
  })[];
};

const vectors = readVectors<Vectors>("digest.json");
const domain = {
  name: "XLN Depository",
  version: "1",
  chainId: BigInt(vectors.domain.chainId),
  verifyingContract: vectors.domain.verifyingContract,
};

/** ethers' members of a type string's struct. */
function typeOf(text: string): Record<string, TypedDataField[]> {
  const [, name = "", members = ""] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  const fields = members.split(",").map((member) => {
    const [type = "", field = ""] = member.split(" ");
    return { type, name: field };
  });
  return { [name]: fields };
}

const PROOF = typeOf(
  "Proof(bytes32 account,uint64 epoch,uint64 number,uint32 leftResponse,uint32 rightResponse," +
    "bytes32 frameHash,bytes32 bodyHash)",
);
const SETTLEMENT = typeOf(
  "Settlement(bytes32 left,bytes32 right,uint64 epoch,uint64 number,uint64 deadline," +
    "bytes32 plan,bytes32 diffsHash)",
);
const BATCH = typeOf("Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)");
const DEPOSIT = typeOf(
  "Deposit(bytes32 entity,uint32 token,uint128 amount,uint256 nonce,uint64 deadline)",
);
const PLAN = typeOf(
  "Plan(bytes32 signersHash,bytes32 legsHash,bytes32 settlementsHash,bytes32 salt,uint64 commitBy)",
);
const PREPARED = typeOf("Prepared(bytes32 plan)");

/** Every row's fields, packed one after the other. */
function packRows<Row extends object>(
  rows: readonly Row[],
  fields: readonly (readonly [name: keyof Row, type: string])[],
): string {
  const types = fields.map(([, type]) => type);
  return concat(
    rows.map((row) =>
      solidityPacked(
        types,
        fields.map(([name]) => row[name]),
      ),
    ),
  );
}

function expectSettlement(settlement: Settlement): void {
  const diffs = packRows(settlement.diffs, [
    ["token", "uint32"],
    ["leftDiff", "int128"],
    ["rightDiff", "int128"],
    ["collateralDiff", "int128"],
    ["ondeltaDiff", "int128"],
  ]);
  expect(settlement.diffsHash).to.equal(keccak256(diffs));
  const hash = TypedDataEncoder.hashStruct("Settlement", SETTLEMENT, settlement);
  expect(settlement.structHash).to.equal(hash);
  for (const diff of settlement.diffs) {
    const total = [diff.leftDiff, diff.rightDiff, diff.collateralDiff].map(BigInt);
    expect(total.reduce((sum, value) => sum + value, 0n)).to.equal(0n);
  }
}

describe("digests", () => {
  it("TST-2: the domain is the Depository's on its chain", () => {
    expect(TypedDataEncoder.hashDomain(domain)).to.equal(vectors.domain.separator);
  });

  it("TST-2, ACC-1: account keys and frame hashes", () => {
    for (const { left, right, key } of vectors.accounts) {
      expect(keccak256(concat([left, right]))).to.equal(key);
    }
    for (const { account, previousHash, proposer, frame, hash } of vectors.frames) {
      const side = proposer === "left" ? "0x00" : "0x01";
      expect(keccak256(concat([account, previousHash, side, frame]))).to.equal(hash);
    }
  });

  it("TST-2, DIS-1: bodies of no, one and many tokens, at the borders of every amount", () => {
    const seen = new Set<string>();
    for (const { rows, conditionsRoot, hash } of vectors.bodies) {
      const packed = packRows(rows, [
        ["token", "uint32"],
        ["offdelta", "int128"],
        ["leftLimit", "uint128"],
        ["rightLimit", "uint128"],
      ]);
      expect(keccak256(concat([packed, conditionsRoot]))).to.equal(hash);
      for (const row of rows) seen.add(row.offdelta).add(row.leftLimit);
    }
    const border = 2n ** 127n - 1n;
    for (const value of [0n, border, -border, -1n]) {
      expect(seen.has(`${value}`), `${value}`).to.equal(true);
    }
    expect(vectors.bodies.map(({ rows }) => rows.length)).to.include.members([0, 1, 40, 128]);
  });

  it("TST-2, CND-1: conditions of every kind", () => {
    for (const condition of vectors.conditions) {
      const { kind, deadline, subject, amounts, data, hash } = condition;
      const head = solidityPacked(
        ["uint8", "uint64", "bytes32", "uint8"],
        [kind, deadline, subject, amounts.length],
      );
      const moves = packRows(amounts, [
        ["token", "uint32"],
        ["amount", "int128"],
      ]);
      expect(keccak256(concat([head, moves, data]))).to.equal(hash);
    }
    expect(new Set(vectors.conditions.map(({ kind }) => kind)).size).to.equal(4);
  });

  it("TST-2, DIS-1: conditions in pages of 16, with empty slots and empty pages", () => {
    for (const { slots, pages, root } of vectors.conditionsRoots) {
      const expected: string[] = [];
      for (let first = 0; first < slots.length; first += 16) {
        const page = Array.from({ length: 16 }, (_, i) => slots[first + i] ?? ZeroHash);
        const empty = page.every((slot) => slot === ZeroHash);
        expected.push(empty ? ZeroHash : keccak256(concat(page)));
      }
      expect(pages).to.deep.equal(expected);
      while (expected.at(-1) === ZeroHash) expected.pop();
      expect(root).to.equal(expected.length === 0 ? ZeroHash : keccak256(concat(expected)));
    }
    const counts = new Set(vectors.conditionsRoots.map(({ slots }) => slots.length));
    expect([...counts]).to.include.members([0, 1, 15, 16, 17, 40]);
  });

  it("TST-2, DIS-1, DEP-1, DEP-2: proofs, batches and deposits", () => {
    for (const proof of vectors.proofs) {
      expect(TypedDataEncoder.hash(domain, PROOF, proof)).to.equal(proof.digest);
    }
    for (const batch of vectors.batches) {
      expect(TypedDataEncoder.hash(domain, BATCH, batch)).to.equal(batch.digest);
    }
    for (const deposit of vectors.deposits) {
      expect(TypedDataEncoder.hash(domain, DEPOSIT, deposit)).to.equal(deposit.digest);
    }
  });

  it("TST-2, DEP-4: settlements, fair in every token", () => {
    for (const settlement of vectors.settlements) {
      expectSettlement(settlement);
      const digest = TypedDataEncoder.hash(domain, SETTLEMENT, settlement);
      expect(settlement.digest).to.equal(digest);
    }
  });

  it("TST-2, NET-5: plans and what their signers sign", () => {
    for (const plan of vectors.plans) {
      plan.settlements.forEach(expectSettlement);
      const legs = packRows(plan.legs, [
        ["left", "uint16"],
        ["right", "uint16"],
        ["token", "uint32"],
        ["amount", "int128"],
      ]);
      const parts = {
        signersHash: keccak256(concat(plan.signers)),
        legsHash: keccak256(legs),
        settlementsHash: keccak256(concat(plan.settlements.map(({ structHash }) => structHash))),
      };
      expect(plan.signersHash).to.equal(parts.signersHash);
      expect(plan.legsHash).to.equal(parts.legsHash);
      const { salt, commitBy } = plan;
      const hash = TypedDataEncoder.hash(domain, PLAN, { ...parts, salt, commitBy });
      expect(plan.hash).to.equal(hash);
      expect(plan.prepared).to.equal(TypedDataEncoder.hash(domain, PREPARED, { plan: hash }));
    }
    expect(vectors.plans.some(({ settlements }) => settlements.length > 1)).to.equal(true);
  });
});
