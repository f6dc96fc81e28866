import { isDelta } from "../../base/amount.ts";
import { isStrictlyAscending } from "../../base/order.ts";
import { type Refusal, refuse } from "../../base/result.ts";
import { latestDeadline } from "../deadline.ts";
import {
  addCondition,
  conditionCount,
  type Draft,
  findHold,
  hasEnded,
  reservedAt,
  rowAt,
  rowIndex,
  setReserved,
  slotsOf,
} from "../draft.ts";
import { MAX_CONDITIONS, MAX_CONDITIONS_BYTES, MAX_MOVES } from "../limit.ts";
import { checkBounds, reserveMove } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { Context } from "../types.ts";
import type { FrameFacts } from "./facts.ts";
import { tokenNotListed } from "./refusal.ts";

/** A slot's length, a lock without its tokens, and each of these, as the chain reads them. */
const SLOT_BYTES = 2;
const LOCK_BYTES = 42;
const MOVE_BYTES = 20;

type PlanHold = Transaction & { kind: "planHold" };

/**
 * Holds a plan's legs until it commits or is dropped (NET-5). Refuses `movesMalformed`,
 * `alreadyHeld`, `tokenNotListed`, `tooManyConditions`, `deadlinePassed`, `deadlineTooFar` (CND-2),
 * `planNotAccepted`, then what `checkBounds` does, in this order.
 */
export function applyPlanHold(
  draft: Draft,
  transaction: PlanHold,
  frame: FrameFacts,
  context: Context,
): Refusal | null {
  const { plan, deadline, moves } = transaction;
  if (!areWellFormed(moves)) {
    const message = `1 to ${MAX_MOVES} tokens, ascending, none moved by 0`;
    return refuse("movesMalformed", message).refusal;
  }
  if (findHold(draft, plan) >= 0 || hasEnded(draft, plan)) {
    return refuse("alreadyHeld", "the account holds this plan's legs").refusal;
  }
  for (const { token } of moves) if (rowIndex(draft, token) < 0) return tokenNotListed(token);
  if (conditionCount(draft) >= MAX_CONDITIONS || !fitsBody(slotsOf(draft), moves.length)) {
    const message =
      `an account holds at most ${MAX_CONDITIONS} conditions, of ${MAX_CONDITIONS_BYTES} bytes: ` +
      "more than that the chain would not enforce";
    return refuse("tooManyConditions", message).refusal;
  }
  if (deadline <= frame.timestamp) {
    return refuse("deadlinePassed", "the plan can no longer commit", { deadline: `${deadline}` })
      .refusal;
  }
  const latest = latestDeadline(draft.base, context);
  if (deadline > latest) {
    const message = "a dispute that began unseen could end before the plan does";
    const details = { deadline: `${deadline}`, latest: `${latest}` };
    return refuse("deadlineTooFar", message, details).refusal;
  }
  const { left, right } = draft.base;
  if (!context.plan(plan).acceptsHold(moves, deadline, left, right)) {
    return refuse("planNotAccepted", "this side does not hold these legs for this plan").refusal;
  }
  const reserved = moves.map(({ token, amount }) =>
    reserveMove(reservedAt(draft, rowIndex(draft, token)), amount),
  );
  for (const [i, { token }] of moves.entries()) {
    const bounds = checkBounds(
      rowAt(draft, rowIndex(draft, token)),
      reserved[i] as (typeof reserved)[number],
    );
    if (bounds !== null) return bounds;
  }
  for (const [i, { token }] of moves.entries()) {
    setReserved(draft, rowIndex(draft, token), reserved[i] as (typeof reserved)[number]);
  }
  addCondition(draft, { kind: "planLock", plan, deadline, moves });
  return null;
}

/**
 * Whether a body with one condition more, of so many tokens, is one that the chain takes: else
 * neither side could enforce any proof of this account while the other holds on to it (ACC-1).
 */
function fitsBody(slots: ReturnType<typeof slotsOf>, tokens: number): boolean {
  let bytes = SLOT_BYTES + LOCK_BYTES + MOVE_BYTES * tokens;
  for (const slot of slots) {
    bytes += SLOT_BYTES;
    if (slot !== null) bytes += LOCK_BYTES + MOVE_BYTES * slot.moves.length;
  }
  return bytes <= MAX_CONDITIONS_BYTES;
}

function areWellFormed(moves: PlanHold["moves"]): boolean {
  if (moves.length === 0 || moves.length > MAX_MOVES) return false;
  if (!isStrictlyAscending(moves, (a, b) => a.token - b.token)) return false;
  return moves.every(({ amount }) => amount !== 0n && isDelta(amount));
}
