import { expect } from "chai";
import { dataLength, keccak256, toBeHex, ZeroHash } from "ethers";
import { beforeEach, describe, it } from "mocha";

import type { EnforcementStruct } from "../../typechain-types/Depository.ts";
import {
  counterOf,
  enforcementOf,
  finalisationOf,
  type Live,
  lock,
  order,
  type Piece,
  type Proof,
  type Row,
  readDisputes,
  startOf,
} from "./dispute.ts";
import { type Key, keysOf } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction, submit } from "./jurisdiction.ts";
import { FAR } from "./operation.ts";

/** What every accepted call must fit (DEP-8). */
const MAX_GAS = 15_000_000n;
const AMOUNT = 0x12_3456_789a_bcden;
const LIMIT = AMOUNT * 1_000n;
const ROWS = 32;
const SLOTS = 1_024;
const PAST = 0x0123_4567n;

/** A hash without zero bytes, so that calldata is as dear as it gets. */
function dearHash(seed: number): string {
  return keccak256(toBeHex(seed, 32)).replaceAll("00", "11");
}

/** As many locks as a body may hold, in its last token, so that each looks at every row. */
function mostLocks(): readonly string[] {
  const amounts = [{ token: BigInt(ROWS), amount: -1n }];
  return Array.from({ length: SLOTS }, (_, i) => lock(1, dearHash(i), PAST, amounts));
}

/** Left owes in each of as many tokens as a body may list. */
function mostRows(): readonly Row[] {
  return Array.from({ length: ROWS }, (_, i) => ({
    token: BigInt(i + 1),
    offdelta: -LIMIT + BigInt(SLOTS),
    leftLimit: LIMIT,
    rightLimit: LIMIT,
  }));
}

