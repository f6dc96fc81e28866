import { expect } from "chai";
import { before, describe, it } from "mocha";

import {
  asBytes32,
  type Bytes32,
  EMPTY_BYTES,
  fromHex,
  toHex,
  ZERO_BYTES32,
} from "../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../keeper/base/random.ts";
import { keccak256 } from "../../keeper/codec/keccak.ts";
import { depositoryDomain } from "../../keeper/jurisdiction/digest.ts";
import type { EntityId, Settlement } from "../../keeper/jurisdiction/types.ts";
import {
  planHash as hashByKeeper,
  legsHash,
  preparedDigest as preparedByKeeper,
} from "../../keeper/plan/digest.ts";
import type { Plan as KeeperPlan, PlanLeg } from "../../keeper/plan/types.ts";
import { type Key, keysOf, signDigest } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction } from "./jurisdiction.ts";
import { FAR, type Settlement as OnChain } from "./operation.ts";
import { certificateOf, layOutPlan, type Plan, planHash, preparedDigest } from "./plan.ts";

const KEYS = keysOf("plan", 8);
const PLANS = 40;
const RESERVE = 1_000_000n;
const idOf = (key: Key): EntityId => asBytes32(fromHex(key.id));

/** Signers, legs between them, and settlements of one token that each can pay for. */
function randomPlan(random: Random, domain: Bytes32): KeeperPlan {
  const signers = KEYS.filter(() => random.below(3) !== 0).map(idOf);
  if (signers.length < 2) return randomPlan(random, domain);
  const pairs = signers.flatMap((_, left) =>
    signers.slice(left + 1).map((_, over) => [left, left + 1 + over] as const),
  );
  const some = <T>(item: (pair: readonly [number, number]) => T): readonly T[] =>
    pairs.filter(() => random.below(3) === 0).map(item);
  const signed = (): bigint => random.bigintBelow(200n) - 100n;
  return {
    domain,
    signers,
    legs: some(([left, right]): PlanLeg => ({ left, right, token: 1, amount: signed() })),
    settlements: random.below(4) === 0 ? [] : some(([left, right]) => moving(left, right)),
    salt: keccak256(random.bytes(8)),
    commitBy: Number(FAR) - random.below(1000),
  };

  function moving(left: number, right: number): Settlement {
    const [leftDiff, rightDiff] = [signed(), signed()];
    // What comes out of reserves is locked; nothing is locked yet that could come back.
    const [paid, got] = leftDiff + rightDiff > 0n ? [-leftDiff, -rightDiff] : [leftDiff, rightDiff];
    const diff = { token: 1, leftDiff: paid, rightDiff: got, collateralDiff: -paid - got };
    return {
      left: signers[left] as EntityId,
      right: signers[right] as EntityId,
      epoch: 0,
      number: 0,
      deadline: Number(FAR) - random.below(1000),
      plan: ZERO_BYTES32,
      diffs: [{ ...diff, ondeltaDiff: signed() }],
    };
  }
}

/** The same plan in the words of these tests. */
function forChain(plan: KeeperPlan): Plan {
  const keyOf = (id: EntityId): Key => KEYS.find((key) => key.id === toHex(id)) as Key;
  return {
    signers: plan.signers.map(keyOf),
    legsHash: toHex(legsHash(plan.legs)),
    salt: toHex(plan.salt),
    commitBy: BigInt(plan.commitBy),
    settlements: plan.settlements.map(
      (settlement): OnChain => ({
        left: keyOf(settlement.left),
        right: keyOf(settlement.right),
        number: 0n,
        deadline: BigInt(settlement.deadline),
        diffs: settlement.diffs.map((diff) => ({ ...diff, token: BigInt(diff.token) })),
      }),
    ),
  };
}

