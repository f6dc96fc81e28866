import { expect } from "chai";
import { describe, it } from "mocha";
import { execute } from "../../../keeper/account/execute.ts";
import { MAX_MEMPOOL, MAX_NUMBER, MAX_NUMBER_JUMP } from "../../../keeper/account/limit.ts";
import { nextNumber } from "../../../keeper/account/number.ts";
import { openAccount } from "../../../keeper/account/open.ts";
import { step } from "../../../keeper/account/step.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Account, Context } from "../../../keeper/account/types.ts";
import { EMPTY_BYTES, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { openGuard } from "../../../keeper/signer/guard.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { personOf } from "../runtime/world.ts";
import { ask, proof, settlement } from "../signer/fixture.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";

const alice = personOf("alice");
const mallory = personOf("mallory");
const plan = keccakText("a plan");
const acceptsAll = { acceptsHold: () => true, acceptsCertificate: () => true, mayAbort: true };
const context: Context = {
  jurisdiction,
  final: null,
  tokens: 0,
  now: 1_000,
  plan: () => acceptsAll,
};

const credit: Transaction = { kind: "setCredit", token: 1, limit: 100n, softLimit: 100n };

function hello(highestSigned: number) {
  const zero = { head: ZERO_BYTES32, inFlight: ZERO_BYTES32 };
  const message = { kind: "hello", epoch: 0, number: 0, ...zero, highestSigned } as const;
  return { kind: "message", connection: 1, message, claim: null } as const;
}

function connected(account: Account, highestSigned: number): Account {
  const calling = step(account, { kind: "connect", connection: 1 }, context).account;
  return step(calling, hello(highestSigned), context).account;
}

function fresh(): Account {
  return openAccount(alice.id, mallory.id, jurisdiction);
}

describe("a lying peer", () => {
  it("ACC-4: cannot drive the numbers of an account past what can be written", () => {
    // Each exchange may raise the number by a jump: two million of them are a few hours' work.
    let account: Account = { ...fresh(), highestSeen: MAX_NUMBER - MAX_NUMBER_JUMP };
    account = connected(account, MAX_NUMBER + 1);
    expect(account.link.phase).to.equal("exchanging");
    account = connected(account, MAX_NUMBER);
    account = step(account, { kind: "submit", transactions: [credit] }, context).account;
    for (let count = 0; count < 10; count++) {
      account = step(account, { kind: "flush" }, context).account;
      const { inFlight } = account;
      expect(inFlight?.frame.number).to.be.greaterThan(MAX_NUMBER);
      const refusal = {
        kind: "refuse",
        frame: inFlight?.hash ?? ZERO_BYTES32,
        highest: Number.MAX_SAFE_INTEGER,
        code: "numberTooLow",
        transaction: -1,
        stateRoot: ZERO_BYTES32,
        trail: EMPTY_BYTES,
      } as const;
      const input = { kind: "message", connection: 1, message: refusal, claim: null } as const;
      const told = step(account, input, context);
      expect(told.effects.map(({ kind }) => kind)).to.deep.equal(["misbehaved"]);
      account = step(
        told.account,
        { ...input, message: { ...refusal, highest: 0 } },
        context,
      ).account;
    }
  });

  it("ACC-10 BFT-4: the guard can write down every number that an account may come to", async () => {
    const journal = createMemoryJournal();
    const guard = await openGuard(journal);
    const first = nextNumber("left", MAX_NUMBER);
    const requests = [ask(settlement(first), "s"), ask(proof(first + 2), "p")];
    expect(guard.admit(requests).map(({ refusal }) => refusal)).to.deep.equal([null, null]);
    await guard.settle();
    const again = await openGuard(createMemoryJournal(journal.durable()));
    expect(again.admit(requests).map(({ refusal }) => refusal)).to.deep.equal([null, null]);
    expect(again.admit([ask(proof(first + 2), "q")])[0]?.refusal?.refusal.code).to.equal(
      "guardConflict",
    );
  });

  it("NET-5: a plan's legs are not held again by the frame that let them go", () => {
    const moves = [{ token: 1, amount: 10n }];
    const hold: Transaction = { kind: "planHold", plan, deadline: 2_000, moves };
    const abort: Transaction = { kind: "planAbort", plan };
    const run = (transactions: readonly Transaction[]) => {
      const frame = { number: 3, timestamp: 1_000, transactions };
      const done = execute(fresh().state, frame, "left", [], context);
      return done.ok ? done.state.conditions.slots.length : done.refusal.code;
    };
    expect(run([credit, hold])).to.equal(1);
    expect(run([credit, hold, abort])).to.equal(0);
    expect(run([credit, hold, abort, hold])).to.equal("alreadyHeld");
  });

  it("NET-5: what ends a plan or answers a settlement is not dropped when the mempool is full", () => {
    const full = Array.from({ length: MAX_MEMPOOL }, () => credit);
    const busy = step(fresh(), { kind: "submit", transactions: full }, context).account;
    const dropped = (transaction: Transaction) =>
      step(busy, { kind: "submit", transactions: [transaction] }, context).effects.length;
    expect(dropped(credit)).to.equal(1);
    expect(dropped({ kind: "planCommit", plan, certificate: new Uint8Array(3) })).to.equal(0);
    expect(dropped({ kind: "planAbort", plan })).to.equal(0);
    expect(dropped({ kind: "signSettlement", number: 0 })).to.equal(0);
  });
});
