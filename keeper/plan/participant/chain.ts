/** What the chain decides of a plan, and when it is asked to (NET-5, NET-6). */
import { EMPTY_BYTES } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { applyBy } from "../clock.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import { type Outcome, unchanged } from "../result.ts";
import { signerIndex } from "../shape.ts";
import type { Participation, PlanBook } from "../types.ts";
import { letGo } from "./drop.ts";
import { endWhenSettled, withoutFurtherHolds } from "./end.ts";

/**
 * The certificate for the chain, while only the chain can decide. Whether it is too late the chain
 * says: a clock that is ahead must not keep this side from showing what it has gone by.
 */
export function appeal(participation: Participation, context: PlanContext): readonly PlanEffect[] {
  const { plan, hash, certificate } = participation;
  if (certificate === null) return [];
  if (mayWait(participation, context)) return [];
  return [{ kind: "commitPlan", plan, hash, certificate }];
}

/**
 * Until `applyBy` a neighbour may still acknowledge its commit. With settlements nobody has
 * anything to lose before the chain commits, and one transaction is enough: the first signer sends
 * it at once, the others when that one had its time.
 */
function mayWait({ phase, plan }: Participation, context: PlanContext): boolean {
  if (context.now >= applyBy(plan, context)) return false;
  if (phase === "certified") return true;
  return plan.settlements.length > 0 && signerIndex(plan, context.self) > 0;
}

/**
 * A final block has the commit: every leg is committed, whatever this side thought. Each account
 * that holds one is asked to apply it, and the chain is the proof.
 */
export function commitByChain(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  if (participation.phase === "committed") return unchanged(book);
  const accounts = withoutFurtherHolds(participation, context);
  const committed: Participation = { ...participation, phase: "committed", accounts };
  const commits = accounts
    .filter(({ status }) => status === "held")
    .map(({ peer }) => provedByChain(committed, peer));
  const ended = endWhenSettled(book, committed, context);
  return { ...ended, effects: [...commits, ...ended.effects] };
}

/** A commit whose proof is the final block that both sides see. */
export function provedByChain({ hash }: Participation, peer: EntityId): PlanEffect {
  return { kind: "commit", peer, plan: hash, certificate: EMPTY_BYTES };
}

/** What time alone brings about: who has not signed "prepared" by `applyBy` lets go. */
export function passTime(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  switch (participation.phase) {
    case "accepted":
    case "holding":
      if (context.now < applyBy(participation.plan, context)) return unchanged(book);
      return letGo(book, participation, { own: true, code: "planExpired" }, context);
    case "prepared":
    case "certified":
    case "recovered":
      return { book, effects: appeal(participation, context) };
    case "dropped":
    case "committed":
      return unchanged(book);
  }
}

/** A final block past `commitBy`, and none up to it has the commit: it can never come any more. */
export function lapse(book: PlanBook, participation: Participation, context: PlanContext): Outcome {
  const { phase } = participation;
  if (phase === "dropped" || phase === "committed") return unchanged(book);
  return letGo(book, participation, { own: false, code: "planLapsed" }, context);
}
