/** Two sides whose states or rules really differ: both roots, and where they part (ACC-2). */
import { expect } from "chai";
import { describe, it } from "mocha";
import { MAX_TRANSACTIONS, TRAIL_STEP_BYTES } from "../../../../keeper/account/limit.ts";
import { otherSide } from "../../../../keeper/account/number.ts";
import { partingOf, trailOf } from "../../../../keeper/account/trail.ts";
import type { Transaction } from "../../../../keeper/account/transaction.ts";
import type { AccountState, InFlight, TokenRow } from "../../../../keeper/account/types.ts";
import { EMPTY_BYTES, toHex } from "../../../../keeper/base/bytes.ts";
import { createRandom } from "../../../../keeper/base/random.ts";
import type { Refusal } from "../../../../keeper/base/result.ts";
import { keccakText } from "../../../../keeper/codec/keccak.ts";
import type { Side } from "../../../../keeper/jurisdiction/types.ts";
import { type Bench, contextAt, deliver, run, START, settleDown, WILLING } from "../pair.ts";
import { creditedBench, expectAgreed, messageAt, offdelta, pay, submit } from "../transcript.ts";

function holdOf(name: string): Transaction & { kind: "planHold" } {
  const plan = keccakText(name);
  return { kind: "planHold", plan, deadline: START + 500, moves: [{ token: 1, amount: 1n }] };
}

/** Plants another state under the same head, as a fault of memory or of an older rule would. */
function plant(bench: Bench, side: Side, change: (state: AccountState) => AccountState): void {
  const account = bench.accounts[side];
  bench.accounts[side] = { ...account, state: change(account.state) };
}

/** What people were told last on a side. */
function toldOf(bench: Bench, side: Side): Refusal {
  const told = bench.effects[side].findLast(({ kind }) => kind === "misbehaved");
  if (told?.kind !== "misbehaved") throw new Error("nobody was told");
  return told.refusal;
}

function inFlightOf(bench: Bench, side: Side): InFlight {
  const { inFlight } = bench.accounts[side];
  if (inFlight === null) throw new Error("nothing in flight");
  return inFlight;
}

/**
 * Two slots were freed in the one order on left and in the other on right. Nothing shows it until
 * a hold takes a slot: the roots are equal before, and differ from then on.
 */
function benchWithHiddenDifference(): Bench {
  const bench = creditedBench();
  const holds = ["a", "b", "c"].map(holdOf);
  run(bench, "left", submit(...holds));
  settleDown(bench);
  const aborts = holds.slice(0, 2).map(({ plan }) => ({ kind: "planAbort" as const, plan }));
  run(bench, "left", submit(...aborts));
  settleDown(bench);
  expectAgreed(bench);
  plant(bench, "right", (state) => {
    const { conditions } = state;
    expect(conditions.free).to.have.length(2);
    return { ...state, conditions: { ...conditions, free: conditions.free.toReversed() } };
  });
  return bench;
}

describe("account: where two sides part (ACC-2)", () => {
  for (const index of [0, 1, 3]) {
    it(`ACC-2: both roots and transaction ${index}, the first that differs, are told`, () => {
      const bench = benchWithHiddenDifference();
      const frame: Transaction[] = [1n, 2n, 3n].map(pay);
      frame.splice(index, 0, holdOf("d"));
      run(bench, "left", submit(...frame));
      const { number, stateRoot } = inFlightOf(bench, "left").frame;
      const before = bench.accounts.right.state;
      deliver(bench, "right");
      const refusal = messageAt(bench, "left");
      if (refusal.kind !== "refuse") throw new Error(refusal.kind);
      expect(refusal).to.include({ code: "stateRootDiffers", transaction: -1 });
      expect(refusal.trail.length).to.equal((frame.length + 1) * TRAIL_STEP_BYTES);
      deliver(bench, "left");
      const roots = [toHex(stateRoot), toHex(refusal.stateRoot)];
      expect(roots[0]).to.not.equal(roots[1]);
      expect(toldOf(bench, "right").details).to.deep.equal({
        frame: `${number}`,
        ours: roots[1],
        theirs: roots[0],
      });
      expect(toldOf(bench, "left")).to.deep.include({
        code: "stateRootDiffers",
        details: {
          frame: `${number}`,
          ours: roots[0],
          theirs: roots[1],
          transaction: `${index}, planHold`,
        },
      });
      // Nothing changed: the frame is burned, its transactions wait as before.
      expect(bench.accounts.right.state).to.equal(before);
      expect(bench.accounts.left.inFlight).to.equal(null);
      expect(bench.accounts.left.mempool).to.deep.equal(frame);
    });
  }

  it("ACC-2: states that differed before the frame are told as such, however small the frame", () => {
    const bench = creditedBench();
    plant(bench, "right", (state) => {
      const [row] = state.rows as [TokenRow];
      return { ...state, rows: [{ ...row, leftSoftLimit: row.leftSoftLimit + 1n }] };
    });
    run(bench, "left", submit(pay(1n)));
    deliver(bench, "right");
    deliver(bench, "left");
    const { transaction } = toldOf(bench, "left").details ?? {};
    expect(transaction).to.equal("none: they differed before this frame");
  });

  it("ACC-2: once the difference is mended the same transactions are agreed", () => {
    const bench = benchWithHiddenDifference();
    const healthy = bench.accounts.left.state;
    run(bench, "left", submit(pay(1n), holdOf("d")));
    deliver(bench, "right");
    deliver(bench, "left");
    plant(bench, "right", () => healthy);
    for (const side of ["left", "right"] as const) bench.contexts[side] = contextAt(START + 1);
    run(bench, "left");
    settleDown(bench);
    expectAgreed(bench);
    expect(offdelta(bench)).to.equal(-1n);
  });

  it("ACC-2: a proposer whose own plans moved on names the first that it cannot run again", () => {
    const bench = benchWithHiddenDifference();
    run(bench, "left", submit(pay(1n), holdOf("d")));
    deliver(bench, "right");
    bench.contexts.left = contextAt(START, null, { ...WILLING, acceptsHold: () => false });
    deliver(bench, "left");
    expect(toldOf(bench, "left").details).to.include({ transaction: "1, planHold" });
  });

  it("ACC-2: a peer that tells nothing, or too much, of its own run harms nobody", () => {
    for (const trail of [EMPTY_BYTES, new Uint8Array((MAX_TRANSACTIONS + 1) * TRAIL_STEP_BYTES)]) {
      const bench = creditedBench();
      run(bench, "left", submit(pay(1n)));
      const { hash, frame } = inFlightOf(bench, "left");
      const stateRoot = keccakText("another root");
      const refusal = { kind: "refuse", frame: hash, highest: 0, transaction: -1 } as const;
      const message = { ...refusal, code: "stateRootDiffers", stateRoot, trail };
      run(bench, "left", { kind: "message", connection: bench.connection, message, claim: null });
      expect(toldOf(bench, "left").details?.frame).to.equal(`${frame.number}`);
      expect(bench.accounts.left.mempool).to.deep.equal([pay(1n)]);
    }
  });
});

