/** A peer's frame: is it its turn, what does it lead to, is it signed (ACC-2 to ACC-5, ACC-8). */
import { assert } from "../base/assert.ts";
import {
  type Bytes,
  type Bytes32,
  EMPTY_BYTES,
  equalBytes,
  toHex,
  ZERO_BYTES32,
} from "../base/bytes.ts";
import { type Refusal, refuse as refusal } from "../base/result.ts";
import { burn, NUMBER_TOO_LOW, STATE_ROOT_DIFFERS } from "./burn.ts";
import { decodeFrame } from "./codec.ts";
import { frameHash } from "./digest.ts";
import { execute } from "./execute.ts";
import { moveHead } from "./head.ts";
import { MAX_CLOCK_SKEW, MAX_EVENT_LEAD } from "./limit.ts";
import type { Claim } from "./message.ts";
import { isOutOfReach, otherSide, sideOfNumber } from "./number.ts";
import { highestEvent } from "./pending.ts";
import { sendInFlight } from "./proposal.ts";
import { proofDigestOf } from "./root.ts";
import { trailOf } from "./trail.ts";
import { highestKnown, misbehave, send, type Turn, update } from "./turn.ts";
import type { Frame, HeldFrame } from "./types.ts";

/** A frame came, on a connection whose exchange is complete. */
export function receiveFrame(turn: Turn, bytes: Bytes, claim: Claim | null): void {
  if (claim === null) {
    return misbehave(turn, refusal("claimMissing", "a frame comes signed").refusal);
  }
  if (isHead(turn, bytes)) return acknowledgeAgain(turn);
  if (turn.account.held !== null && equalBytes(turn.account.held.bytes, bytes)) return;
  const { state, inFlight, me } = turn.account;
  const bases = inFlight === null ? [state.head] : [state.head, inFlight.hash];
  const decoded = decodeFrame(bytes, bases);
  if (!decoded.ok) {
    // What is built on neither was sent before its sender knew better (ACC-5).
    if (decoded.refusal.code !== "baseUnknown") misbehave(turn, decoded.refusal);
    return;
  }
  const frame = decoded.value;
  if (sideOfNumber(frame.number) === me || frame.number < 2) {
    const details = { number: `${frame.number}` };
    return misbehave(turn, refusal("numberOfOther", "not the sender's number", details).refusal);
  }
  if (isOutOfReach(frame.number, highestKnown(turn.account))) {
    const details = { number: `${frame.number}` };
    return misbehave(turn, refusal("numberJump", "the number is out of reach", details).refusal);
  }
  if (!isItsTurn(turn, frame, bytes)) return;
  update(turn, { held: null, highestSeen: Math.max(turn.account.highestSeen, frame.number) });
  judge(turn, frame, bytes, claim);
}

/** Looks again at a held frame, once the own watcher has the block that it names (ACC-8). */
export function retryHeld(turn: Turn): void {
  const { held, state } = turn.account;
  const { final } = turn.context;
  if (held === null || final === null || final.height < held.waitsFor) return;
  const decoded = decodeFrame(held.bytes, [state.head]);
  assert(decoded.ok, "a held frame is not built on the head");
  update(turn, { held: null });
  judge(turn, decoded.value, held.bytes, held);
}

/**
 * The peer waits for an answer to the frame that is the head: it gets what it got before. Where
 * this side has signed above it, only the frame above may stand for it; when that one was burned,
 * the next proposal does.
 */
export function acknowledgeAgain(turn: Turn): void {
  const { inFlight, highestSigned, state } = turn.account;
  if (inFlight !== null) return sendInFlight(turn);
  if (highestSigned <= state.number) update(turn, { acknowledgeDue: true });
}

function isHead(turn: Turn, bytes: Bytes): boolean {
  const newest = turn.account.recent.at(-1);
  return (
    newest !== undefined && newest.proposer !== turn.account.me && equalBytes(newest.bytes, bytes)
  );
}

/** Decides by number (ACC-4); an own frame that loses is taken back before the other is judged. */
function isItsTurn(turn: Turn, frame: Frame, bytes: Bytes): boolean {
  const { account } = turn;
  const { inFlight, held } = account;
  if (inFlight !== null) {
    if (frame.number < inFlight.frame.number) return false;
    if (equalBytes(frame.previousHash, inFlight.hash)) {
      acknowledgedByBuildingOn(turn);
      return true;
    }
    burn(turn, -1, null);
  }
  if (held !== null && frame.number <= account.highestSeen) return false;
  const least = Math.max(account.highestSigned, account.refusedThrough);
  if (frame.number > least) return true;
  const { key } = account.state;
  const hash = frameHash(key, frame.previousHash, otherSide(account.me), bytes);
  const details = { number: `${frame.number}`, highest: `${least}` };
  const tooLow = refusal(NUMBER_TOO_LOW, "propose above all that was signed", details).refusal;
  sendRefusal(turn, hash, whole(tooLow));
  return false;
}

/**
 * Our frame in flight is the head of both, whatever becomes of the one above (ACC-3). The peer's
 * signature is under that one, so ours counts as signed by both when a frame above is proved.
 */
