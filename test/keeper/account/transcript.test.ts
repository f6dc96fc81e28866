import { expect } from "chai";
import { describe, it } from "mocha";
import { decodeMessage, encodeFrame } from "../../../keeper/account/codec.ts";
import type { AccountInput } from "../../../keeper/account/input.ts";
import { MAX_CLOCK_SKEW, MAX_MEMPOOL, MAX_TRANSACTIONS } from "../../../keeper/account/limit.ts";
import type { AccountMessage, Claim } from "../../../keeper/account/message.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import { type Bytes32, toHex, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import {
  arrival,
  type Bench,
  blockAt,
  connectedBench,
  contextAt,
  deliver,
  type Packet,
  reconnect,
  run,
  START,
  settleDown,
  WILLING,
} from "./pair.ts";

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

const plan = keccakText("plan");
const hold: Transaction = {
  kind: "planHold",
  plan,
  deadline: START + 500,
  moves: [{ token: 1, amount: 5n }],
};
const submit = (...transactions: readonly Transaction[]): AccountInput => ({
  kind: "submit",
  transactions,
});
const REFUSING = contextAt(START, null, { ...WILLING, acceptsHold: () => false });

/** Both have given credit of 100 in token 1. */
function creditedBench(): Bench {
  const bench = connectedBench();
  run(bench, "left", submit(credit(100n)));
  settleDown(bench);
  run(bench, "right", submit(credit(100n)));
  settleDown(bench);
  bench.effects.left.length = 0;
  bench.effects.right.length = 0;
  return bench;
}

function namesOf(bench: Bench, side: Side): string[] {
  return bench.effects[side].map((effect) => {
    if (effect.kind === "send") return effect.message.kind;
    if (effect.kind === "dropped" || effect.kind === "misbehaved") return effect.refusal.code;
    return effect.kind;
  });
}

/** Delivers a message of our own making, as a liar's keeper would. */
function tell(bench: Bench, to: Side, message: AccountMessage, claim: Claim | null): void {
  run(bench, to, { kind: "message", connection: bench.connection, message, claim });
}

