import { assert } from "../../base/assert.ts";
import { compareBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { finishParticipation, putParticipation } from "../book.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import type { PlanMessage } from "../message.ts";
import { keyOf, type Outcome, refused, send } from "../result.ts";
import type { Participation, PlanAccount, PlanBook } from "../types.ts";
import { allAre, answerOf, heardFrom } from "./find.ts";

/**
 * The coordinator gave the plan up. Whoever signed "prepared" may not follow: others may hold the
 * certificate by now. A plan that was never seen here, or was refused, is over here at once.
 */
export function receiveDrop(
  book: PlanBook,
  from: EntityId,
  message: PlanMessage & { kind: "drop" },
  context: PlanContext,
): Outcome {
  const { plan, code } = message;
  const key = keyOf(plan);
  if (!book.participations.has(key) && !book.finished.has(key)) {
    return { book, effects: [send(from, { kind: "done", plan, committed: false })] };
  }
  const heard = heardFrom(book, from, plan);
  if ("outcome" in heard) return heard.outcome;
  const { participation } = heard;
  switch (participation.phase) {
    case "accepted":
    case "holding":
      return letGo(book, participation, { own: false, code }, context);
    case "prepared":
    case "certified":
      return refused(book, "alreadyPrepared", "who signed Prepared drops nothing");
    case "dropped":
      return { book, effects: answerOf(participation) };
  }
}

/**
 * Drops a plan under which "prepared" was never signed and, from here on, never will be: no hold
 * is accepted any more, and every hold that stands, or may yet come to stand, is aborted.
 */
export function letGo(
  book: PlanBook,
  participation: Participation,
  refusal: { readonly own: boolean; readonly code: string },
  context: PlanContext,
): Outcome {
  const { phase, hash } = participation;
  assert(phase === "accepted" || phase === "holding", "the plan can no longer be dropped");
  const effects: PlanEffect[] = [];
  const accounts = participation.accounts.map((account): PlanAccount => {
    const stands = account.status === "held" || mayComeToStand(participation, account, context);
    if (stands) effects.push({ kind: "abort", peer: account.peer, plan: hash });
    return stands ? account : { ...account, status: "released" };
  });
  const dropped: Participation = { ...participation, phase: "dropped", accounts, refusal };
  const settled = settleDropped(book, dropped, context);
  return { ...settled, effects: [...effects, ...answerOf(dropped), ...settled.effects] };
}

/** Left may have a hold on its way; right's comes from its peer, and is refused from now on. */
function mayComeToStand(
  participation: Participation,
  account: PlanAccount,
  context: PlanContext,
): boolean {
  const weAreLeft = compareBytes(context.self, account.peer) < 0;
  return participation.phase === "holding" && account.status === "waiting" && weAreLeft;
}

/** Keeps a dropped plan, or ends it when nothing of it is held any more. */
export function settleDropped(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  if (!allAre(participation, "released")) {
    return { book: putParticipation(book, participation), effects: [] };
  }
  const { coordinator, hash, refusal } = participation;
  const code = refusal?.own ? refusal.code : null;
  const end = { committed: false, code, now: context.now };
  return {
    book: finishParticipation(book, participation, end),
    effects: [send(coordinator, { kind: "done", plan: hash, committed: false })],
  };
}
