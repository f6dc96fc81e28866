import { isAmount } from "../../base/amount.ts";
import { type Refusal, refuse } from "../../base/result.ts";
import { type Draft, reservedAt, rowAt, rowIndex, setRow } from "../draft.ts";
import { availableTo, checkBounds } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { FrameFacts } from "./facts.ts";
import { amountOutside, tokenNotListed } from "./refusal.ts";

/**
 * Moves claim from the proposer to the other side (RCP-4). Refuses `amountRange`, `amountZero`,
 * `tokenNotListed`, `insufficientCapacity`, then what `checkBounds` does, in this order.
 */
export function applyPay(
  draft: Draft,
  { token, amount }: Transaction & { kind: "pay" },
  frame: FrameFacts,
): Refusal | null {
  if (!isAmount(amount)) return amountOutside(amount);
  if (amount === 0n) return refuse("amountZero", "pay more than nothing").refusal;
  const index = rowIndex(draft, token);
  if (index < 0) return tokenNotListed(token);
  const row = rowAt(draft, index);
  const reserved = reservedAt(draft, index);
  const available = availableTo(row, frame.proposer, reserved);
  if (amount > available) {
    return refuse("insufficientCapacity", "pay no more than what can be sent (RCP-4)", {
      available: `${available}`,
      amount: `${amount}`,
    }).refusal;
  }
  const change = frame.proposer === "left" ? -amount : amount;
  const after = { ...row, offdelta: row.offdelta + change };
  const bounds = checkBounds(after, reserved);
  if (bounds !== null) return bounds;
  setRow(draft, index, after);
  return null;
}
