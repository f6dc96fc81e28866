/** How a plan's accounts come to rest here, and what is left of it then. */
import { compareBytes } from "../../base/bytes.ts";
import { finishParticipation, putParticipation } from "../book.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import { type Outcome, send, unchanged } from "../result.ts";
import type { Participation, Phase, PlanAccount, PlanBook } from "../types.ts";

/**
 * The accounts once no further hold is accepted: what waits for one is over, unless this side is
 * left, has asked for the hold, and does not know yet whether the peer signs it.
 */
export function withoutFurtherHolds(
  participation: Participation,
  context: PlanContext,
): readonly PlanAccount[] {
  const { phase, accounts } = participation;
  return accounts.map((account): PlanAccount => {
    if (account.status !== "waiting") return account;
    const weAreLeft = compareBytes(context.self, account.peer) < 0;
    const mayComeToStand = weAreLeft && (phase === "holding" || phase === "recovered");
    return mayComeToStand ? account : { ...account, status: "released" };
  });
}

/**
 * In a frozen account no frame will say any more how the plan ended: what is decided is so there as
 * well, by the proof that holds its legs. Else a peer that has an account frozen on purpose could
 * keep the book full for ever.
 */
function atRest(account: PlanAccount, phase: Phase, context: PlanContext): PlanAccount {
  const isDecided = phase === "committed" || phase === "dropped";
  const isOpen = account.status === "held" || account.status === "waiting";
  if (!isDecided || !isOpen || !context.isFrozen(account.peer)) return account;
  const applies = phase === "committed" && account.status === "held";
  return { ...account, status: applies ? "applied" : "released" };
}

/** The same for an account that was frozen when the plan was decided already. */
export function endInFrozen(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  const { accounts, phase } = participation;
  const isChanged = accounts.some((account) => atRest(account, phase, context) !== account);
  return isChanged ? endWhenSettled(book, participation, context) : unchanged(book);
}

/**
 * Keeps a plan under way, or ends it when none of its accounts holds anything any more. By the
 * rules all have applied it then or none has. Where neither is so the chain included nothing in
 * time, or this side's keys signed what its log does not know: people must hear of it.
 */
export function endWhenSettled(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  const { coordinator, hash, phase, refusal } = participation;
  const accounts = participation.accounts.map((account) => atRest(account, phase, context));
  const isOver = accounts.every(({ status }) => status === "applied" || status === "released");
  if (!isOver) {
    return { book: putParticipation(book, { ...participation, accounts }), effects: [] };
  }
  const released = accounts.filter(({ status }) => status === "released");
  const committed = released.length === 0;
  const isTorn = !committed && (released.length < accounts.length || phase === "committed");
  const torn = isTorn
    ? released.map(({ peer }): PlanEffect => ({ kind: "torn", plan: hash, peer }))
    : [];
  const code = refusal?.own ? refusal.code : null;
  return {
    book: finishParticipation(book, participation, { committed, code, now: context.now }),
    effects: [...torn, send(coordinator, { kind: "done", plan: hash, committed })],
  };
}
