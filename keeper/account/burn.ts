/** What becomes of an own frame that is taken back or refused (ACC-4). */
import { assert } from "../base/assert.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { AccountInput } from "./input.ts";
import type { AccountMessage } from "./message.ts";
import { isOutOfReach } from "./number.ts";
import { partingOf, trailOf } from "./trail.ts";
import { drop, highestKnown, misbehave, type Turn, update } from "./turn.ts";
import type { InFlight } from "./types.ts";

/**
 * Burns the frame in flight: nothing with its number is ever signed again. Its transactions return
 * to the front of the mempool; chain events are proposed anew from what the watcher saw.
 * @param refused index of the one that its content forbids, which is dropped, or -1
 */
export function burn(turn: Turn, refused: number, refusal: Refusal | null): void {
  const { inFlight, mempool, retryAbove } = turn.account;
  assert(inFlight, "nothing is in flight");
  const { transactions, number } = inFlight.frame;
  const returned = transactions.filter(
    ({ kind }, index) => kind !== "chainEvent" && index !== refused,
  );
  update(turn, {
    inFlight: null,
    mempool: returned.length === 0 ? mempool : [...returned, ...mempool],
    retryAbove: Math.max(retryAbove, number),
  });
  const transaction = transactions[refused];
  if (transaction !== undefined && transaction.kind !== "chainEvent" && refusal !== null) {
    drop(turn, [{ transaction, refusal }]);
  }
}

/**
 * This log is older than its guard, which has signed up to `mark`: a frame that it refused is
 * burned, and another is due above all that it remembers. That one also stands for an answer to
 * the peer's frame that was refused, since it is built on that frame (ACC-3).
 */
export function outgrow(turn: Turn, input: AccountInput & { kind: "numberTaken" }): void {
  const { state, inFlight } = turn.account;
  if (input.epoch !== state.epoch) return;
  if (inFlight?.frame.number === input.number) burn(turn, -1, null);
  const { highestSigned, retryAbove } = turn.account;
  update(turn, {
    highestSigned: Math.max(highestSigned, input.mark),
    retryAbove: Math.max(retryAbove, input.mark),
  });
}

/** The code of a refusal of a frame that leads elsewhere on the other side. */
export const STATE_ROOT_DIFFERS = "stateRootDiffers";

/** The code of a refusal that the next number cures: the frame was refused before, or too low. */
export const NUMBER_TOO_LOW = "numberTooLow";

/** The peer refused a frame; one that is not in flight is nothing to us (ACC-5). */
export function receiveRefuse(turn: Turn, message: AccountMessage & { kind: "refuse" }): void {
  const { inFlight, highestSeen } = turn.account;
  if (inFlight === null || !equalBytes(inFlight.hash, message.frame)) return;
  if (isOutOfReach(message.highest, highestKnown(turn.account))) {
    const details = { highest: `${message.highest}` };
    return misbehave(turn, { code: "numberJump", message: "the number is out of reach", details });
  }
  const { frame } = inFlight;
  const kind = frame.transactions[message.transaction]?.kind;
  const blamesContent = kind !== undefined && kind !== "chainEvent";
  if (message.code === STATE_ROOT_DIFFERS && !blamesContent) tellParting(turn, inFlight, message);
  update(turn, { highestSeen: Math.max(highestSeen, message.highest) });
  burn(turn, message.transaction, {
    code: message.code,
    message: "the other side refused this by its content",
    details: { frame: `${frame.number}` },
  });
  if (!blamesContent && message.code !== NUMBER_TOO_LOW) pause(turn, frame);
}

/**
 * The two sides compute different states (ACC-2): people are told both roots and the first
 * transaction that differs. The pause that follows bounds how often a peer can ask for this.
 */
function tellParting(
  turn: Turn,
  { frame }: InFlight,
  message: AccountMessage & { kind: "refuse" },
): void {
  const { state, me, pending } = turn.account;
  const own = trailOf(state, frame, me, pending, turn.context);
  const index = partingOf(own, message.trail);
  const kind = frame.transactions[index]?.kind;
  const transaction =
    index < 0 ? "none: they differed before this frame" : `${index}, ${kind ?? "none of them"}`;
  const details = {
    frame: `${frame.number}`,
    ours: toHex(frame.stateRoot),
    theirs: toHex(message.stateRoot),
    transaction,
  };
  misbehave(turn, {
    code: STATE_ROOT_DIFFERS,
    message: "the two sides compute different states of the account",
    details,
  });
}

/**
 * The same again would be refused again, unless a newer timestamp cures it: the next proposal
 * waits until the clock has moved, or two keepers would argue as fast as they can.
 */
function pause(turn: Turn, frame: { readonly timestamp: number }): void {
  const { now } = turn.context;
  if (Math.max(now, turn.account.state.timestamp) > frame.timestamp) return;
  update(turn, { notBefore: now + 1 });
}