function acknowledgedByBuildingOn(turn: Turn): void {
  const { inFlight, me } = turn.account;
  assert(inFlight, "nothing is in flight");
  update(turn, { inFlight: null });
  moveHead(turn, { ...inFlight, proposer: me, digest: inFlight.proofDigest }, null);
}

type Verdict = {
  readonly refusal: Refusal;
  readonly index: number;
  readonly stateRoot: Bytes32;
  readonly trail: Bytes;
};

/** Executes the frame and accepts it, refuses it, or holds it until the watcher has its block. */
function judge(turn: Turn, frame: Frame, bytes: Bytes, claim: Claim): void {
  const { account, context } = turn;
  const proposer = otherSide(account.me);
  const hash = frameHash(account.state.key, account.state.head, proposer, bytes);
  const early = checkHeader(turn, frame);
  if (early !== null) return refuseFrame(turn, frame, hash, early);
  const waitsFor = highestEvent(frame.transactions);
  if (waitsFor > (context.final?.height ?? -1)) return hold(turn, frame, hash, bytes, claim);

  const execution = execute(account.state, frame, proposer, account.pending, context);
  if (!execution.ok) {
    return refuseFrame(turn, frame, hash, { ...whole(execution.refusal), index: execution.index });
  }
  const { stateRoot } = execution;
  if (!equalBytes(stateRoot, frame.stateRoot)) {
    return refuseRoot(turn, frame, hash, stateRoot);
  }
  const state = { ...execution.state, head: hash };
  const digest = proofDigestOf(context.jurisdiction.domain, state);
  if (!equalBytes(digest, claim.digest)) {
    const differs = refusal("digestDiffers", "the signature is under another proof").refusal;
    misbehave(turn, differs);
    return refuseFrame(turn, frame, hash, { ...whole(differs), stateRoot });
  }
  moveHead(turn, { frame, bytes, hash, proposer, state, digest }, claim);
  const highestSigned = Math.max(turn.account.highestSigned, frame.number);
  update(turn, { highestSigned, acknowledgeDue: true });
}

/** Epoch and time (ACC-10): null, or `epochDiffers`, `timeGoesBack`, `timeOutside`. */
function checkHeader(turn: Turn, frame: Frame): Verdict | null {
  const { state } = turn.account;
  const { now } = turn.context;
  const details = { timestamp: `${frame.timestamp}`, now: `${now}` };
  if (frame.epoch !== state.epoch) {
    return whole(refusal("epochDiffers", "the account is in another epoch").refusal);
  }
  if (frame.timestamp < state.timestamp) {
    return whole(refusal("timeGoesBack", "a frame is not older than its head", details).refusal);
  }
  if (Math.abs(frame.timestamp - now) > MAX_CLOCK_SKEW) {
    return whole(refusal("timeOutside", "set the clocks of both keepers", details).refusal);
  }
  return null;
}

function hold(turn: Turn, frame: Frame, hash: Bytes32, bytes: Bytes, claim: Claim): void {
  const waitsFor = highestEvent(frame.transactions);
  const height = turn.context.final?.height ?? 0;
  if (waitsFor > height + MAX_EVENT_LEAD) {
    const details = { height: `${waitsFor}`, final: `${height}` };
    const tooFar = refusal("eventTooFar", "the own watcher is far behind that block", details);
    return refuseFrame(turn, frame, hash, whole(tooFar.refusal));
  }
  const [digest, signature] = [claim.digest.slice() as Bytes32, claim.signature.slice()];
  const held: HeldFrame = { bytes: bytes.slice(), digest, signature, waitsFor };
  update(turn, { held });
}

/** A verdict on the frame as a whole, not on one of its transactions. */
function whole(why: Refusal): Verdict {
  return { refusal: why, index: -1, stateRoot: ZERO_BYTES32, trail: EMPTY_BYTES };
}

/** The other side gets what it needs to find the first transaction that differs (ACC-2). */
function refuseRoot(turn: Turn, frame: Frame, hash: Bytes32, stateRoot: Bytes32): void {
  const { state, me, pending } = turn.account;
  const details = {
    frame: `${frame.number}`,
    ours: toHex(stateRoot),
    theirs: toHex(frame.stateRoot),
  };
  const message = "the two sides compute different states of the account";
  const differs = refusal(STATE_ROOT_DIFFERS, message, details).refusal;
  misbehave(turn, differs);
  const trail = trailOf(state, frame, otherSide(me), pending, turn.context);
  refuseFrame(turn, frame, hash, { refusal: differs, index: -1, stateRoot, trail });
}

/** Never signed from now on, however often it is repeated: its proposer has burned it. */
function refuseFrame(turn: Turn, frame: Frame, hash: Bytes32, verdict: Verdict): void {
  const refusedThrough = Math.max(turn.account.refusedThrough, frame.number);
  update(turn, { refusedThrough, held: null });
  sendRefusal(turn, hash, verdict);
}

function sendRefusal(turn: Turn, frame: Bytes32, verdict: Verdict): void {
  const { stateRoot, trail, index: transaction } = verdict;
  const { code } = verdict.refusal;
  const highest = highestKnown(turn.account);
  send(turn, { kind: "refuse", frame, highest, code, transaction, stateRoot, trail });
}
