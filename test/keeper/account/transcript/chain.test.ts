import { expect } from "chai";
import { describe, it } from "mocha";
import type { AccountInput } from "../../../../keeper/account/input.ts";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import {
  arrival,
  type Bench,
  blockAt,
  contextAt,
  deliver,
  type Packet,
  reconnect,
  run,
  START,
  settleDown,
} from "../pair.ts";
import {
  credit,
  creditedBench,
  expectAgreed,
  hold,
  namesOf,
  offdelta,
  pay,
  REFUSING,
  submit,
  underWay,
} from "../transcript.ts";

describe("account: transcripts of the chain", () => {
  const rows = [{ token: 1, collateral: 40n, ondelta: 40n }];
  const block = { ...blockAt(5), epoch: 0, number: 0, rows };
  const observe: AccountInput = { kind: "observe", block };

  it("ACC-8: a due event goes first and alone, and is held until it is final there", () => {
    const bench = creditedBench();
    bench.contexts.left = contextAt(START, blockAt(5));
    run(bench, "left", submit(pay(1n)), observe);
    const proposed = bench.accounts.left.inFlight?.frame.transactions.map(({ kind }) => kind);
    expect(proposed).to.deep.equal(["chainEvent"]);
    deliver(bench, "right");
    expect(bench.accounts.right.held?.waitsFor).to.equal(5);
    expect(underWay(bench, "left")).to.deep.equal([]);
    run(bench, "right", submit(pay(3n)));
    expect(bench.accounts.right.inFlight, "nothing is proposed while one is held").to.equal(null);
    bench.contexts.right = contextAt(START, blockAt(6));
    run(bench, "right", observe);
    settleDown(bench);
    expectAgreed(bench);
    const [row] = bench.accounts.right.state.rows;
    expect(row).to.include({ collateral: 40n, ondelta: 40n, offdelta: 2n });
    expect(bench.accounts.left.pending).to.deep.equal([]);
  });

  it("ACC-8: values that the own watcher did not see are refused", () => {
    const bench = creditedBench();
    bench.contexts.left = contextAt(START, blockAt(5));
    bench.contexts.right = contextAt(START, blockAt(5));
    run(bench, "right", { kind: "disconnect" });
    const other = { ...block, rows: [{ token: 1, collateral: 41n, ondelta: 40n }] };
    run(bench, "right", { kind: "observe", block: other });
    run(bench, "left", observe);
    reconnect(bench);
    for (let i = 0; i < 3; i++) {
      deliver(bench, "left");
      deliver(bench, "right");
    }
    const codes = bench.effects.left.concat(bench.effects.right).flatMap((effect) => {
      return effect.kind === "send" && effect.message.kind === "refuse"
        ? [effect.message.code]
        : [];
    });
    expect(codes).to.include("eventMismatch");
    expect(bench.accounts.left.state.rows[0]?.collateral).to.equal(0n);
  });

  it("ACC-8: an event of a token that is not listed waits until credit lists it", () => {
    const bench = creditedBench();
    const second = [{ token: 2, collateral: 9n, ondelta: 4n }];
    const both = { ...block, rows: [...rows, ...second] };
    for (const side of ["left", "right"] as const) {
      bench.contexts[side] = contextAt(START, blockAt(5));
      run(bench, side, { kind: "observe", block: both });
    }
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.left.pending.map((waiting) => waiting.rows)).to.deep.equal([second]);
    run(bench, "left", submit({ ...credit(5n), token: 2 } as Transaction));
    settleDown(bench);
    run(bench, "left");
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.right.state.rows[1]).to.include({ collateral: 9n, ondelta: 4n });
    expect(bench.accounts.right.pending).to.deep.equal([]);
  });

  it("ACC-8: another epoch on chain means a dispute has closed the account: it freezes", () => {
    const bench = creditedBench();
    run(bench, "left", { kind: "observe", block: { ...block, epoch: 1 } });
    expect(bench.accounts.left.frozen).to.match(/epoch 1/);
  });

  const propose: Transaction = {
    kind: "proposeSettlement",
    deadline: START + 50,
    diffs: [{ token: 1, leftDiff: -9n, rightDiff: 9n, collateralDiff: 0n, ondeltaDiff: 9n }],
  };

  /** Right has proposed nothing; left owes 9, proposed to pay it, and right has signed. */
  function signedBench(): Bench {
    const bench = creditedBench();
    run(bench, "left", submit(pay(9n), propose));
    settleDown(bench);
    run(bench, "right", submit({ kind: "signSettlement", number: 0 }));
    return bench;
  }

  it("ACC-9: number, then proof above it by both, then signatures, then the chain", () => {
    const bench = signedBench();
    const frame = bench.accounts.right.inFlight?.frame;
    const number = (frame?.number as number) - 2;
    expect(frame?.transactions).to.deep.equal([{ kind: "signSettlement", number }]);
    expect(underWay(bench, "left")).to.deep.equal(["frame"]);
    deliver(bench, "left");
    expect(underWay(bench, "right")).to.deep.equal(["acknowledge", "settlement"]);
    settleDown(bench);
    expectAgreed(bench);
    const settles = bench.effects.left.filter(({ kind }) => kind === "settle");
    expect(settles).to.have.length(1);
    expect(bench.effects.right.filter(({ kind }) => kind === "settle")).to.have.length(0);
    // It is open: landed or not, delta stays in its bounds, and payments go on.
    run(bench, "left", submit(propose, pay(91n), pay(1n)));
    settleDown(bench);
    expect(namesOf(bench, "left")).to.include.members(["settlementOpen", "insufficientCapacity"]);
    expect(offdelta(bench)).to.equal(-100n);
  });

  it("ACC-9: a signature that was lost is given again on the next connection", () => {
    const bench = signedBench();
    deliver(bench, "left");
    deliver(bench, "right");
    reconnect(bench);
    settleDown(bench);
    expect(bench.effects.left.filter(({ kind }) => kind === "settle")).to.have.length(1);
    expect(bench.accounts.right.settlementSignature).to.not.equal(null);
  });

  it("ACC-9: no signature is given out before the other side's proof above the number", () => {
    const bench = signedBench();
    bench.contexts.right = REFUSING;
    const [packet] = bench.queues.left.splice(0) as [Packet];
    run(bench, "left", arrival(packet, bench.connection), submit(hold));
    bench.queues.right.splice(1); // What left gives out itself is lost.
    deliver(bench, "right");
    expect(bench.accounts.right.state.settlement?.settlement.number).to.be.greaterThan(0);
    reconnect(bench);
    deliver(bench, "right");
    expect(underWay(bench, "left")).to.deep.equal(["hello"]);
    settleDown(bench);
    expect(bench.effects.left.filter(({ kind }) => kind === "settle")).to.have.length(1);
  });

  it("ACC-9: it ends when it lands, and when a final block past its deadline lacks it", () => {
    for (const landed of [true, false]) {
      const bench = signedBench();
      settleDown(bench);
      const number = bench.accounts.left.state.settlement?.settlement.number as number;
      const landing = { ...blockAt(7), epoch: 0, number };
      const paid = [{ token: 1, collateral: 0n, ondelta: 9n }];
      for (const side of ["left", "right"] as const) {
        bench.contexts[side] = contextAt(START, blockAt(landed ? 7 : 51));
        if (landed) run(bench, side, { kind: "observe", block: { ...landing, rows: paid } });
        else run(bench, side, { kind: "final" });
      }
      settleDown(bench);
      expectAgreed(bench);
      for (const side of ["left", "right"] as const) {
        expect(bench.accounts[side].state.settlement).to.equal(null);
        expect(bench.accounts[side].settlementSignature).to.equal(null);
        const closed = bench.effects[side].filter(({ kind }) => kind === "settlementClosed");
        expect(closed).to.deep.equal([{ kind: "settlementClosed", number, landed }]);
      }
      expect(bench.accounts.left.state.rows[0]?.ondelta).to.equal(landed ? 9n : 0n);
    }
  });
});
