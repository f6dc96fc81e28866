/** What the arms of one step share: the account as it becomes, and what it asks for. */
import type { Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { AccountEffect, SignatureSlot } from "./effect.ts";
import type { AccountMessage } from "./message.ts";
import type { Account, Context, DroppedTransaction } from "./types.ts";

export type Turn = {
  account: Account;
  readonly effects: AccountEffect[];
  readonly context: Context;
};

export function update(turn: Turn, changes: Partial<Account>): void {
  turn.account = { ...turn.account, ...changes };
}

export function send(turn: Turn, message: AccountMessage): void {
  turn.effects.push({ kind: "send", message, sign: null });
}

export function sendSigned(
  turn: Turn,
  message: AccountMessage,
  slot: SignatureSlot,
  digest: Bytes32,
): void {
  turn.effects.push({ kind: "send", message, sign: { slot, digest } });
}

/** The peer broke the protocol; people are told, the account is not changed by it. */
export function misbehave(turn: Turn, refusal: Refusal): void {
  turn.effects.push({ kind: "misbehaved", refusal });
}

/** Signs nothing any more; only a dispute ends the account. */
export function freeze(turn: Turn, reason: string, older = false): void {
  update(turn, { frozen: reason, held: null, acknowledgeDue: false, settlementDue: false });
  turn.effects.push({ kind: "frozen", reason, older });
}

/** Highest number that this side has signed or seen (ACC-4). */
export function highestKnown(account: Account): number {
  return Math.max(account.highestSigned, account.highestSeen);
}

/**
 * True when the peer's own signature is under the newest frame: what it acknowledged by building
 * on it, and the frame above was refused, lacks one until the peer's next frame (ACC-3).
 */
export function isHeadProved({ state, headProof }: Account): boolean {
  return state.number === 0 || headProof?.number === state.number;
}

/**
 * Own transactions that will not be tried again. Told at once unless a burned frame that may hold
 * them is numbered above the head: the peer could still enforce that one (ACC-4).
 */
export function drop(turn: Turn, dropped: readonly DroppedTransaction[]): void {
  if (dropped.length === 0) return;
  update(turn, { withheld: [...turn.account.withheld, ...dropped] });
  tellDropped(turn);
}

/** Tells what was withheld, once both sides have signed above every burned frame. */
export function tellDropped(turn: Turn): void {
  const { withheld, headProof, retryAbove } = turn.account;
  if (withheld.length === 0 || (headProof?.number ?? 0) < retryAbove) return;
  update(turn, { withheld: [] });
  for (const { transaction, refusal } of withheld) {
    turn.effects.push({ kind: "dropped", transaction, refusal });
  }
}
