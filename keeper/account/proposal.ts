/** What this side proposes at the end of a tick (ACC-1, ACC-3, ACC-4, ACC-8). */
import { assert } from "../base/assert.ts";
import type { Refusal } from "../base/result.ts";
import { encodeFrame } from "./codec.ts";
import { frameHash } from "./digest.ts";
import { createDraft, type Draft, finishDraft } from "./draft.ts";
import { MAX_FRAME_BYTES, MAX_TRANSACTIONS } from "./limit.ts";
import { nextNumber } from "./number.ts";
import { dueEvents } from "./pending.ts";
import { proofDigestOf, stateRoot } from "./root.ts";
import { apply } from "./transaction/apply.ts";
import { sizeBound } from "./transaction/codec.ts";
import type { Transaction } from "./transaction.ts";
import { drop, freeze, highestKnown, isHeadProved, sendSigned, type Turn, update } from "./turn.ts";
import type { Account, Context, DroppedTransaction, Frame, InFlight } from "./types.ts";

/** Bytes of a frame besides its transactions, at most. */
const FRAME_OVERHEAD = 128;

type Selection = {
  readonly taken: Transaction[];
  readonly dropped: DroppedTransaction[];
  /** Of the settlement that the frame signs, 0 for none. */
  settlementNumber: number;
  /** How many of the queue were looked at. */
  used: number;
};

/**
 * Proposes what waits: chain events that are due and nothing else, or the mempool, or an empty
 * frame above one that was burned. Returns false when there is nothing to propose, or not now.
 */
export function propose(turn: Turn): boolean {
  const { account, context } = turn;
  if (!mayPropose(account, context)) return false;
  const { state, mempool } = account;
  const events = dueEvents(state, account.pending, context.final);
  const queue = events.length > 0 ? events : mempool;
  const mustFollow = account.retryAbove > state.number;
  if (queue.length === 0 && !mustFollow) return false;

  const draft = createDraft(state);
  const selection = select(turn, draft, queue);
  if (events.length > 0 && selection.dropped.length > 0) {
    return refuseOwnEvent(turn, (selection.dropped[0] as DroppedTransaction).refusal);
  }
  if (events.length === 0) {
    update(turn, { mempool: mempool.slice(selection.used) });
    drop(turn, selection.dropped);
  }
  if (selection.taken.length === 0 && !mustFollow) return false;
  const inFlight = buildFrame(turn, draft, selection);
  update(turn, {
    inFlight,
    highestSigned: inFlight.frame.number,
    acknowledgeDue: false,
  });
  sendInFlight(turn);
  return true;
}

/** Sends the frame in flight, for the first time or again: the same bytes, the same digest. */
export function sendInFlight(turn: Turn): void {
  const { inFlight } = turn.account;
  assert(inFlight, "nothing is in flight");
  const { frame, bytes, proofDigest } = inFlight;
  const slot = { kind: "proof", epoch: frame.epoch, number: frame.number } as const;
  sendSigned(turn, { kind: "frame", frame: bytes }, slot, proofDigest);
}

function mayPropose(account: Account, context: Context): boolean {
  return (
    account.link.phase === "ready" &&
    account.inFlight === null &&
    account.held === null &&
    context.now >= account.notBefore &&
    isHeadProved(account)
  );
}

/** Runs the queue on the draft until a limit of the frame is reached. */
function select(turn: Turn, draft: Draft, queue: readonly Transaction[]): Selection {
  const { account, context } = turn;
  const first = nextNumber(account.me, highestKnown(account));
  const selection: Selection = { taken: [], dropped: [], settlementNumber: 0, used: 0 };
  const facts = {
    proposer: account.me,
    number: first + 2, // The frame's own number if it signs a settlement; else nothing reads it.
    timestamp: timestampOf(account, context),
    pending: account.pending,
  };
  let bytes = FRAME_OVERHEAD;
  for (const waiting of queue) {
    if (selection.taken.length === MAX_TRANSACTIONS) break;
    const size = sizeBound(waiting);
    if (bytes + size > MAX_FRAME_BYTES && selection.taken.length > 0) break;
    const signs = waiting.kind === "signSettlement";
    const transaction = signs ? { ...waiting, number: first } : waiting;
    selection.used += 1;
    const refusal = apply(draft, transaction, facts, context);
    if (refusal !== null) {
      selection.dropped.push({ transaction: waiting, refusal });
      continue;
    }
    selection.taken.push(transaction);
    if (signs) selection.settlementNumber = first;
    bytes += size;
  }
  return selection;
}

function buildFrame(turn: Turn, draft: Draft, selection: Selection): InFlight {
  const { account, context } = turn;
  const { me, state: base } = account;
  const first = nextNumber(me, highestKnown(account));
  const number = selection.settlementNumber === 0 ? first : first + 2;
  const timestamp = timestampOf(account, context);
  const unsealed = finishDraft(draft, { number, timestamp });
  const frame: Frame = {
    epoch: base.epoch,
    number,
    previousHash: base.head,
    timestamp,
    transactions: selection.taken,
    stateRoot: stateRoot(unsealed),
  };
  const bytes = encodeFrame(frame);
  assert(bytes.length <= MAX_FRAME_BYTES, "own frame too long", { length: bytes.length });
  const hash = frameHash(base.key, base.head, me, bytes);
  const state = { ...unsealed, head: hash };
  const proofDigest = proofDigestOf(context.jurisdiction.domain, state);
  const acknowledges = account.acknowledgeDue;
  return { frame, bytes, hash, state, proofDigest, acknowledges };
}

/** Never before the head's: time does not go back within an account. */
function timestampOf(account: Account, context: Context): number {
  return Math.max(context.now, account.state.timestamp);
}

/** An event that our own watcher saw cannot be entered: the chain left what both have signed. */
function refuseOwnEvent(turn: Turn, refusal: Refusal): false {
  if (refusal.code === "eventNotFinal") return false;
  freeze(turn, `a final chain event cannot be entered: ${refusal.code}, ${refusal.message}`);
  return false;
}
