import { expect } from "chai";
import { before, describe, it } from "mocha";

import { asBytes32, type Bytes32, fromHex, toHex } from "../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../keeper/base/random.ts";
import { batchDigest } from "../../keeper/jurisdiction/batch.ts";
import {
  type ContractBatch,
  type ContractSettlements,
  type SignedSettlement,
  toContractBatch,
  toContractSettlements,
} from "../../keeper/jurisdiction/contract.ts";
import { depositoryDomain, settlementDigest } from "../../keeper/jurisdiction/digest.ts";
import type { Batch, EntityId, Operations, Settlement } from "../../keeper/jurisdiction/types.ts";
import type { BatchStruct, SettlementsStruct } from "../../typechain-types/Depository.ts";
import { type Key, keysOf, signDigest } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction } from "./jurisdiction.ts";
import { FAR } from "./operation.ts";

const keys = keysOf("encoding", 6);
const idOf = (key: Key): EntityId => asBytes32(fromHex(key.id));

/** Values of viem's types are also what ethers takes; only its types are not readonly. */
const forEthers = (batch: ContractBatch): BatchStruct => batch as unknown as BatchStruct;
const listForEthers = (list: ContractSettlements): SettlementsStruct =>
  list as unknown as SettlementsStruct;

/** A settlement of two keys by which left pays `amount` of its reserve to right's. */
function paying(left: Key, right: Key, number: number, amounts: readonly bigint[]): Settlement {
  return {
    left: idOf(left),
    right: idOf(right),
    epoch: 0,
    number,
    deadline: Number(FAR),
    plan: asBytes32(new Uint8Array(32)),
    diffs: amounts.map((amount, index) => ({
      token: index + 1,
      leftDiff: -amount,
      rightDiff: amount,
      collateralDiff: 0n,
      ondeltaDiff: amount,
    })),
  };
}

function signedBy(domain: Bytes32, key: Key, settlement: Settlement): Uint8Array {
  return fromHex(signDigest(key, toHex(settlementDigest(domain, settlement))));
}

/** Operations of the first key with some of every kind, in any order of tokens. */
function randomOperations(random: Random): Operations {
  const amount = (): bigint => random.bigintBelow(2n ** 127n - 1n) + 1n;
  const token = (): number => random.between(1, 2 ** 32 - 1);
  const list = <T>(item: () => T): T[] => Array.from({ length: random.below(4) }, item);
  const someone = (): EntityId => idOf(random.pick(keys));
  return {
    reserveToReserve: list(() => ({ to: someone(), token: token(), amount: amount() })),
    settlements: list(() => {
      const [left, right] = [keys[0] as Key, random.pick(keys.slice(1))];
      const settlement = paying(left, right, random.between(1, 1e9), [amount(), amount()]);
      return { settlement, signature: random.bytes(random.between(1, 200)) };
    }),
    reserveToCollateral: list(() => ({
      payee: someone(),
      counterparty: someone(),
      token: random.between(1, 3),
      amount: amount(),
    })),
    withdrawals: list(() => ({ to: random.bytes(20), token: token(), amount: amount() })),
  };
}

describe("the keeper's encodings against the contracts", () => {
  let at: Jurisdiction;
  let domain: Bytes32;

  before(async () => {
    at = await deployJurisdiction();
    domain = depositoryDomain(Number(at.domain.chainId), fromHex(await at.depository.getAddress()));
    await fill(at, keys.slice(0, 3), 1_000n);
  });

  it("TST-2: the domain is the Depository's", async () => {
    expect(toHex(domain)).to.equal(await at.depository.domainSeparator());
  });

  it("TST-2, DEP-2, CHN-1: the Depository computes the same digest of any batch", async () => {
    const random = createRandom("batch digests");
    for (let i = 0; i < 50; i++) {
      const batch: Batch = {
        entity: idOf(keys[0] as Key),
        nonce: random.below(2 ** 31),
        deadline: random.below(2 ** 31),
        operations: randomOperations(random),
      };
      const theirs = await at.depository.batchDigest(forEthers(toContractBatch(batch)));
      expect(toHex(batchDigest(domain, batch)), `batch ${i}`).to.equal(theirs);
    }
  });

  it("DEP-2, DEP-6: a batch laid out by the keeper lands and does what it says", async () => {
    const [alice, bob, carol] = keys as [Key, Key, Key];
    const settlement = paying(alice, bob, 5, [70n]);
    const batch: Batch = {
      entity: idOf(alice),
      nonce: Number(await at.depository.nonceOf(alice.id)),
      deadline: Number(FAR),
      operations: {
        reserveToReserve: [{ to: idOf(carol), token: 1, amount: 30n }],
        settlements: [{ settlement, signature: signedBy(domain, bob, settlement) }],
        reserveToCollateral: [
          { payee: idOf(alice), counterparty: idOf(carol), token: 1, amount: 200n },
        ],
        withdrawals: [{ to: fromHex(bob.address), token: 1, amount: 100n }],
      },
    };
    const signature = signDigest(alice, toHex(batchDigest(domain, batch)));
    await at.depository.processBatch(forEthers(toContractBatch(batch)), signature);
    expect(await reserves([alice, bob, carol])).to.deep.equal([600n, 1_070n, 1_030n]);
    expect(await at.depository.accountOf(alice.id, bob.id)).to.deep.equal([0n, 5n]);
    expect(await at.depository.moneyOf(alice.id, bob.id, 1)).to.deep.equal([70n, 0n]);
    expect(await at.depository.moneyOf(alice.id, carol.id, 1)).to.deep.equal([200n, 200n]);
    expect(await at.token.balanceOf(bob.address)).to.equal(100n);
  });

  it("DEP-4, DEP-5: settlements signed over the keeper's digests land in one call", async () => {
    const [alice, bob, carol] = keys as [Key, Key, Key];
    const before = await reserves([alice, bob, carol]);
    const signed = (left: Key, right: Key, number: number, amount: bigint): SignedSettlement => {
      const settlement = paying(left, right, number, [amount]);
      return {
        settlement,
        leftSignature: signedBy(domain, left, settlement),
        rightSignature: signedBy(domain, right, settlement),
      };
    };
    const ring = [
      signed(alice, bob, 6, 5_000n),
      signed(bob, carol, 1, 5_000n),
      signed(alice, carol, 1, -4_990n),
    ];
    await at.depository.settleDiffs(listForEthers(toContractSettlements(ring, true)));
    const [a, b, c] = before as [bigint, bigint, bigint];
    expect(await reserves([alice, bob, carol])).to.deep.equal([a - 10n, b, c + 10n]);
    expect(await at.depository.accountOf(alice.id, bob.id)).to.deep.equal([0n, 6n]);
  });

  async function reserves(of: readonly Key[]): Promise<bigint[]> {
    return Promise.all(of.map((key) => at.depository.reserveOf(key.id, 1)));
  }
});
