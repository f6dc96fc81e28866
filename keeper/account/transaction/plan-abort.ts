import { type Refusal, refuse } from "../../base/result.ts";
import {
  conditionAt,
  type Draft,
  findHold,
  removeCondition,
  reservedAt,
  rowIndex,
  setReserved,
} from "../draft.ts";
import { releaseMove } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { Context } from "../types.ts";

/**
 * Lets a plan's held legs go (NET-5). Refuses `planNotHeld`, `planMayCommit`, in this order: a
 * side that signed "prepared" lets go only when the chain shows that the plan did not commit.
 */
export function applyPlanAbort(
  draft: Draft,
  { plan }: Transaction & { kind: "planAbort" },
  context: Context,
): Refusal | null {
  const slot = findHold(draft, plan);
  if (slot < 0) return refuse("planNotHeld", "the account holds no leg of this plan").refusal;
  if (!context.plan(plan).mayAbort) {
    return refuse("planMayCommit", 'this side signed "prepared": the plan may commit').refusal;
  }
  for (const { token, amount } of conditionAt(draft, slot).moves) {
    const index = rowIndex(draft, token);
    setReserved(draft, index, releaseMove(reservedAt(draft, index), amount));
  }
  removeCondition(draft, slot);
  return null;
}
