import { expect } from "chai";
import { describe, it } from "mocha";
import type { AccountInput } from "../../../keeper/account/input.ts";
import { checkBounds, reservedOf } from "../../../keeper/account/rcpan.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Account, Context, TokenRow } from "../../../keeper/account/types.ts";
import { equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import { blockAt, connectedBench, contextAt, run, START, settleDown, WILLING } from "./pair.ts";
import { peerSigned, searchAll, type World } from "./search.ts";

const PLAN = keccakText("a plan");
const pay = (amount: bigint): Transaction => ({ kind: "pay", token: 1, amount });
const hold: Transaction = {
  kind: "planHold",
  plan: PLAN,
  deadline: START + 1_000,
  moves: [{ token: 1, amount: 7n }],
};
const submit = (...transactions: readonly Transaction[]): AccountInput => ({
  kind: "submit",
  transactions,
});

/** Both have given credit of 100, are connected, and have these errands to do in this order. */
function worldWith(
  left: readonly AccountInput[],
  right: readonly AccountInput[],
  agreed: readonly Transaction[] = [],
): World {
  const bench = connectedBench();
  const credit: Transaction = { kind: "setCredit", token: 1, limit: 100n, softLimit: 0n };
  run(bench, "right", submit(credit));
  settleDown(bench);
  run(bench, "left", submit(credit, ...agreed));
  settleDown(bench);
  return {
    accounts: bench.accounts,
    connections: { left: 1, right: 1 },
    queues: { left: [], right: [] },
    errands: { left, right },
    guards: { left: bench.recorder.guardOf("left"), right: bench.recorder.guardOf("right") },
    trail: [],
  };
}

/** Holds in every world that can be reached, whatever was lost. */
function checkSafety(world: World): void {
  for (const side of ["left", "right"] as const) {
    const account = world.accounts[side];
    expect(account.frozen, "an honest pair never freezes").to.equal(null);
    const { rows, conditions, settlement } = account.state;
    const reserved = reservedOf(rows, conditions.slots, settlement);
    for (const [i, row] of rows.entries()) {
      expect(checkBounds(row as TokenRow, reserved[i] as never), "RCP-1").to.equal(null);
    }
    const proof = account.headProof;
    if (proof !== null) expect(peerSigned(world, side, proof.digest)).to.equal(true);
  }
  expect(areRelated(world.accounts), "the heads are at most one frame apart").to.equal(true);
}

function areRelated({ left, right }: Readonly<Record<Side, Account>>): boolean {
  const isInFlight = (a: Account, b: Account) =>
    a.inFlight !== null && equalBytes(a.inFlight.hash, b.state.head);
  return (
    equalBytes(left.state.head, right.state.head) ||
    isInFlight(left, right) ||
    isInFlight(right, left)
  );
}

/** Settle-all: where nothing is left to do, nothing waits, and both hold the same. */
function checkRest({ accounts }: World): void {
  const { left, right } = accounts;
  expect(toHex(left.state.head)).to.equal(toHex(right.state.head));
  for (const { inFlight, mempool, withheld, held, headProof, state } of [left, right]) {
    expect([inFlight, held]).to.deep.equal([null, null]);
    expect([mempool.length, withheld.length]).to.deep.equal([0, 0]);
    expect(headProof?.number).to.equal(state.number);
  }
}

const propose: Transaction = {
  kind: "proposeSettlement",
  deadline: START + 1_000,
  diffs: [{ token: 1, leftDiff: 5n, rightDiff: -5n, collateralDiff: 0n, ondeltaDiff: -5n }],
};

function searchFrom(
  world: World,
  contextOf: (world: World, side: Side) => Context,
  reconnects: boolean,
  atRest: (world: World) => void,
  checkEnd: (world: World) => void = checkRest,
): number {
  let rests = 0;
  const worlds = searchAll(
    {
      contextOf,
      reconnects,
      check(reached, isAtRest) {
        try {
          checkSafety(reached);
          if (!isAtRest) return;
          rests += 1;
          checkEnd(reached);
          atRest(reached);
        } catch (error) {
          throw new Error(`${(error as Error).message}: ${reached.trail.join("; ")}`);
        }
      },
    },
    world,
  );
  expect(rests).to.be.greaterThan(0);
  return worlds;
}

const REFUSING = { ...WILLING, acceptsHold: () => false };
const willing = () => contextAt(START);
const unwilling = () => contextAt(START, null, REFUSING);

function offdeltaOf(world: World): bigint | undefined {
  return world.accounts.left.state.rows[0]?.offdelta;
}

describe("account: model (TST-5)", function () {
  this.timeout(60_000);

  it("ACC-4: every interleaving of two payments a side ends agreed, each applied once", () => {
    const world = worldWith(
      [submit(pay(1n)), submit(pay(2n))],
      [submit(pay(10n)), submit(pay(20n))],
    );
    const worlds = searchFrom(world, willing, false, (end) => {
      expect(offdeltaOf(end)).to.equal(27n);
    });
    expect(worlds).to.be.greaterThan(50);
  });

  it("ACC-5, ACC-6: the same with one disconnection, noticed by each side at its own time", () => {
    const world = worldWith(
      [submit(pay(1n)), submit(pay(2n))],
      [submit(pay(10n)), submit(pay(20n))],
    );
    const worlds = searchFrom(world, willing, true, (end) => {
      expect(offdeltaOf(end)).to.equal(27n);
    });
    expect(worlds).to.be.greaterThan(1_000);
  });

  it("ACC-2, ACC-3: a transaction that the other side refuses, with one disconnection", () => {
    const world = worldWith([submit(hold), submit(pay(1n))], [submit(pay(10n)), submit(pay(20n))]);
    const contextOf = (_: World, side: Side) => (side === "left" ? willing() : unwilling());
    const worlds = searchFrom(world, contextOf, true, (end) => {
      expect(offdeltaOf(end)).to.equal(29n);
      expect(end.accounts.left.state.conditions.slots).to.deep.equal([]);
    });
    expect(worlds).to.be.greaterThan(5_000);
  });

  it("ACC-2, ACC-3: both sides refuse what the other proposes, with one disconnection", () => {
    const other: Transaction = { ...hold, plan: keccakText("another plan") };
    const world = worldWith([submit(hold), submit(pay(1n))], [submit(other), submit(pay(10n))]);
    // Each side's own plan machine says yes to its own plan alone.
    const contextOf = (_: World, side: Side): Context => ({
      ...willing(),
      plan: (plan) => {
        const own = side === "left" ? PLAN : other.plan;
        return equalBytes(plan, own) ? WILLING : REFUSING;
      },
    });
    const worlds = searchFrom(world, contextOf, true, (end) => {
      expect(offdeltaOf(end)).to.equal(9n);
      expect(end.accounts.left.state.conditions.slots).to.deep.equal([]);
    });
    expect(worlds).to.be.greaterThan(5_000);
  });

  it("ACC-2: states that differ unseen: what shows it is never signed, the rest is", () => {
    const world = worldWith([submit(hold), submit(pay(1n))], [submit(pay(10n))]);
    const { left, right } = world.accounts;
    // Right would put the next hold into another slot than left: the roots do not show it yet.
    const conditions = { slots: [null, null], free: [0, 1], pages: [] };
    const planted = { ...right, state: { ...right.state, conditions } };
    const differing: World = { ...world, accounts: { left, right: planted } };
    const checkEnd = ({ accounts: { left: proposer, right: receiver } }: World) => {
      expect(toHex(proposer.state.head)).to.equal(toHex(receiver.state.head));
      expect([proposer.inFlight, receiver.inFlight]).to.deep.equal([null, null]);
      expect(proposer.mempool).to.deep.include(hold);
    };
    const atRest = ({ accounts }: World) => {
      expect([9n, 10n]).to.include(accounts.left.state.rows[0]?.offdelta);
      expect(accounts.right.state.conditions.slots).to.deep.equal([null, null]);
    };
    const worlds = searchFrom(differing, willing, true, atRest, checkEnd);
    expect(worlds).to.be.greaterThan(500);
  });

  it("NET-5: both sides propose the same hold, with one disconnection; one copy is held", () => {
    const world = worldWith([submit(hold), submit(pay(1n))], [submit(hold)]);
    const worlds = searchFrom(world, willing, true, (end) => {
      expect(end.accounts.left.state.conditions.slots).to.have.length(1);
      expect(offdeltaOf(end)).to.equal(-1n);
    });
    expect(worlds).to.be.greaterThan(500);
  });

  it("ACC-9: a settlement is signed amid payments, with one disconnection", () => {
    const world = worldWith(
      [submit(pay(1n)), submit(pay(2n))],
      [submit({ kind: "signSettlement", number: 0 }), submit(pay(10n))],
      [propose],
    );
    const worlds = searchFrom(world, willing, true, ({ accounts }) => {
      const { left, right } = accounts;
      const settlement = left.state.settlement?.settlement;
      expect(settlement?.number).to.be.greaterThan(0);
      // Both signatures were given out, each when a proof above the number was in hand.
      expect([left.settlementSignature, right.settlementSignature]).to.not.include(null);
      expect(left.headProof?.number).to.be.greaterThan(settlement?.number as number);
      expect(left.state.rows[0]?.offdelta).to.equal(7n);
    });
    expect(worlds).to.be.greaterThan(1_000);
  });

  it("ACC-8: both watchers see the same block, with one disconnection", () => {
    const rows = [{ token: 1, collateral: 50n, ondelta: 50n }];
    const block = { ...blockAt(5), epoch: 0, number: 0, rows };
    const observe: AccountInput = { kind: "observe", block };
    const world = worldWith([observe, submit(pay(1n))], [observe, submit(pay(10n))]);
    // A watcher's final height moves when it tells of the block, not before.
    const contextOf = ({ errands }: World, side: Side) =>
      contextAt(START, blockAt(errands[side].includes(observe) ? 4 : 6));
    const worlds = searchFrom(world, contextOf, true, (end) => {
      expect(end.accounts.left.state.rows[0]).to.include({ collateral: 50n, offdelta: 9n });
      expect(end.accounts.left.pending).to.deep.equal([]);
    });
    expect(worlds).to.be.greaterThan(1_000);
  });
});
