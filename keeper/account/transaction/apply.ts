import { unreachable } from "../../base/assert.ts";
import type { Refusal } from "../../base/result.ts";
import type { Draft } from "../draft.ts";
import type { Transaction } from "../transaction.ts";
import type { Context } from "../types.ts";
import { applyChainEvent } from "./chain-event.ts";
import type { FrameFacts } from "./facts.ts";
import { applyPay } from "./pay.ts";
import { applyPlanAbort } from "./plan-abort.ts";
import { applyPlanCommit } from "./plan-commit.ts";
import { applyPlanHold } from "./plan-hold.ts";
import { applyProposeSettlement } from "./propose-settlement.ts";
import { applySetCredit } from "./set-credit.ts";
import { applySignSettlement } from "./sign-settlement.ts";

/**
 * Runs one transaction on the draft, or refuses it and leaves the draft as it was: each kind makes
 * all its checks first, in a fixed precedence, and cannot fail after them.
 */
export function apply(
  draft: Draft,
  transaction: Transaction,
  frame: FrameFacts,
  context: Context,
): Refusal | null {
  switch (transaction.kind) {
    case "setCredit":
      return applySetCredit(draft, transaction, frame, context);
    case "pay":
      return applyPay(draft, transaction, frame);
    case "planHold":
      return applyPlanHold(draft, transaction, frame, context);
    case "planCommit":
      return applyPlanCommit(draft, transaction, context);
    case "planAbort":
      return applyPlanAbort(draft, transaction, context);
    case "proposeSettlement":
      return applyProposeSettlement(draft, transaction, frame);
    case "signSettlement":
      return applySignSettlement(draft, transaction, frame);
    case "chainEvent":
      return applyChainEvent(draft, transaction, frame, context);
    default:
      return unreachable(transaction);
  }
}
