import { isDelta } from "../../base/amount.ts";
import { ZERO_BYTES32 } from "../../base/bytes.ts";
import { isStrictlyAscending } from "../../base/order.ts";
import { type Refusal, refuse } from "../../base/result.ts";
import type { SettlementDiff } from "../../jurisdiction/types.ts";
import { type Draft, reservedAt, rowAt, rowIndex, setSettlement } from "../draft.ts";
import { MAX_DIFFS } from "../limit.ts";
import { checkBounds, isRowInRange, reserveSettlement } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { FrameFacts } from "./facts.ts";
import { tokenNotListed } from "./refusal.ts";

/**
 * Offers a settlement: it binds nobody before the other side signs it (ACC-9). Refuses
 * `diffsMalformed`, `settlementUnfair`, `settlementOpen`, `tokenNotListed`, `deadlinePassed`, then
 * what `checkLanding` does, in this order.
 */
export function applyProposeSettlement(
  draft: Draft,
  { deadline, diffs }: Transaction & { kind: "proposeSettlement" },
  frame: FrameFacts,
): Refusal | null {
  if (!areWellFormed(diffs)) {
    const message = `1 to ${MAX_DIFFS} tokens, ascending, each diff summing to 0 and none empty`;
    return refuse("diffsMalformed", message).refusal;
  }
  if (!diffs.every(isFair)) {
    const message = "each side's claim changes by what its reserve changes the other way";
    return refuse("settlementUnfair", message).refusal;
  }
  if (!mayReplace(draft, frame)) {
    return refuse("settlementOpen", "one settlement at a time: wait until it has ended").refusal;
  }
  for (const { token } of diffs) if (rowIndex(draft, token) < 0) return tokenNotListed(token);
  if (deadline <= frame.timestamp) {
    const details = { deadline: `${deadline}` };
    return refuse("deadlinePassed", "the settlement could not land", details).refusal;
  }
  const landing = checkLanding(draft, diffs);
  if (landing !== null) return landing;
  const { left, right, epoch } = draft.base;
  const settlement = { left, right, epoch, number: 0, deadline, plan: ZERO_BYTES32, diffs };
  setSettlement(draft, { proposer: frame.proposer, settlement });
  return null;
}

/**
 * RCP-1 with the settlement landed or not, and RCP-5 for what the chain would store: null, or
 * `amountRange`, `belowLeftLimit`, `aboveRightLimit`, in this order.
 */
export function checkLanding(draft: Draft, diffs: readonly SettlementDiff[]): Refusal | null {
  for (const diff of diffs) {
    const index = rowIndex(draft, diff.token);
    const row = rowAt(draft, index);
    const { collateral, ondelta } = row;
    if (!isRowInRange(collateral + diff.collateralDiff, ondelta + diff.ondeltaDiff)) {
      const details = { collateral: `${collateral}`, change: `${diff.collateralDiff}` };
      return refuse("amountRange", "the account lacks that collateral", details).refusal;
    }
    const bounds = checkBounds(row, reserveSettlement(reservedAt(draft, index), diff));
    if (bounds !== null) return bounds;
  }
  return null;
}

/** A settlement that nobody has signed gives way to its proposer's next, or after its deadline. */
function mayReplace(draft: Draft, frame: FrameFacts): boolean {
  if (draft.settlement === null) return true;
  const { proposer, settlement } = draft.settlement;
  if (settlement.number !== 0) return false;
  return proposer === frame.proposer || frame.timestamp > settlement.deadline;
}

function areWellFormed(diffs: readonly SettlementDiff[]): boolean {
  if (diffs.length === 0 || diffs.length > MAX_DIFFS) return false;
  if (!isStrictlyAscending(diffs, (a, b) => a.token - b.token)) return false;
  return diffs.every(({ leftDiff, rightDiff, collateralDiff, ondeltaDiff }) => {
    const parts = [leftDiff, rightDiff, collateralDiff, ondeltaDiff];
    const empty = parts.every((part) => part === 0n);
    return !empty && parts.every(isDelta) && leftDiff + rightDiff + collateralDiff === 0n;
  });
}

/** Right's part follows: the three diffs sum to 0. */
function isFair({ leftDiff, ondeltaDiff }: SettlementDiff): boolean {
  return leftDiff + ondeltaDiff === 0n;
}
