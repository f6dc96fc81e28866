/** What a final block, and the clock alone, bring about for all plans of an entity (NET-5). */
import type { Bytes32 } from "../base/bytes.ts";
import { closeCoordination, noteOnChain, passCoordinatorTime } from "./coordinator/clock.ts";
import type { PlanContext, PlanInput } from "./input.ts";
import { commitByChain, lapse, passTime } from "./participant/chain.ts";
import { endInFrozen } from "./participant/end.ts";
import { keyOf, type Outcome, unchanged } from "./result.ts";
import type { Participation, PlanBook } from "./types.ts";

/** Final blocks come in their order, so the first one past a plan's `commitBy` tells its end. */
export function observeFinal(
  book: PlanBook,
  { timestamp, committed }: PlanInput & { kind: "final" },
  context: PlanContext,
): Outcome {
  let outcome = unchanged(book);
  for (const plan of committed) outcome = then(outcome, (now) => onCommit(now, plan, context));
  for (const participation of outcome.book.participations.values()) {
    if (participation.plan.commitBy >= timestamp) continue;
    outcome = then(outcome, (now) => lapse(now, participation, context));
  }
  for (const participation of outcome.book.participations.values()) {
    outcome = then(outcome, (now) => endInFrozen(now, participation, context));
  }
  for (const coordination of outcome.book.coordinations.values()) {
    if (coordination.plan.commitBy >= timestamp) continue;
    outcome = then(outcome, (now) => closeCoordination(now, coordination, context));
  }
  return then(outcome, (now) => observeClock(now, context));
}

export function observeClock(book: PlanBook, context: PlanContext): Outcome {
  let outcome = unchanged(book);
  for (const participation of book.participations.values()) {
    outcome = then(outcome, (now) => passTime(now, participation, context));
  }
  for (const coordination of book.coordinations.values()) {
    outcome = then(outcome, (now) => passCoordinatorTime(now, coordination, context));
  }
  return outcome;
}

function onCommit(book: PlanBook, plan: Bytes32, context: PlanContext): Outcome {
  const key = keyOf(plan);
  const participation: Participation | undefined = book.participations.get(key);
  const coordination = book.coordinations.get(key);
  const noted = coordination === undefined ? book : noteOnChain(book, coordination);
  return participation === undefined
    ? unchanged(noted)
    : commitByChain(noted, participation, context);
}

function then(before: Outcome, next: (book: PlanBook) => Outcome): Outcome {
  const { book, effects } = next(before.book);
  return { book, effects: [...before.effects, ...effects] };
}
