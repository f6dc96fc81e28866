import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { keysOf, signDigest } from "./entity.ts";
import { deployJurisdiction, fill, type Jurisdiction, submit } from "./jurisdiction.ts";
import { change, FAR, layOut, settlementDigest, signAllBut } from "./operation.ts";

const [ALICE, BOB, CAROL] = keysOf("batch", 3) as [
  ReturnType<typeof keysOf>[0],
  ReturnType<typeof keysOf>[0],
  ReturnType<typeof keysOf>[0],
];

describe("batches through the Ignition modules", () => {
  let at: Jurisdiction;

  beforeEach(async () => {
    at = await deployJurisdiction();
    await fill(at, [ALICE], 1000n);
  });

  const reserves = async () =>
    Promise.all([ALICE, BOB, CAROL].map((key) => at.depository.reserveOf(key.id, 1)));

  it("DEP-2: reserve → reserve pays others and is reported in absolute values", async () => {
    const transfers = [
      { to: BOB.id, amount: 300n },
      { to: CAROL.id, amount: 50n },
    ];
    await expect(submit(at, ALICE, { reserveToReserve: [{ token: 1, transfers }] }))
      .to.emit(at.depository, "ReserveUpdated")
      .withArgs(BOB.id, (1n << 128n) + 300n)
      .and.to.emit(at.depository, "ReserveUpdated")
      .withArgs(ALICE.id, (1n << 128n) + 650n);
    expect(await reserves()).to.deep.equal([650n, 300n, 50n]);
  });

  it("DEP-6: reserve → collateral moves ondelta only for left", async () => {
    const fundings = [
      { beneficiary: ALICE.id, counterparty: BOB.id, amount: 100n },
      { beneficiary: BOB.id, counterparty: ALICE.id, amount: 20n },
    ];
    await submit(at, ALICE, { reserveToCollateral: [{ token: 1, fundings }] });
    expect(await at.depository.moneyOf(ALICE.id, BOB.id, 1)).to.deep.equal([100n, 120n]);
    expect(await at.depository.accountOf(ALICE.id, BOB.id)).to.deep.equal([0n, 0n]);
  });

  it("DEP-2: collateral → reserve is a short settlement; a used number is skipped", async () => {
    const fundings = [{ beneficiary: ALICE.id, counterparty: BOB.id, amount: 100n }];
    await submit(at, ALICE, { reserveToCollateral: [{ token: 1, fundings }] });
    const diffs = [
      { token: 1n, leftDiff: 40n, rightDiff: 0n, collateralDiff: -40n, ondeltaDiff: -40n },
    ];
    const digest = settlementDigest(at.domain, { left: ALICE, right: BOB, number: 3n, diffs });
    const signatures = signDigest(BOB, digest);
    const release = {
      counterparty: BOB.id,
      epoch: 0,
      number: 3,
      deadline: FAR,
      amount: 40n,
      signatureLength: 65,
    };
    const operations = { collateralToReserve: [{ token: 1, releases: [release], signatures }] };
    await submit(at, ALICE, operations);
    expect(await at.depository.moneyOf(ALICE.id, BOB.id, 1)).to.deep.equal([60n, 60n]);
    expect(await reserves()).to.deep.equal([940n, 0n, 0n]);
    await expect(submit(at, ALICE, operations)).to.emit(at.depository, "SettlementSkipped");
    expect(await reserves()).to.deep.equal([940n, 0n, 0n]);
  });

  it("DEP-4, DEP-5: a ring of settlements needs no liquidity", async () => {
    const pay = (left: typeof ALICE, right: typeof ALICE, amount: bigint) => ({
      left,
      right,
      number: 1n,
      diffs: [change(1n, amount, -amount)],
    });
    const ring = [pay(ALICE, BOB, 5000n), pay(BOB, CAROL, 5000n), pay(ALICE, CAROL, -5000n)];
    await at.depository.settleDiffs(layOut(at.domain, ring, true));
    expect(await reserves()).to.deep.equal([1000n, 0n, 0n]);
    expect(await at.depository.moneyOf(ALICE.id, BOB.id, 1)).to.deep.equal([5000n, 0n]);
  });

  it("DEP-4: the carrier of a batch signs no settlement a second time", async () => {
    const settlement = { left: ALICE, right: BOB, number: 1n, diffs: [change(1n, 70n, -70n)] };
    const settlements = layOut(at.domain, [settlement], true, signAllBut(ALICE));
    await submit(at, ALICE, { settlements: [settlements] });
    expect(await reserves()).to.deep.equal([930n, 70n, 0n]);
  });

  it("DEP-7: events carry absolute rows; a funding leaves epoch and number at zero", async () => {
    const money = (ondelta: bigint, collateral: bigint) => (ondelta << 128n) | collateral;
    const fundings = [{ beneficiary: ALICE.id, counterparty: BOB.id, amount: 100n }];
    await expect(submit(at, ALICE, { reserveToCollateral: [{ token: 1, fundings }] }))
      .to.emit(at.depository, "AccountUpdated")
      .withArgs(ALICE.id, BOB.id, 1n << 128n, money(100n, 100n))
      .and.to.emit(at.depository, "BatchProcessed")
      .withArgs(ALICE.id, 0n);
    const settlement = { left: ALICE, right: BOB, number: 5n, diffs: [change(1n, 30n, 0n)] };
    await expect(at.depository.settleDiffs(layOut(at.domain, [settlement], true)))
      .to.emit(at.depository, "AccountUpdated")
      .withArgs(ALICE.id, BOB.id, (1n << 128n) + 5n, money(130n, 130n));
    expect(await at.depository.accountOf(ALICE.id, BOB.id)).to.deep.equal([0n, 5n]);
  });

  it("DEP-4: a skipped settlement is reported with the error that it would fail with", async () => {
    const settlement = { left: ALICE, right: BOB, number: 0n, diffs: [change(1n, 30n, 0n)] };
    const reason = at.depository.interface.encodeErrorResult("NumberUsed", [0n, 0n]);
    await expect(at.depository.settleDiffs(layOut(at.domain, [settlement], false)))
      .to.emit(at.depository, "SettlementSkipped")
      .withArgs(ALICE.id, BOB.id, 0n, 0n, reason);
  });

  it("DEP-2: withdrawals leave the Depository", async () => {
    const items = [{ to: ALICE.address, amount: 400n }];
    await submit(at, ALICE, { withdrawals: [{ token: 1, items }] });
    expect(await at.token.balanceOf(ALICE.address)).to.equal(400n);
    expect((await at.depository.tokenOf(1)).total).to.equal(600n);
  });
});
