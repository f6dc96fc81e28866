import { expect } from "chai";
import { describe, it } from "mocha";
import { MAX_CLOCK_SKEW, MAX_MEMPOOL, MAX_TRANSACTIONS } from "../../../../keeper/account/limit.ts";
import type { AccountMessage } from "../../../../keeper/account/message.ts";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import { ZERO_BYTES32 } from "../../../../keeper/base/bytes.ts";
import { keccakText } from "../../../../keeper/codec/keccak.ts";
import {
  arrival,
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
  namesOf,
  pay,
  submit,
  tell,
  underWay,
} from "../transcript.ts";

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
