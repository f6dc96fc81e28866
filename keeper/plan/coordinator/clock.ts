import type { EntityId } from "../../jurisdiction/types.ts";
import { putCoordination } from "../book.ts";
import { applyBy } from "../clock.ts";
import type { PlanContext } from "../input.ts";
import { type Outcome, unchanged } from "../result.ts";
import type { Coordination, PlanBook } from "../types.ts";
import { endWith, giveUp, withRefusal } from "./answer.ts";

/** Whom a coordinator has not brought to sign by `applyBy`, it lets go. */
export function passCoordinatorTime(
  book: PlanBook,
  coordination: Coordination,
  context: PlanContext,
): Outcome {
  const { plan, stage } = coordination;
  const isUnsigned = stage === "proposing" || stage === "holding";
  if (!isUnsigned || context.now < applyBy(plan, context)) return unchanged(book);
  return giveUp(book, withRefusal(coordination, context.self, "planExpired"));
}

/**
 * A final block past `commitBy`: the signers know the end, and whoever has not reported it a
 * response time later is not waited for any longer. They end by their own clocks and the chain,
 * whatever becomes of this. The time counts from when this coordinator sees the block: one that was
 * away must hear what the signers have to say.
 */
export function closeCoordination(
  book: PlanBook,
  coordination: Coordination,
  context: PlanContext,
): Outcome {
  const { waitsUntil } = coordination;
  if (waitsUntil > 0) {
    return context.now > waitsUntil ? endWith(book, withoutSilent(coordination)) : unchanged(book);
  }
  const closing = { ...coordination, waitsUntil: context.now + context.responseTime };
  return unchanged(putCoordination(book, closing));
}

function withoutSilent(coordination: Coordination): Coordination {
  return coordination.plan.signers.reduce(
    (told, signer: EntityId, index) =>
      coordination.done[index] ? told : withRefusal(told, signer, "silent"),
    coordination,
  );
}

/** A final block has the commit. */
export function noteOnChain(book: PlanBook, coordination: Coordination): PlanBook {
  return putCoordination(book, { ...coordination, onChain: true });
}