describe("account: trails of two rules (ACC-2)", () => {
  it("ACC-2: a rule that differs for one transaction is found at that one", () => {
    const random = createRandom("two rules");
    for (let round = 0; round < 200; round++) {
      const bench = creditedBench();
      const { state, pending } = bench.accounts.right;
      const count = random.between(1, 40);
      const transactions = Array.from({ length: count }, (_, at) =>
        random.chance(1, 4) ? holdOf(`${round}/${at}`) : pay(BigInt(random.between(1, 2))),
      );
      const index = random.below(count);
      // The double's rule moves one more than the transaction says, in this one alone.
      const other = transactions.with(index, anotherRule(transactions[index] as Transaction));
      const [own, foreign] = [transactions, other].map((run) => {
        const frame = { number: state.number + 3, timestamp: START, transactions: run };
        const proposer = otherSide(bench.accounts.right.me);
        return trailOf(state, frame, proposer, pending, contextAt(START));
      }) as [Uint8Array, Uint8Array];
      expect(own.length).to.equal((count + 1) * TRAIL_STEP_BYTES);
      expect(partingOf(own, foreign), `round ${round}`).to.equal(index);
      expect(partingOf(own, own)).to.equal(count);
    }
  });

  it("ACC-2: what each kind of transaction changes shows in the trail", () => {
    const bench = creditedBench();
    const { state, pending } = bench.accounts.left;
    const diff = { token: 1, leftDiff: 5n, rightDiff: -5n, collateralDiff: 0n, ondeltaDiff: -5n };
    const propose = (deadline: number): Transaction => ({
      kind: "proposeSettlement",
      deadline,
      diffs: [diff],
    });
    const credit = (limit: bigint, softLimit: bigint): Transaction => ({
      kind: "setCredit",
      token: 2,
      limit,
      softLimit,
    });
    const pairs: readonly [Transaction, Transaction][] = [
      [pay(1n), pay(2n)],
      [credit(1n, 0n), credit(2n, 0n)],
      [credit(1n, 0n), credit(1n, 1n)],
      [propose(START + 900), propose(START + 901)],
      [holdOf("a"), holdOf("b")],
      [holdOf("a"), { ...holdOf("a"), deadline: START + 501 }],
    ];
    for (const pair of pairs) {
      const [one, two] = pair.map((transaction) => {
        const frame = { number: state.number + 2, timestamp: START, transactions: [transaction] };
        return trailOf(state, frame, "left", pending, contextAt(START));
      }) as [Uint8Array, Uint8Array];
      expect([one.length, two.length]).to.deep.equal([16, 16]);
      expect(partingOf(one, two)).to.equal(0);
    }
  });
});

function anotherRule(transaction: Transaction): Transaction {
  if (transaction.kind === "pay") return { ...transaction, amount: transaction.amount + 1n };
  if (transaction.kind !== "planHold") throw new Error("not planned for");
  const moves = transaction.moves.map((move) => ({ ...move, amount: move.amount + 1n }));
  return { ...transaction, moves };
}
