import { expect } from "chai";
import { AbiCoder, concat, keccak256, solidityPacked, toBeHex } from "ethers";
import { beforeEach, describe, it } from "mocha";

import type { OperationsStruct } from "../../typechain-types/Depository.ts";
import { type Key, keyOf, keysOf, leafOf, lengthOf, nodeOf, rootHash, signHash } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction, submit } from "./jurisdiction.ts";
import { batchOf, change, FAR, layOut, type Settlement, settlementDigest } from "./operation.ts";
import { layOutPlan } from "./plan.ts";

/** What every accepted call must fit (DEP-8). */
const MAX_GAS = 15_000_000n;
const PAYER = keyOf("payer");
const AMOUNT = 0x12_3456_789a_bcden;
const PLENTY = AMOUNT * 100_000n;

/** Ids of the lazy class without zero bytes, so that calldata is as dear as it gets. */
function lazyIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    keccak256(toBeHex(i + 1, 32)).replaceAll("00", "11"),
  );
}

/** A key signature under a tree of the greatest depth. */
function signDeep(signer: Key, digest: string): string {
  const path = lazyIds(32);
  const root = path.reduce((node, sibling) => nodeOf(node, sibling), leafOf(signer.id, digest));
  return concat([signHash(signer.key, rootHash(root)), ...path]);
}

/** A hash without zero bytes. */
const FULL = `0x${"a5".repeat(32)}`;

const BOARD_TYPES = [
  "tuple(uint32 threshold, tuple(bytes32 id, uint32 weight)[] members)",
  "bytes32[]",
  "tuple(uint8 member, bytes signature)[]",
];

/** The board that one key is, and what it signs for the entity whose hash it is. */
function boardOf({ key, id }: Key) {
  const board = { threshold: 1, members: [{ id, weight: 1 }] };
  const hash = keccak256(solidityPacked(["uint32", "bytes32", "uint32"], [1, id, 1]));
  const sign = (entity: string, digest: string): string => {
    const signature = signHash(key, rootHash(leafOf(entity, digest)));
    return AbiCoder.defaultAbiCoder().encode(BOARD_TYPES, [board, [], [{ member: 0, signature }]]);
  };
  return { hash, sign };
}

