import { unreachable } from "../base/assert.ts";
import { equalBytes } from "../base/bytes.ts";
import { outgrow, receiveRefuse } from "./burn.ts";
import type { AccountEffect } from "./effect.ts";
import { connect, disconnect, receiveHello } from "./exchange.ts";
import { moveHead } from "./head.ts";
import type { AccountInput } from "./input.ts";
import { MAX_MEMPOOL } from "./limit.ts";
import type { Claim } from "./message.ts";
import { addPending } from "./pending.ts";
import { propose } from "./proposal.ts";
import { receiveFrame, retryHeld } from "./receive.ts";
import { proofDigestOf } from "./root.ts";
import { receiveSettlement, sendSettlementSignature } from "./settlement.ts";
import type { Transaction } from "./transaction.ts";
import { freeze, misbehave, sendSigned, type Turn, update } from "./turn.ts";
import type { Account, Context, ObservedBlock } from "./types.ts";

/**
 * The bilateral machine: one side's replica of an account, one input, and what follows from it
 * (ACC-1 to ACC-6, ACC-8 to ACC-10). The same account comes back when nothing changed.
 */
export function step(
  account: Account,
  input: AccountInput,
  context: Context,
): { readonly account: Account; readonly effects: readonly AccountEffect[] } {
  const turn: Turn = { account, effects: [], context };
  switch (input.kind) {
    case "submit":
      submit(turn, input.transactions);
      break;
    case "message":
      if (account.frozen === null) receive(turn, input);
      break;
    case "connect":
      if (account.frozen === null) connect(turn, input.connection);
      break;
    case "disconnect":
      disconnect(turn);
      break;
    case "observe":
      if (account.frozen === null) observe(turn, input.block);
      break;
    case "final":
      retryHeld(turn);
      break;
    case "numberTaken":
      if (account.frozen === null) outgrow(turn, input);
      break;
    case "flush":
      if (account.frozen === null) flush(turn);
      break;
    default:
      return unreachable(input);
  }
  return { account: turn.account, effects: turn.effects };
}

function submit(turn: Turn, transactions: readonly Transaction[]): void {
  const { mempool, frozen } = turn.account;
  const accepted: Transaction[] = [];
  for (const transaction of transactions) {
    const refusal =
      frozen !== null
        ? { code: "accountFrozen", message: `only a dispute ends this account: ${frozen}` }
        : transaction.kind === "chainEvent"
          ? { code: "eventNotObserved", message: "the machine enters what its watcher saw" }
          : mempool.length + accepted.length >= MAX_MEMPOOL && !isOwed(transaction)
            ? { code: "mempoolFull", message: "wait until the peer has signed what waits" }
            : null;
    if (refusal === null) accepted.push(transaction);
    else turn.effects.push({ kind: "dropped", transaction, refusal });
  }
  if (accepted.length > 0) update(turn, { mempool: [...mempool, ...accepted] });
}

/**
 * What this side must say to end what it has begun. It is never dropped for want of room: a plan's
 * leg would be held, or not applied, for ever. What both sides hold bounds how many there are.
 */
function isOwed({ kind }: Transaction): boolean {
  return kind === "planCommit" || kind === "planAbort" || kind === "signSettlement";
}

/** A message counts only on its connection, after the exchange there (ACC-5). */
function receive(turn: Turn, input: AccountInput & { kind: "message" }): void {
  const { link } = turn.account;
  const { message, connection, claim } = input;
  if (link.phase === "down" || link.connection !== connection) return;
  if (link.phase === "exchanging") {
    if (message.kind === "hello") receiveHello(turn, connection, message);
    return;
  }
  if (link.phase === "catchingUp") return;
  switch (message.kind) {
    case "hello":
      return; // Repeated: the exchange is done.
    case "frame":
      return receiveFrame(turn, message.frame, claim);
    case "acknowledge":
      return receiveAcknowledge(turn, message.frame, claim);
    case "refuse":
      return receiveRefuse(turn, message);
    case "history":
      return; // Only of use to a side on an older disk, and that one is frozen.
    case "settlement":
      return receiveSettlement(turn, message.number, claim);
    default:
      return unreachable(message);
  }
}

/** The peer signed the frame in flight; an acknowledgement of anything else is ignored. */
function receiveAcknowledge(turn: Turn, frame: Uint8Array, claim: Claim | null): void {
  const { inFlight, me } = turn.account;
  if (inFlight === null || !equalBytes(inFlight.hash, frame)) return;
  if (claim === null) {
    return misbehave(turn, { code: "claimMissing", message: "an acknowledgement comes signed" });
  }
  if (!equalBytes(claim.digest, inFlight.proofDigest)) {
    const message = "the signature is under another proof";
    return misbehave(turn, { code: "digestDiffers", message });
  }
  update(turn, { inFlight: null });
  moveHead(turn, { ...inFlight, proposer: me, digest: inFlight.proofDigest }, claim);
}

function observe(turn: Turn, block: ObservedBlock): void {
  const { state, pending } = turn.account;
  if (block.epoch !== state.epoch) {
    return freeze(turn, `the account is in epoch ${block.epoch} on chain, in ${state.epoch} here`);
  }
  const grown = addPending(pending, state.observed.height, block);
  if (grown !== pending) update(turn, { pending: grown });
  retryHeld(turn);
}

/** End of a tick: the answer that is owed rides on the next frame if there is one (ACC-3). */
function flush(turn: Turn): void {
  if (turn.account.link.phase !== "ready") return;
  const proposed = propose(turn);
  if (turn.account.frozen !== null) return;
  if (!proposed && turn.account.acknowledgeDue) acknowledge(turn);
  sendSettlementSignature(turn);
}

function acknowledge(turn: Turn): void {
  const { state, headProof } = turn.account;
  const { epoch, number, head } = state;
  const known = headProof?.number === number ? headProof.digest : null;
  const digest = known ?? proofDigestOf(turn.context.jurisdiction.domain, state);
  update(turn, { acknowledgeDue: false });
  sendSigned(turn, { kind: "acknowledge", frame: head }, { kind: "proof", epoch, number }, digest);
}
