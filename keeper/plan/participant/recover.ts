import type { EntityId } from "../../jurisdiction/types.ts";
import { putParticipation } from "../book.ts";
import { commitWindow } from "../clock.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import type { Outcome } from "../result.ts";
import type { Participation, PlanBook } from "../types.ts";
import { endWhenSettled, withoutFurtherHolds } from "./end.ts";
import { findAccount } from "./find.ts";

/**
 * This side runs on an older disk: it may have signed "prepared" or a drop and not know, so where
 * the log says neither it signs neither (NET-5). Such a plan ends by a certificate or by the chain.
 * By the guard's own word, plans may have been forgotten whole: none that could be one of them is
 * taken on until they have ended. A peer's word is not enough for that, or any stranger could stop
 * this entity's netting by a false hello.
 */
export function recovered(book: PlanBook, peer: EntityId | null, context: PlanContext): Outcome {
  let next = peer === null ? { ...book, quietUntil: quietUntil(book, context) } : book;
  const effects: PlanEffect[] = [];
  for (const participation of book.participations.values()) {
    if (!mayHaveSigned(participation)) continue;
    if (peer !== null && findAccount(participation, peer) === undefined) continue;
    const accounts = withoutFurtherHolds(participation, context);
    const silent: Participation = { ...participation, phase: "recovered", accounts };
    const ended = endWhenSettled(putParticipation(next, silent), silent, context);
    next = ended.book;
    effects.push(...ended.effects);
  }
  return { book: next, effects };
}

function mayHaveSigned({ phase }: Participation): boolean {
  return phase === "accepted" || phase === "holding";
}

/** No plan that was accepted before now ends later. */
function quietUntil(book: PlanBook, context: PlanContext): number {
  return Math.max(book.quietUntil, context.now + commitWindow(context));
}
