/** Steps that the transcripts share. */
import { expect } from "chai";
import { decodeMessage } from "../../../keeper/account/codec.ts";
import type { AccountInput } from "../../../keeper/account/input.ts";
import type { AccountMessage, Claim } from "../../../keeper/account/message.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import { toHex } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import {
  type Bench,
  connectedBench,
  contextAt,
  type Packet,
  run,
  START,
  settleDown,
  WILLING,
} from "./pair.ts";

export const credit = (limit: bigint): Transaction => ({
  kind: "setCredit",
  token: 1,
  limit,
  softLimit: 0n,
});
export const pay = (amount: bigint): Transaction => ({ kind: "pay", token: 1, amount });

/** Kinds of what is under way to a side. */
export function underWay(bench: Bench, to: Side): string[] {
  return bench.queues[to].map(({ bytes }) => {
    const decoded = decodeMessage(bytes);
    return decoded.ok ? decoded.value.kind : decoded.refusal.code;
  });
}

export function expectAgreed(bench: Bench): void {
  const { left, right } = bench.accounts;
  expect(toHex(left.state.head)).to.equal(toHex(right.state.head));
  expect(left.state.number).to.equal(right.state.number);
  expect([left.inFlight, right.inFlight]).to.deep.equal([null, null]);
}

export function offdelta(bench: Bench): bigint | undefined {
  return bench.accounts.left.state.rows[0]?.offdelta;
}

export const plan = keccakText("plan");
export const hold: Transaction = {
  kind: "planHold",
  plan,
  deadline: START + 500,
  moves: [{ token: 1, amount: 5n }],
};
export const submit = (...transactions: readonly Transaction[]): AccountInput => ({
  kind: "submit",
  transactions,
});
export const REFUSING = contextAt(START, null, { ...WILLING, acceptsHold: () => false });

/** Both have given credit of 100 in token 1. */
export function creditedBench(): Bench {
  const bench = connectedBench();
  run(bench, "left", submit(credit(100n)));
  settleDown(bench);
  run(bench, "right", submit(credit(100n)));
  settleDown(bench);
  bench.effects.left.length = 0;
  bench.effects.right.length = 0;
  return bench;
}

export function namesOf(bench: Bench, side: Side): string[] {
  return bench.effects[side].map((effect) => {
    if (effect.kind === "send") return effect.message.kind;
    if (effect.kind === "dropped" || effect.kind === "misbehaved") return effect.refusal.code;
    return effect.kind;
  });
}

/** Delivers a message of our own making, as a liar's keeper would. */
export function tell(bench: Bench, to: Side, message: AccountMessage, claim: Claim | null): void {
  run(bench, to, { kind: "message", connection: bench.connection, message, claim });
}

export function messageAt(bench: Bench, to: Side, index = 0): AccountMessage {
  const decoded = decodeMessage((bench.queues[to][index] as Packet).bytes);
  if (!decoded.ok) throw new Error(decoded.refusal.message);
  return decoded.value;
}
