import { expect } from "chai";
import { describe, it } from "mocha";
import {
  addDebt,
  creditorsToName,
  type DebtQueue,
  forgiveDebt,
  hasDebts,
  NO_DEBTS,
  sweepDebts,
  tailOf,
} from "../../../keeper/account/debt.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { EntityId } from "../../../keeper/jurisdiction/types.ts";

const [BOB, CAROL, DAVE] = ["bob", "carol", "dave"].map(keccakText) as [
  EntityId,
  EntityId,
  EntityId,
];

function queueOf(...debts: readonly [EntityId, bigint][]): DebtQueue {
  return debts.reduce(
    (queue, [creditor, amount]) => addDebt(queue, { creditor, amount }),
    NO_DEBTS,
  );
}

const QUEUE = queueOf([BOB, 10n], [CAROL, 20n], [DAVE, 30n]);

/** Which debts were paid how much, and what stays: the head, the debts after it, the reserve. */
function swept(queue: DebtQueue, reserve: bigint, ...creditors: readonly EntityId[]): unknown {
  const sweep = sweepDebts(queue, reserve, creditors);
  return {
    paid: sweep.payments.map(({ index, paid }) => [index, paid]),
    head: sweep.queue.head,
    open: sweep.queue.debts.map((debt) => debt?.amount ?? null),
    reserve: sweep.reserve,
  };
}

describe("account/debt", () => {
  it("DEB-1: oldest first, a partial payment ends the sweep", () => {
    expect(swept(QUEUE, 25n, BOB, CAROL, DAVE)).to.deep.equal({
      paid: [
        [0, 10n],
        [1, 15n],
      ],
      head: 1,
      open: [5n, 30n],
      reserve: 0n,
    });
  });

  it("DEB-1: who is not next is passed over, nobody overtakes", () => {
    expect(swept(QUEUE, 60n, CAROL, BOB, DAVE)).to.deep.equal({
      paid: [[0, 10n]],
      head: 1,
      open: [20n, 30n],
      reserve: 50n,
    });
  });

  it("DEB-1: holes take no creditor, and are bounded by their count", () => {
    const holed = forgiveDebt(forgiveDebt(QUEUE, 1), 2);
    expect(swept(holed, 60n, BOB)).to.deep.equal({
      paid: [[0, 10n]],
      head: 2,
      open: [null],
      reserve: 50n,
    });
    expect(swept(forgiveDebt(holed, 0), 0n, DAVE, DAVE)).to.deep.equal({
      paid: [],
      head: 3,
      open: [],
      reserve: 0n,
    });
  });

  it("DEB-1: a forgiven head moves on, another leaves a hole, and once is enough", () => {
    const first = forgiveDebt(QUEUE, 0);
    expect([first.head, first.debts.length, tailOf(first)]).to.deep.equal([1, 2, 3]);
    expect(forgiveDebt(first, 0)).to.deep.equal(first);
    const hole = forgiveDebt(QUEUE, 1);
    expect(forgiveDebt(hole, 1)).to.deep.equal(hole);
    expect(forgiveDebt(QUEUE, 3)).to.deep.equal(QUEUE);
    expect(hasDebts(hole)).to.equal(true);
    expect(hasDebts(NO_DEBTS)).to.equal(false);
  });

  it("DEB-1: the creditors to name are those whom the money reaches", () => {
    const holed = forgiveDebt(QUEUE, 1);
    expect(creditorsToName(holed, 0n)).to.deep.equal([]);
    expect(creditorsToName(holed, 10n)).to.deep.equal([BOB]);
    expect(creditorsToName(holed, 11n)).to.deep.equal([BOB, DAVE]);
  });
});
