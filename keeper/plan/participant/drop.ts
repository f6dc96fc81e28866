import { assert } from "../../base/assert.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import type { PlanMessage } from "../message.ts";
import { keyOf, type Outcome, refused, send } from "../result.ts";
import type { Participation, PlanBook } from "../types.ts";
import { endWhenSettled, withoutFurtherHolds } from "./end.ts";
import { answerOf, heardFrom } from "./find.ts";

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
    case "committed":
      return refused(book, "alreadyPrepared", "who signed Prepared drops nothing");
    case "recovered":
      return refused(
        book,
        "afterRecovery",
        "this side may have signed Prepared, and drops nothing",
      );
    case "dropped":
      return { book, effects: answerOf(participation) };
  }
}

/**
 * Drops a plan under which "prepared" was never signed and, from here on, never will be; or one
 * that the chain has shown not to commit, whatever was signed. No hold is accepted any more, and
 * every hold that stands, or may yet come to stand, is aborted.
 */
export function letGo(
  book: PlanBook,
  participation: Participation,
  refusal: { readonly own: boolean; readonly code: string },
  context: PlanContext,
): Outcome {
  const { phase, hash } = participation;
  assert(phase !== "dropped" && phase !== "committed", "the plan can no longer be dropped");
  const accounts = withoutFurtherHolds(participation, context);
  const aborts = accounts
    .filter(({ status }) => status === "held" || status === "waiting")
    .map(({ peer }): PlanEffect => ({ kind: "abort", peer, plan: hash }));
  const dropped: Participation = { ...participation, phase: "dropped", accounts, refusal };
  const ended = endWhenSettled(book, dropped, context);
  return { ...ended, effects: [...aborts, ...answerOf(dropped), ...ended.effects] };
}