function messageAt(bench: Bench, to: Side, index = 0): AccountMessage {
  const decoded = decodeMessage((bench.queues[to][index] as Packet).bytes);
  if (!decoded.ok) throw new Error(decoded.refusal.message);
  return decoded.value;
}

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

  it("ACC-2: roots that differ are refused with both roots, and nothing changes", () => {
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

  it("ACC-1: a frame or acknowledgement without claim, or under another digest, is not taken", () => {
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

describe("account: transcripts of connections", () => {
  it("ACC-5: nothing counts before the exchange, on another connection, or without one", () => {
    const bench = creditedBench();
    run(bench, "left", submit(pay(1n)));
    const [packet] = bench.queues.right.splice(0) as [Packet];
    const before = bench.accounts.right;
    run(bench, "right", arrival(packet, bench.connection + 7));
    expect(bench.accounts.right).to.equal(before);
    run(bench, "right", { kind: "disconnect" }, arrival(packet, bench.connection));
    run(bench, "right", { kind: "connect", connection: 9 }, arrival(packet, 9));
    expect(bench.accounts.right.state).to.equal(before.state);
  });

  it("ACC-6: a lost acknowledgement is given again after the exchange", () => {
    const bench = creditedBench();
    run(bench, "left", submit(pay(1n)));
    deliver(bench, "right");
    expect(bench.accounts.right.state.number).to.be.greaterThan(bench.accounts.left.state.number);
    reconnect(bench);
    settleDown(bench);
    expectAgreed(bench);
  });

  it("ACC-5: a frame that is the head is acknowledged again, an unknown answer is ignored", () => {
    const bench = creditedBench();
    run(bench, "left", submit(pay(1n)));
    const [packet] = bench.queues.right as [Packet];
    settleDown(bench);
    run(bench, "right", arrival(packet, bench.connection));
    expect(underWay(bench, "left")).to.deep.equal(["acknowledge"]);
    const before = bench.accounts.left;
    settleDown(bench);
    expect(bench.accounts.left).to.equal(before);
  });

  it("ACC-6: a side on an older disk freezes and says why; the other sends what it lacks", () => {
    const bench = creditedBench();
    const old = bench.accounts.left;
    run(bench, "right", submit(pay(1n)));
    settleDown(bench);
    run(bench, "right", submit(pay(1n)));
    settleDown(bench);
    bench.accounts.left = old;
    bench.effects.right.length = 0;
    reconnect(bench);
    settleDown(bench);
    expect(bench.accounts.left.frozen).to.match(/older disk/);
    expect(bench.accounts.right.frozen).to.equal(null);
    expect(bench.accounts.right.link.phase).to.equal("catchingUp");
    const history = bench.effects.right
      .flatMap((effect) => (effect.kind === "send" ? [effect.message] : []))
      .find(({ kind }) => kind === "history") as AccountMessage & { kind: "history" };
    expect(history.frames.map(({ number }) => number)).to.deep.equal(
      bench.accounts.right.recent.slice(-2).map(({ number }) => number),
    );
    run(bench, "right", submit(pay(1n)));
    expect(bench.accounts.right.inFlight, "it proposes nothing meanwhile").to.equal(null);
  });

  it("ACC-4: a frame in flight below what the peer says to have signed is taken back", () => {
    const bench = creditedBench();
    const { number, head } = bench.accounts.left.state;
    run(bench, "left", submit(pay(1n)));
    const burned = bench.accounts.left.inFlight?.frame.number as number;
    const highestSigned = burned + 3;
    run(bench, "left", { kind: "connect", connection: 50 });
    bench.connection = 50;
    const hello = { kind: "hello", epoch: 0, number, head, inFlight: ZERO_BYTES32 } as const;
    tell(bench, "left", { ...hello, highestSigned }, null);
    const { inFlight } = bench.accounts.left;
    expect(inFlight?.frame.number).to.be.greaterThan(highestSigned);
    expect(inFlight?.frame.transactions).to.deep.equal([pay(1n)]);
  });

  it("ACC-4: a frame below one that was signed is not acknowledged when it is repeated", () => {
    const bench = creditedBench();
    run(bench, "left", submit(pay(1n)));
    const [packet] = bench.queues.right.splice(0) as [Packet];
    const arrived = arrival(packet, bench.connection);
    run(bench, "right", arrived, submit(pay(2n)));
    bench.contexts.left = contextAt(START + MAX_CLOCK_SKEW + 1);
    deliver(bench, "left");
    deliver(bench, "right");
    // Right's frame above is burned, and none follows in this second; then the old one comes again.
    expect(bench.accounts.right.inFlight).to.equal(null);
    run(bench, "right", arrived);
    expect(underWay(bench, "left")).to.deep.equal([]);
    bench.contexts.right = contextAt(START + 30);
    run(bench, "right", arrived);
    settleDown(bench);
    expectAgreed(bench);
    expect(bench.accounts.left.headProof?.number).to.equal(bench.accounts.left.state.number);
  });

  it("ACC-6: heads without a common line freeze the account", () => {
    const bench = creditedBench();
    run(bench, "left", { kind: "connect", connection: 50 });
    bench.connection = 50;
    tell(
      bench,
      "left",
      {
        kind: "hello",
        epoch: 0,
        number: 2,
        head: keccakText("another line"),
        inFlight: ZERO_BYTES32,
        highestSigned: 2,
      },
      null,
    );
    expect(bench.accounts.left.frozen).to.match(/no common line/);
    run(bench, "left", submit(pay(1n)));
    expect(namesOf(bench, "left").slice(-2)).to.deep.equal(["frozen", "accountFrozen"]);
  });
});

describe("account: transcripts of the chain", () => {
  const rows = [{ token: 1, collateral: 40n, ondelta: 40n }];
  const block = { ...blockAt(5), epoch: 0, number: 0, rows };
  const observe: AccountInput = { kind: "observe", block };

  it("ACC-8: a due event goes first and alone; the receiver holds it until it is final there", () => {
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

describe("account: limits of what waits", () => {
  it("ACC-10: the mempool is bounded, and frames take what fits", () => {
    const bench = creditedBench();
    run(bench, "left", { kind: "disconnect" });
    const many = Array.from({ length: MAX_MEMPOOL + 1 }, () => ({ ...pay(1n), token: 9 }));
    run(bench, "left", submit(...(many as Transaction[])));
    expect(namesOf(bench, "left")).to.deep.equal(["mempoolFull"]);
    bench.accounts.left = { ...bench.accounts.left, mempool: [] };
    const paying = Array.from({ length: MAX_TRANSACTIONS + 5 }, (_, i) => pay(i % 2 ? 0n : 1n));
    const payable = paying.map(() => ({ ...pay(1n), token: 1 }) as Transaction);
    run(bench, "left", submit({ ...credit(5_000n) }, ...payable));
    run(bench, "right", submit(credit(5_000n)));
    reconnect(bench);
    settleDown(bench);
    expectAgreed(bench);
    const sizes = bench.effects.left.flatMap((effect) =>
      effect.kind === "committed" && effect.proposer === "left"
        ? [effect.frame.transactions.length]
        : [],
    );
    expect(Math.max(...sizes)).to.be.at.most(MAX_TRANSACTIONS);
  });

  it("ACC-8: only the machine proposes chain events", () => {
    const bench = creditedBench();
    const event: Transaction = {
      kind: "chainEvent",
      height: 1,
      blockHash: keccakText("any"),
      timestamp: START,
      epoch: 0,
      number: 0,
      rows: [],
    };
    run(bench, "left", submit(event));
    expect(namesOf(bench, "left")).to.deep.equal(["eventNotObserved"]);
  });
});