describe("DEP-8: every accepted call fits 15 M gas", () => {
  let at: Jurisdiction;

  beforeEach(async () => {
    at = await deployJurisdiction();
    await fill(at, [PAYER], PLENTY);
  });

  const gasOf = async (operations: Partial<OperationsStruct>): Promise<bigint> => {
    const receipt = await (await submit(at, PAYER, operations)).wait();
    return receipt?.gasUsed ?? 0n;
  };

  it("the most transfers, each to a new reserve", async () => {
    const transfers = lazyIds(480).map((to) => ({ to, amount: AMOUNT }));
    expect(await gasOf({ reserveToReserve: [{ token: 1, transfers }] })).to.be.below(MAX_GAS);
  });

  it("the most fundings, each of a new account", async () => {
    const ids = lazyIds(401);
    const fundings = ids
      .slice(1)
      .map((counterparty) => ({ beneficiary: ids[0] as string, counterparty, amount: AMOUNT }));
    expect(await gasOf({ reserveToCollateral: [{ token: 1, fundings }] })).to.be.below(MAX_GAS);
  });

  it("the most withdrawals, each to a new holder", async () => {
    const items = lazyIds(100).map((id) => ({ to: `0x${id.slice(-40)}`, amount: AMOUNT }));
    expect(await gasOf({ withdrawals: [{ token: 1, items }] })).to.be.below(MAX_GAS);
  });

  it("the most withdrawals of an ERC-1155, each to a new holder, key or contract", async () => {
    const asset = await at.ethers.deployContract("DevMultiToken", [""]);
    await at.depository.registerToken(2, await asset.getAddress(), AMOUNT);
    await asset.getFunction("mint")(at.signer.address, AMOUNT, PLENTY);
    await asset.getFunction("setApprovalForAll")(await at.depository.getAddress(), true);
    await at.depository.deposit(PAYER.id, 2, PLENTY);
    const keys = lazyIds(100).map((id) => `0x${id.slice(-40)}`);
    for (const holders of [keys, await deployHolders(100)]) {
      const items = holders.map((to) => ({ to, amount: AMOUNT }));
      expect(await gasOf({ withdrawals: [{ token: 2, items }] })).to.be.below(MAX_GAS / 2n);
    }
  });

  /** Contracts that take every ERC-1155 token, and do nothing else. */
  const deployHolders = async (count: number): Promise<readonly string[]> => {
    // mstore(0, selector << 224); return(0, 32)
    const code = "63f23a6e6160e01b60005260206000f3";
    // codecopy(0, 12, 16); return(0, 16)
    const data = `0x6010600c60003960106000f3${code}`;
    const holders: string[] = [];
    for (let i = 0; i < count; i++) {
      const receipt = await (await at.signer.sendTransaction({ data })).wait();
      holders.push(receipt?.contractAddress ?? "");
    }
    return holders;
  };

  it("releases under trees of 32 levels, up to the budget", async () => {
    const others = keysOf("release", 105);
    const fundings = others.map((other) => ({
      beneficiary: PAYER.id,
      counterparty: other.id,
      amount: AMOUNT * 2n,
    }));
    await submit(at, PAYER, { reserveToCollateral: [{ token: 1, fundings }] });
    const signed = others.map((other) => {
      const isLeft = PAYER.id < other.id;
      const [left, right] = isLeft ? [PAYER, other] : [other, PAYER];
      const diffs = [change(1n, isLeft ? -AMOUNT : 0n, isLeft ? 0n : -AMOUNT)];
      return signDeep(other, settlementDigest(at.domain, { left, right, number: 1n, diffs }));
    });
    const releases = others.map((other) => ({
      counterparty: other.id,
      epoch: 0,
      number: 1,
      deadline: FAR,
      amount: AMOUNT,
      signatureLength: 65 + 32 * 32,
    }));
    const group = { token: 1, releases, signatures: concat(signed) };
    expect(await gasOf({ collateralToReserve: [group] })).to.be.below(MAX_GAS);
  });

  it("settlements of new accounts into new reserves, up to the budget", async () => {
    const count = 88;
    const debtors = keysOf("debtor", count);
    await fill(at, debtors, AMOUNT);
    const creditors = keysOf("creditor", count);
    const settlements: readonly Settlement[] = debtors.map((debtor, i) => {
      const creditor = creditors[i] as Key;
      const forward = debtor.id < creditor.id;
      const paid = forward ? AMOUNT : -AMOUNT;
      return {
        left: forward ? debtor : creditor,
        right: forward ? creditor : debtor,
        number: 1n,
        diffs: [change(1n, paid, -paid)],
      };
    });
    for (const atomic of [true, false]) {
      const list = layOut(at.domain, settlements, atomic);
      expect(await at.depository.settleDiffs.estimateGas(list)).to.be.below(MAX_GAS);
    }
    const again = settlements.slice(0, 4).map((settlement) => ({ ...settlement, number: 2n }));
    const twice = layOut(at.domain, [...settlements, ...again], true);
    await expect(at.depository.settleDiffs(twice)).to.be.revertedWithCustomError(
      at.depository,
      "BudgetExceeded",
    );
  });

  it("NET-5: the most signers of a plan, each of them a board", async () => {
    const members = keysOf("board", 256).map((key) => ({ ...key, board: boardOf(key) }));
    const byId = new Map(members.map((member) => [member.board.hash, member]));
    const signers = members
      .map(({ key, address, board }) => ({ key, address, id: board.hash }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const plan = { signers, legsHash: FULL, salt: FULL };
    const args = layOutPlan(at.domain, plan, ({ id }, digest) => {
      const member = byId.get(id);
      if (member === undefined) throw new Error("a signer that is no board");
      return member.board.sign(id, digest);
    });
    expect(await at.depository.commitPlan.estimateGas(...args)).to.be.below(MAX_GAS);
  });

  it("NET-5: signers under trees of 32 levels, up to the budget", async () => {
    const committed = (count: number) => {
      const plan = { signers: keysOf("deep", count), legsHash: FULL, salt: FULL };
      return layOutPlan(at.domain, plan, signDeep);
    };
    // 120,000 + 194 × (11,000 + (2 + 65 + 32 × 32) × 60) is the most below 15 M.
    const gas = await at.depository.commitPlan.estimateGas(...committed(194));
    expect(gas).to.be.below(MAX_GAS);
    await expect(at.depository.commitPlan(...committed(195))).to.be.revertedWithCustomError(
      at.depository,
      "BudgetExceeded",
    );
  });

  it("ENT-3: a board of 64 is judged within the gas that is set aside for it", async () => {
    const members = keysOf("member", 64);
    const board = { threshold: 64, members: members.map(({ id }) => ({ id, weight: 1 })) };
    const packed = members.map(({ id }) => solidityPacked(["bytes32", "uint32"], [id, 1]));
    const entity = keccak256(concat([toBeHex(64, 4), ...packed]));
    const batch = { ...batchOf(PAYER, 0n, {}), entity };
    const digest = await at.depository.batchDigest(batch);
    const hash = rootHash(leafOf(entity, digest));
    const signatures = members.map(({ key }, member) => ({
      member,
      signature: signHash(key, hash),
    }));
    const signature = AbiCoder.defaultAbiCoder().encode(BOARD_TYPES, [board, [], signatures]);
    const gas = await at.entityProvider.verify.estimateGas(entity, digest, signature);
    // Half of what Authorisation demands to be left, the transaction's own cost included.
    expect(gas).to.be.below(BigInt(60_000 + 90 * lengthOf(signature)) / 2n);
    await at.depository.processBatch(batch, signature);
    expect(await at.depository.nonceOf(entity)).to.equal(1n);
  });
});
