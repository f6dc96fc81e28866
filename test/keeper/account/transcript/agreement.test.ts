import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeFrame } from "../../../../keeper/account/codec.ts";
import { MAX_CLOCK_SKEW } from "../../../../keeper/account/limit.ts";
import type { AccountMessage } from "../../../../keeper/account/message.ts";
import { type Bytes32, toHex } from "../../../../keeper/base/bytes.ts";
import { keccakText } from "../../../../keeper/codec/keccak.ts";
import {
  arrival,
  connectedBench,
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
  messageAt,
  namesOf,
  offdelta,
  pay,
  REFUSING,
  submit,
  tell,
  underWay,
} from "../transcript.ts";

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

describe("account: transcripts of refusals", () => {
  it("ACC-2: what is refused by content is dropped, the rest is tried again in a new frame", () => {
    const bench = creditedBench();
    bench.contexts.right = REFUSING;
    const { number } = bench.accounts.left.state;
    run(bench, "left", submit(pay(1n), hold, pay(2n)));
    deliver(bench, "right");
    const refusal = messageAt(bench, "left");
    expect(refusal).to.include({ kind: "refuse", code: "planNotAccepted", transaction: 1 });
    expect(bench.accounts.right.state.number).to.equal(number);
    settleDown(bench);
    expectAgreed(bench);
    expect(offdelta(bench)).to.equal(-3n);
    expect(namesOf(bench, "left")).to.deep.equal([
      "frame",
      "frame",
      "committed",
      "planNotAccepted",
    ]);
  });

  it("ACC-4: a drop is told only when both have signed above the frame that held it", () => {
    const bench = creditedBench();
    bench.contexts.right = REFUSING;
    run(bench, "left", submit(hold));
    const burned = bench.accounts.left.inFlight?.frame.number as number;
    deliver(bench, "right");
    deliver(bench, "left");
    // Nothing waits, yet a further frame is due: the peer could still enforce the burned one.
    expect(bench.accounts.left.inFlight?.frame.transactions).to.deep.equal([]);
    expect(bench.accounts.left.withheld).to.have.length(1);
    expect(namesOf(bench, "left")).to.not.include("planNotAccepted");
    settleDown(bench);
    expect(namesOf(bench, "left").at(-1)).to.equal("planNotAccepted");
    expect(bench.accounts.right.headProof?.number).to.be.greaterThan(burned);
  });

  it("ACC-3: a refused frame has acknowledged all the same; a further one brings the proof", () => {
    const bench = creditedBench();
    bench.contexts.left = REFUSING;
    run(bench, "left", submit(pay(1n)));
    const first = bench.accounts.left.inFlight?.frame.number as number;
    const [packet] = bench.queues.right.splice(0);
    // One tick: the frame arrives and right wants its own hold, which left will refuse.
    run(bench, "right", arrival(packet as Packet, bench.connection), submit(hold));
    expect(bench.accounts.right.inFlight?.acknowledges).to.equal(true);
    deliver(bench, "left");
    const { left } = bench.accounts;
    expect(left.state.number).to.equal(first);
    expect(left.headProof?.number).to.be.lessThan(first);
    expect(namesOf(bench, "left")).to.not.include("committed");
    run(bench, "left", submit(pay(2n)));
    expect(bench.accounts.left.inFlight, "nothing is built on a head without proof").to.equal(null);
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.left.headProof?.number).to.equal(bench.accounts.left.state.number);
    expect(offdelta(bench)).to.equal(-3n);
    const committed = bench.effects.left.filter(({ kind }) => kind === "committed");
    expect(committed).to.have.length(3);
  });

  it("ACC-4: a frame that was refused is never signed when it is repeated", () => {
    const bench = creditedBench();
    const { number } = bench.accounts.right.state;
    bench.contexts.right = REFUSING;
    run(bench, "left", submit(hold));
    const [packet] = bench.queues.right.splice(0);
    run(bench, "right", arrival(packet as Packet, bench.connection));
    bench.contexts.right = contextAt(START);
    run(bench, "right", arrival(packet as Packet, bench.connection));
    expect(messageAt(bench, "left", 1)).to.include({ kind: "refuse", code: "numberTooLow" });
    expect(bench.accounts.right.state.number).to.equal(number);
    expect(namesOf(bench, "right")).to.not.include("acknowledge");
    settleDown(bench);
    expectAgreed(bench);
  });

  it("ACC-2: a root that its frame does not lead to is refused, and nothing changes", () => {
    const bench = creditedBench();
    run(bench, "left", submit(pay(1n)));
    const { inFlight } = bench.accounts.left;
    if (inFlight === null) throw new Error("nothing in flight");
    const wrong = encodeFrame({ ...inFlight.frame, stateRoot: keccakText("wrong") });
    bench.queues.right.length = 0;
    const before = bench.accounts.right.state;
    const claim = { digest: inFlight.proofDigest, signature: new Uint8Array(65) };
    tell(bench, "right", { kind: "frame", frame: wrong }, claim);
    const refusal = messageAt(bench, "left") as AccountMessage & { kind: "refuse" };
    expect(refusal).to.include({ kind: "refuse", code: "stateRootDiffers" });
    expect(toHex(refusal.stateRoot)).to.equal(toHex(inFlight.frame.stateRoot));
    expect(bench.accounts.right.state).to.equal(before);
    expect(namesOf(bench, "right")).to.deep.equal(["stateRootDiffers", "refuse"]);
  });

  it("ACC-1: no frame and no answer counts without its claim or under another digest", () => {
    const bench = creditedBench();
    const { number } = bench.accounts.right.state;
    run(bench, "left", submit(pay(1n)));
    const frame = messageAt(bench, "right");
    const false_ = { digest: keccakText("other"), signature: new Uint8Array(65) };
    tell(bench, "right", frame, null);
    expect(namesOf(bench, "right")).to.deep.equal(["claimMissing"]);
    const hash = bench.accounts.left.inFlight?.hash as Bytes32;
    tell(bench, "left", { kind: "acknowledge", frame: hash }, null);
    tell(bench, "left", { kind: "acknowledge", frame: hash }, false_);
    expect(namesOf(bench, "left")).to.deep.equal(["frame", "claimMissing", "digestDiffers"]);
    expect(bench.accounts.left.inFlight).to.not.equal(null);
    tell(bench, "right", frame, false_);
    expect(messageAt(bench, "left")).to.include({ kind: "refuse", code: "digestDiffers" });
    expect([bench.accounts.left, bench.accounts.right].map((a) => a.state.number)).to.deep.equal([
      number,
      number,
    ]);
  });

  it("ACC-4: numbers of the other side, below 2 or out of reach are no frames", () => {
    const bench = creditedBench();
    const { state } = bench.accounts.right;
    const claim = { digest: keccakText("any"), signature: new Uint8Array(65) };
    const frameWith = (number: number): AccountMessage => ({
      kind: "frame",
      frame: encodeFrame({
        epoch: 0,
        number,
        previousHash: state.head,
        timestamp: START,
        transactions: [],
        stateRoot: keccakText("any"),
      }),
    });
    tell(bench, "right", frameWith(100), claim);
    tell(bench, "right", frameWith(1), claim);
    tell(bench, "right", frameWith(state.number + 2 ** 32 + 101), claim);
    expect(namesOf(bench, "right")).to.deep.equal(["numberOfOther", "numberOfOther", "numberJump"]);
    expect(bench.accounts.right.state).to.equal(state);
  });

  it("ACC-10: a timestamp before the head's or far from the clock is refused, then cured", () => {
    const bench = creditedBench();
    bench.contexts.left = contextAt(START + MAX_CLOCK_SKEW + 1);
    run(bench, "left", submit(pay(1n)));
    deliver(bench, "right");
    expect(messageAt(bench, "left")).to.include({ kind: "refuse", code: "timeOutside" });
    deliver(bench, "left");
    expect(bench.accounts.left.inFlight, "the same would be refused again").to.equal(null);
    bench.contexts.right = contextAt(START + 60);
    bench.contexts.left = contextAt(START + MAX_CLOCK_SKEW + 2);
    run(bench, "left");
    settleDown(bench);
    expectAgreed(bench);
    expect(offdelta(bench)).to.equal(-1n);
  });
});
