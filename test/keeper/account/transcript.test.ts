import { expect } from "chai";
import { describe, it } from "mocha";
import { decodeMessage } from "../../../keeper/account/codec.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import { toHex } from "../../../keeper/base/bytes.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import { type Bench, connectedBench, deliver, reconnect, run, settleDown } from "./pair.ts";

const credit = (limit: bigint): Transaction => ({
  kind: "setCredit",
  token: 1,
  limit,
  softLimit: 0n,
});
const pay = (amount: bigint): Transaction => ({ kind: "pay", token: 1, amount });

/** Kinds of what is under way to a side. */
function underWay(bench: Bench, to: Side): string[] {
  return bench.queues[to].map(({ bytes }) => {
    const decoded = decodeMessage(bytes);
    return decoded.ok ? decoded.value.kind : decoded.refusal.code;
  });
}

function expectAgreed(bench: Bench): void {
  const { left, right } = bench.accounts;
  expect(toHex(left.state.head)).to.equal(toHex(right.state.head));
  expect(left.state.number).to.equal(right.state.number);
  expect([left.inFlight, right.inFlight]).to.deep.equal([null, null]);
}

function offdelta(bench: Bench): bigint | undefined {
  return bench.accounts.left.state.rows[0]?.offdelta;
}

describe("account: transcripts", () => {
  it("ACC-1: left's first frame is 3, it is acknowledged, both sides hold a proof", () => {
    const bench = connectedBench();
    run(bench, "left", { kind: "submit", transactions: [credit(100n)] });
    expect(bench.accounts.left.inFlight?.frame.number).to.equal(3);
    expect(underWay(bench, "right")).to.deep.equal(["frame"]);
    deliver(bench, "right");
    expect(underWay(bench, "left")).to.deep.equal(["acknowledge"]);
    settleDown(bench);
    expectAgreed(bench);
    const { left, right } = bench.accounts;
    expect(left.headProof?.number).to.equal(3);
    expect(right.headProof?.number).to.equal(3);
    expect(toHex(left.headProof?.digest as never)).to.equal(
      toHex(right.headProof?.digest as never),
    );
  });

  it("ACC-3: the acknowledgement carries the next frame under one signature", () => {
    const bench = connectedBench();
    run(bench, "left", { kind: "submit", transactions: [credit(100n)] });
    run(bench, "right", { kind: "submit", transactions: [credit(50n)] });
    // Both proposed: left's 3 beats right's 2 (ACC-4).
    expect(underWay(bench, "right")).to.deep.equal(["frame"]);
    deliver(bench, "right");
    expect(underWay(bench, "left")).to.deep.equal(["frame", "frame"]);
    expect(bench.accounts.right.inFlight?.frame.number).to.equal(4);
    expect(bench.accounts.right.inFlight?.acknowledges).to.equal(true);
    deliver(bench, "left");
    expect(bench.accounts.left.state.number).to.equal(0);
    deliver(bench, "left");
    expect(bench.accounts.left.state.number).to.equal(4);
    expect(underWay(bench, "right")).to.deep.equal(["acknowledge"]);
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.left.state.rows[0]).to.include({ leftLimit: 50n, rightLimit: 100n });
  });

  it("ACC-3: steady traffic in both directions needs one message a frame", () => {
    const bench = connectedBench();
    run(bench, "left", { kind: "submit", transactions: [credit(1_000n)] });
    settleDown(bench);
    for (let i = 0; i < 20; i++) {
      run(bench, i % 2 ? "left" : "right", { kind: "submit", transactions: [pay(1n)] });
      run(bench, i % 2 ? "right" : "left", { kind: "submit", transactions: [pay(1n)] });
      deliver(bench, "left");
      deliver(bench, "right");
    }
    settleDown(bench);
    expectAgreed(bench);
  });

  it("ACC-6: hello works on an account of which nothing was signed", () => {
    const bench = connectedBench();
    expect(bench.accounts.left.link.phase).to.equal("ready");
    expect(bench.accounts.right.link.phase).to.equal("ready");
    expectAgreed(bench);
  });

  it("ACC-6: a frame that was lost is sent again with the same bytes", () => {
    const bench = connectedBench();
    run(bench, "left", { kind: "submit", transactions: [credit(100n), pay(0n)] });
    const [first] = bench.queues.right;
    reconnect(bench);
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.left.recent.at(-1)?.bytes.length).to.be.lessThan(
      first?.bytes.length as number,
    );
    expect(offdelta(bench)).to.equal(0n);
  });
});