describe("DEP-8, DIS-2: disputes fit 15 M gas", () => {
  let at: Jurisdiction;
  let keys: readonly Key[];

  beforeEach(async () => {
    at = await deployJurisdiction();
    keys = keysOf("side", 100);
  });

  const key = (index: number): Key => keys[index] as Key;

  const gasOf = async (sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
    (await (await sent).wait())?.gasUsed ?? 0n;

  const inBatch = (by: Key, pieces: readonly Piece[]): Promise<bigint> =>
    gasOf(submit(at, by, { enforcements: [enforcementOf(pieces)] }));

  const openly = (enforcement: EnforcementStruct): Promise<bigint> =>
    gasOf(at.depository.enforce(enforcement));

  const refuse = async (sent: Promise<unknown>): Promise<void> => {
    await expect(sent).to.be.revertedWithCustomError(at.depository, "BudgetExceeded");
  };

  const passWindow = ({ window }: Live): Promise<void> =>
    at.time.increaseTo(BigInt.asUintN(64, window) + 1n);

  const live = async (proof: Proof, fromBlock: number): Promise<Live> => {
    const found = (await readDisputes(at, fromBlock)).get(proof.left.id + proof.right.id);
    if (found === undefined) throw new Error("there is no such dispute");
    return found;
  };

  const registerTokens = async ({ ethers, signer, depository }: Jurisdiction): Promise<void> => {
    for (let token = 2; token <= ROWS; token++) {
      const asset = await ethers.deployContract("DevToken", ["Dev", "DEV", 6], signer);
      await depository.registerToken(1, await asset.getAddress(), 0);
    }
  };

  it("a body of the most tokens and conditions: started, countered twice, finalised", async () => {
    const { ethers, depository } = at;
    await registerTokens(at);
    const body = { rows: mostRows(), slots: mostLocks() };
    const [left, right] = [key(0), key(1)];
    const proof = { left, right, number: 1n, ...body };
    const block = await ethers.provider.getBlockNumber();
    expect(await inBatch(left, [startOf(at.domain, left, proof)])).to.be.below(MAX_GAS);
    for (const number of [2n, 3n]) {
      const newer = { ...proof, number };
      const counter = counterOf(at.domain, await live(proof, block), newer);
      expect(await openly(enforcementOf([counter]))).to.be.below(MAX_GAS);
    }
    const winning = { ...proof, number: 3n };
    const last = await live(proof, block);
    expect(last.overtaking?.flags).to.equal(0n);
    await passWindow(last);
    // No lock was revealed: each is looked up. In each token left owes, and has nothing.
    expect(await openly(enforcementOf([finalisationOf(last, winning)]))).to.be.below(MAX_GAS);
    const [, debt] = await depository.debtAt(left.id, ROWS, 0);
    expect(debt).to.equal(LIMIT - BigInt(SLOTS));
  });

  it("CND-1: orders of the last of many tokens that do not fit cost what they weigh", async () => {
    await registerTokens(at);
    const rows = mostRows().map((row) => ({ ...row, offdelta: -LIMIT - 1n }));
    const amounts = [{ token: BigInt(ROWS), amount: -1n }];
    const slots = Array.from({ length: SLOTS }, (_, i) => order(dearHash(i), PAST, amounts));
    const proof = { left: key(0), right: key(1), number: 1n, rows, slots };
    const block = await at.ethers.provider.getBlockNumber();
    await inBatch(key(0), [startOf(at.domain, key(0), proof)]);
    const last = await live(proof, block);
    await passWindow(last);
    const bytes = slots.reduce((sum, slot) => sum + 2 + dataLength(slot), 0);
    const weight = BigInt(120_000 + 40_000 + ROWS * 110_000 + bytes * 80);
    expect(await openly(enforcementOf([finalisationOf(last, proof)]))).to.be.below(weight);
  });

  /** Accounts of one hub, collateral in each, left owing beyond it. */
  const accounts = async (count: number): Promise<readonly Proof[]> => {
    await fill(at, [key(0)], LIMIT);
    const fundings = keys.slice(1, count + 1).map((other) => ({
      beneficiary: other.id,
      counterparty: key(0).id,
      amount: AMOUNT,
    }));
    await submit(at, key(0), { reserveToCollateral: [{ token: 1, fundings }] });
    return keys.slice(1, count + 1).map((right) => ({
      left: key(0),
      right,
      number: 1n,
      frameHash: dearHash(7),
      rows: [{ token: 1n, offdelta: -LIMIT, leftLimit: LIMIT, rightLimit: LIMIT }],
    }));
  };

  it("starts, counters and finalisations up to the budget, and one more is refused", async () => {
    const [starts, counters, ends] = [80, 71, 99];
    const proofs = await accounts(ends);
    const block = await at.ethers.provider.getBlockNumber();
    const started = proofs.map((proof) => startOf(at.domain, key(0), proof));
    await refuse(inBatch(key(0), started.slice(0, starts + 1)));
    expect(await inBatch(key(0), started.slice(0, starts))).to.be.below(MAX_GAS);
    await inBatch(key(0), started.slice(starts));
    const lives = await readDisputes(at, block);
    const of = (from: typeof lives, proof: Proof) =>
      from.get(proof.left.id + proof.right.id) as Live;
    const newer = (proof: Proof): Proof => ({ ...proof, number: 2n });
    const countered = proofs
      .slice(0, counters + 1)
      .map((proof) => counterOf(at.domain, of(lives, proof), newer(proof)));
    await refuse(openly(enforcementOf(countered)));
    expect(await openly(enforcementOf(countered.slice(0, counters)))).to.be.below(MAX_GAS);
    const newest = await readDisputes(at, block);
    await passWindow(of(newest, proofs[ends - 1] as Proof));
    const ended = proofs.map((proof) => finalisationOf(of(newest, proof), proof));
    await refuse(openly(enforcementOf([...ended, ...ended.slice(0, 1)])));
    expect(await openly(enforcementOf(ended))).to.be.below(MAX_GAS);
    const [head, tail] = await at.depository.debtsOf(key(0).id, 1);
    expect(tail - head).to.equal(BigInt(ends));
  });

  it("preimages and fills up to the budget, and one more is refused", async () => {
    const preimages = Array.from({ length: 496 }, (_, i) => dearHash(i));
    const most = enforcementOf([{ preimages }]);
    expect(await openly(most)).to.be.below(MAX_GAS);
    const more = enforcementOf([{ preimages: [...preimages, dearHash(496)] }]);
    await refuse(openly(more));
    const fills = Array.from({ length: 437 }, (_, i) => ({
      counterparty: key(1).id,
      epoch: 0n,
      order: dearHash(i),
      deadline: FAR,
      ratio: 0xfedc_ba98n,
    }));
    expect(await inBatch(key(0), [{ fills }])).to.be.below(MAX_GAS);
  });

  it("a list that is longer than any may be is refused before it is read", async () => {
    const tokens = Array.from({ length: 1 }, () => 1n);
    const data = at.depository.interface.encodeFunctionData("enforce", [
      enforcementOf([{ tokens }]),
    ]);
    // The length of the tokens lies before the last two words: the token, and no signatures.
    const long = data.slice(0, -192) + toBeHex(240_001, 32).slice(2) + data.slice(-128);
    await expect(at.signer.sendTransaction({ to: at.depository, data: long }))
      .to.be.revertedWithCustomError(at.depository, "ListTooLong")
      .withArgs(240_001, 240_000);
    const skewed = data.slice(0, 74) + toBeHex(0x160, 32).slice(2) + data.slice(138);
    await expect(
      at.signer.sendTransaction({ to: at.depository, data: skewed }),
    ).to.be.revertedWithCustomError(at.depository, "LayoutNotCanonical");
    const empty = at.depository.interface.encodeFunctionData("enforce", [enforcementOf([])]);
    await expect(
      at.signer.sendTransaction({ to: at.depository, data: empty + ZeroHash.slice(2) }),
    ).to.be.revertedWithCustomError(at.depository, "LayoutNotCanonical");
  });
});
