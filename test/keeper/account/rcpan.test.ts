import { expect } from "chai";
import { describe, it } from "mocha";
import {
  availableTo,
  checkBounds,
  exposureOf,
  limitInUse,
  type Money,
  NOTHING_RESERVED,
  releaseMove,
  reservedOf,
  reserveMove,
  reserveSettlement,
  shareOf,
} from "../../../keeper/account/rcpan.ts";
import type { TokenRow } from "../../../keeper/account/types.ts";
import { MAX_AMOUNT } from "../../../keeper/base/amount.ts";

function row(fields: Partial<Money>): Money {
  return { collateral: 0n, ondelta: 0n, offdelta: 0n, leftLimit: 0n, rightLimit: 0n, ...fields };
}

/** Name, row, and what each formula of section 3 says of it. */
const examples: readonly {
  readonly name: string;
  readonly money: Money;
  readonly shares: readonly [bigint, bigint];
  readonly owes: readonly [bigint, bigint];
  readonly canSend: readonly [bigint, bigint];
}[] = [
  {
    name: "pure collateral, all of it left's",
    money: row({ collateral: 100n, ondelta: 100n }),
    shares: [100n, 0n],
    owes: [0n, 0n],
    canSend: [100n, 0n],
  },
  {
    name: "pure collateral, shared",
    money: row({ collateral: 100n, ondelta: 100n, offdelta: -30n }),
    shares: [70n, 30n],
    owes: [0n, 0n],
    canSend: [70n, 30n],
  },
  {
    name: "pure collateral, all of it right's",
    money: row({ collateral: 100n }),
    shares: [0n, 100n],
    owes: [0n, 0n],
    canSend: [0n, 100n],
  },
  {
    name: "pure credit, nobody owes",
    money: row({ leftLimit: 50n, rightLimit: 20n }),
    shares: [0n, 0n],
    owes: [0n, 0n],
    canSend: [50n, 20n],
  },
  {
    name: "pure credit, left owes",
    money: row({ leftLimit: 50n, rightLimit: 20n, offdelta: -40n }),
    shares: [0n, 0n],
    owes: [40n, 0n],
    canSend: [10n, 60n],
  },
  {
    name: "pure credit, right owes all it may",
    money: row({ leftLimit: 50n, rightLimit: 20n, offdelta: 20n }),
    shares: [0n, 0n],
    owes: [0n, 20n],
    canSend: [70n, 0n],
  },
  {
    name: "partial: right owes beyond the collateral",
    money: row({ collateral: 100n, ondelta: 100n, offdelta: 15n, leftLimit: 5n, rightLimit: 40n }),
    shares: [100n, 0n],
    owes: [0n, 15n],
    canSend: [120n, 25n],
  },
  {
    name: "partial: left owes beyond the collateral",
    money: row({ collateral: 100n, ondelta: 60n, offdelta: -65n, leftLimit: 5n, rightLimit: 40n }),
    shares: [0n, 100n],
    owes: [5n, 0n],
    canSend: [0n, 145n],
  },
];

describe("account/rcpan", () => {
  for (const { name, money, shares, owes, canSend } of examples) {
    it(`RCP-2, RCP-4: ${name}`, () => {
      expect([shareOf(money, "left"), shareOf(money, "right")]).to.deep.equal(shares);
      expect([exposureOf(money, "left"), exposureOf(money, "right")]).to.deep.equal(owes);
      const sends = [
        availableTo(money, "left", NOTHING_RESERVED),
        availableTo(money, "right", NOTHING_RESERVED),
      ];
      expect(sends).to.deep.equal(canSend);
      expect(checkBounds(money, NOTHING_RESERVED)).to.equal(null);
    });

    it(`RCP-1: ${name}: a payment at each boundary holds, one unit past it does not`, () => {
      const [left, right] = canSend;
      const after = (change: bigint) =>
        checkBounds({ ...money, offdelta: money.offdelta + change }, NOTHING_RESERVED)?.code;
      expect(after(-left)).to.equal(undefined);
      expect(after(-left - 1n)).to.equal("belowLeftLimit");
      expect(after(right)).to.equal(undefined);
      expect(after(right + 1n)).to.equal("aboveRightLimit");
    });
  }

  it("RCP-4: holds in both directions take from what can be sent, never add to it", () => {
    const money = row({ leftLimit: 50n, rightLimit: 20n });
    const held = reserveMove(reserveMove(NOTHING_RESERVED, -30n), 15n);
    expect(held).to.deep.equal({ low: 30n, high: 15n });
    expect(availableTo(money, "left", held)).to.equal(20n);
    expect(availableTo(money, "right", held)).to.equal(5n);
    expect(releaseMove(releaseMove(held, 15n), -30n)).to.deep.equal(NOTHING_RESERVED);
  });

  it("RCP-1: a settlement counts as landed and as not landed", () => {
    const money = row({ collateral: 100n, ondelta: 100n, rightLimit: 40n });
    const takesOut = { ondeltaDiff: -30n, collateralDiff: -30n };
    const reserved = reserveSettlement(NOTHING_RESERVED, takesOut);
    expect(reserved).to.deep.equal({ low: 30n, high: 0n });
    const paysRight = { ondeltaDiff: 0n, collateralDiff: -25n };
    expect(reserveSettlement(reserved, paysRight)).to.deep.equal({ low: 30n, high: 25n });
    expect(availableTo(money, "left", reserved)).to.equal(70n);
    expect(availableTo(money, "right", reserved)).to.equal(40n);
  });

  it("RCP-1: a settlement without number binds nobody and reserves nothing", () => {
    const rows = [{ token: 1, ...row({}) } as TokenRow];
    const diff = { token: 1, leftDiff: 5n, rightDiff: -5n, collateralDiff: 0n, ondeltaDiff: -5n };
    const settlement = (number: number) =>
      ({ proposer: "left", settlement: { number, diffs: [diff] } }) as never;
    expect(reservedOf(rows, [], settlement(0))).to.deep.equal([NOTHING_RESERVED]);
    expect(reservedOf(rows, [], settlement(7))).to.deep.equal([{ low: 5n, high: 0n }]);
  });

  it("RCP-3: what is in use of a limit counts holds and never falls below zero", () => {
    const money = row({ collateral: 10n, ondelta: 10n, offdelta: 12n, leftLimit: 9n });
    expect(limitInUse(money, "right", NOTHING_RESERVED)).to.equal(12n);
    expect(limitInUse(money, "left", NOTHING_RESERVED)).to.equal(0n);
    expect(limitInUse(money, "left", { low: 30n, high: 0n })).to.equal(8n);
  });

  it("RCP-5: amounts that would leave the range are refused, never wrapped", () => {
    const top = row({ offdelta: MAX_AMOUNT, rightLimit: MAX_AMOUNT });
    expect(checkBounds(top, NOTHING_RESERVED)).to.equal(null);
    const past = { ...top, offdelta: MAX_AMOUNT + 1n };
    expect(checkBounds(past, NOTHING_RESERVED)?.code).to.equal("amountRange");
    expect(checkBounds(top, { low: 0n, high: 1n })?.code).to.equal("amountRange");
    const sum = row({ ondelta: MAX_AMOUNT, offdelta: 1n, collateral: MAX_AMOUNT, rightLimit: 9n });
    expect(checkBounds(sum, NOTHING_RESERVED)?.code).to.equal("amountRange");
  });
});
