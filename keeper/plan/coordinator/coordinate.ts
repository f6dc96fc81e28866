import type { EntityId } from "../../jurisdiction/types.ts";
import { putCoordination } from "../book.ts";
import { planHash } from "../digest.ts";
import type { PlanContext } from "../input.ts";
import { MAX_COORDINATIONS } from "../limit.ts";
import { keyOf, type Outcome, refused, unchanged } from "../result.ts";
import { checkPlan, keepsNet } from "../shape.ts";
import type { Coordination, Plan, PlanBook } from "../types.ts";
import { sendToAll } from "./find.ts";

/**
 * Proposes a plan to all its signers, this entity included if it is one. A plan that is under way
 * already is left to its course; one that cannot be proposed has its outcome at once.
 */
export function coordinate(book: PlanBook, plan: Plan, context: PlanContext): Outcome {
  const malformed = checkPlan(plan, context);
  if (malformed !== null) return reject(book, plan, malformed.code, context.self);
  const hash = planHash(plan);
  if (book.coordinations.has(keyOf(hash))) return unchanged(book);
  if (book.coordinations.size >= MAX_COORDINATIONS) {
    return reject(book, plan, "planBookFull", context.self);
  }
  if (!plan.signers.every((_, index) => keepsNet(plan, index))) {
    return reject(book, plan, "planNet", context.self);
  }

  const none = plan.signers.map(() => false);
  const coordination: Coordination = {
    plan,
    hash,
    stage: "proposing",
    accepted: none,
    held: none,
    done: none,
    onChain: false,
    waitsUntil: 0,
    refusals: [],
  };
  return {
    book: putCoordination(book, coordination),
    effects: sendToAll(plan, { kind: "propose", plan }),
  };
}

function reject(book: PlanBook, plan: Plan, code: string, self: EntityId): Outcome {
  const refusals = [{ by: self, code }];
  const outcome = { kind: "outcome", plan: planHash(plan), committed: false, refusals } as const;
  return { ...refused(book, code, "this plan cannot be proposed"), effects: [outcome] };
}