describe("plans, the keeper's against the contract's", () => {
  let at: Jurisdiction;
  let domain: Bytes32;

  before(async () => {
    at = await deployJurisdiction();
    domain = depositoryDomain(Number(at.domain.chainId), fromHex(await at.depository.getAddress()));
    await fill(at, KEYS, RESERVE);
  });

  it("TST-2, NET-5, NET-6: a plan that keepers sign is the plan that the chain commits", async () => {
    const random = createRandom("plans on chain");
    let settled = 0;
    for (let i = 0; i < PLANS; i++) {
      const plan = randomPlan(random, domain);
      const onChain = forChain(plan);
      const hash = toHex(hashByKeeper(plan));
      expect(planHash(at.domain, onChain), `plan ${i}`).to.equal(hash);
      const [terms, list] = layOutPlan(at.domain, onChain);
      const digest = toHex(preparedByKeeper(domain, hashByKeeper(plan)));
      const signatures = certificateOf(onChain.signers.map((key) => signDigest(key, digest)));
      await expect(at.depository.commitPlan(terms, { ...list, signatures }), `plan ${i}`)
        .to.emit(at.depository, "PlanCommitted")
        .withArgs(hash);
      expect(await at.depository.planCommittedAt(hash)).to.not.equal(0n);
      settled += plan.settlements.length;
    }
    expect(settled, "settlements of all plans").to.be.above(PLANS);
  });

  it("TST-2, NET-5: what one of them changes about a plan, the other does not take", async () => {
    const random = createRandom("changed plans");
    for (let i = 0; i < PLANS; i++) {
      const plan = randomPlan(random, domain);
      const onChain = forChain(plan);
      const args = layOutPlan(at.domain, onChain);
      const changed = changeOf(random, plan);
      const digest = toHex(preparedByKeeper(domain, hashByKeeper(changed)));
      expect(digest).to.not.equal(preparedDigest(at.domain, onChain));
      const signatures = certificateOf(onChain.signers.map((key) => signDigest(key, digest)));
      await expect(at.depository.commitPlan(args[0], { ...args[1], signatures }), `plan ${i}`)
        .to.be.revertedWithCustomError(at.depository, "SignatureInvalid")
        .withArgs(onChain.signers[0]?.id, preparedDigest(at.domain, onChain));
    }
  });

  it("TST-2, NET-6: the hashes of nothing are the same", async () => {
    const plan = { ...randomPlan(createRandom("bare"), domain), legs: [], settlements: [] };
    expect(toHex(legsHash([]))).to.equal(toHex(keccak256(EMPTY_BYTES)));
    await at.depository.commitPlan(...layOutPlan(at.domain, forChain(plan)));
    expect(await at.depository.planCommittedAt(toHex(hashByKeeper(plan)))).to.not.equal(0n);
  });
});

/** One part of a plan, changed a little. */
function changeOf(random: Random, plan: KeeperPlan): KeeperPlan {
  const [first, ...rest] = plan.settlements;
  const [leg, ...legs] = plan.legs;
  const changes: readonly KeeperPlan[] = [
    { ...plan, salt: keccak256(plan.salt) },
    { ...plan, commitBy: plan.commitBy + 1 },
    { ...plan, signers: plan.signers.slice(1), settlements: [] },
    ...(leg === undefined
      ? []
      : [{ ...plan, legs: [{ ...leg, amount: leg.amount + 1n }, ...legs] }]),
    ...(first === undefined
      ? []
      : [
          { ...plan, settlements: rest },
          { ...plan, settlements: [...rest, first, first] },
          { ...plan, settlements: [{ ...first, deadline: first.deadline + 1 }, ...rest] },
          { ...plan, settlements: [{ ...first, epoch: 1 }, ...rest] },
          {
            ...plan,
            settlements: [
              {
                ...first,
                diffs: first.diffs.map((diff) => ({ ...diff, ondeltaDiff: diff.ondeltaDiff + 1n })),
              },
              ...rest,
            ],
          },
        ]),
  ];
  return random.pick(changes);
}
