import { expect } from "chai";
import { describe, it } from "mocha";

import { WINDOWS } from "../../ignition/modules/Jurisdiction.ts";
import {
  enforcementOf,
  finalisationOf,
  type Live,
  type Proof,
  readDisputes,
  startOf,
} from "./dispute.ts";
import { type Key, keyOf, keysOf } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction, submit } from "./jurisdiction.ts";

const DEBTOR = keyOf("debtor");
const AMOUNT = 0x12_3456_789a_bcden;
/** What Budget sets aside for a call, a sweep, and a creditor. */
const [CALL, SWEEP, CREDITOR] = [120_000n, 20_000n, 40_000n];

/** A proof by which the debtor owes, in an account that has nothing. */
function proofOf(creditor: Key): Proof {
  const isLeft = DEBTOR.id < creditor.id;
  const offdelta = isLeft ? -AMOUNT : AMOUNT;
  return {
    left: isLeft ? DEBTOR : creditor,
    right: isLeft ? creditor : DEBTOR,
    number: 1n,
    rows: [{ token: 1n, offdelta, leftLimit: AMOUNT, rightLimit: AMOUNT }],
  };
}

/** Debts to all of them, in their order; the debtor has nothing. */
async function owe(at: Jurisdiction, creditors: readonly Key[]): Promise<void> {
  for (let first = 0; first < creditors.length; first += 40) {
    const proofs = creditors.slice(first, first + 40).map(proofOf);
    const starts = proofs.map((proof) => startOf(at.domain, DEBTOR, proof));
    await submit(at, DEBTOR, { enforcements: [enforcementOf(starts)] });
    await at.time.increaseTo((await at.time.latest()) + WINDOWS.min + 1);
    const lives = await readDisputes(at, 0);
    const ends = proofs.map((proof) =>
      finalisationOf(lives.get(proof.left.id + proof.right.id) as Live, proof),
    );
    await at.depository.enforce(enforcementOf(ends));
  }
}

describe("DEP-8, DEB-1: what sweeps cost at worst", () => {
  it("as many holes as creditors, and none of them has a reserve", async () => {
    const at = await deployJurisdiction();
    const all = keysOf("creditor", 80);
    const [paid, forgiven] = [all.slice(0, 40), all.slice(40)];
    await owe(at, [...paid.slice(1), ...forgiven, paid[0] as Key]);
    for (const [index, creditor] of forgiven.entries()) {
      const forgivenesses = [{ debtor: DEBTOR.id, token: 1, index: paid.length - 1 + index }];
      await submit(at, creditor, { enforcements: [enforcementOf([{ forgivenesses }])] });
    }
    await fill(at, [DEBTOR], AMOUNT * 40n);
    const creditors = [...paid.slice(1), paid[0] as Key].map(({ id }) => id);
    const sweeps = [{ debtor: DEBTOR.id, token: 1, creditors: creditors.length }];
    const receipt = await (await at.depository.enforceDebts(sweeps, creditors)).wait();
    expect(await at.depository.debtsOf(DEBTOR.id, 1)).to.deep.equal([80n, 80n]);
    expect(await at.depository.reserveOf(creditors[0] as string, 1)).to.equal(AMOUNT);
    expect(receipt?.gasUsed).to.be.below(CALL + SWEEP + CREDITOR * BigInt(creditors.length));
    // Nothing is refunded before a fifth of all gas: the rest of the weight is used.
    expect(receipt?.gasUsed).to.be.above((CREDITOR * BigInt(creditors.length) * 6n) / 10n);
  });

  it("as many sweeps as a call may have, each of another debtor without debts", async () => {
    const at = await deployJurisdiction();
    const sweeps = keysOf("nobody", 100).map(({ id }) => ({ debtor: id, token: 1, creditors: 0 }));
    const receipt = await (await at.depository.enforceDebts(sweeps, [])).wait();
    expect(receipt?.gasUsed).to.be.below(CALL + SWEEP * 100n);
  });
});
