/** The settlements of a plan: reserve to reserve, authorised by the certificate (NET-6). */
import { isDelta } from "../base/amount.ts";
import { compareBytes, equalBytes, isZeroBytes } from "../base/bytes.ts";
import { compareNumbers, indexOfSorted, isStrictlyAscending } from "../base/order.ts";
import { type Refusal, refuse } from "../base/result.ts";
import type { EntityId, Settlement, SettlementDiff, TokenId } from "../jurisdiction/types.ts";
import { MAX_SETTLED_DIFFS, MAX_SETTLED_EPOCH, MAX_SETTLEMENTS } from "./limit.ts";
import type { Plan } from "./types.ts";

/**
 * Whether settlements are such as a plan may carry. Each moves money from one signer's reserve to
 * another's and nothing else: what changes an account's collateral or `ondelta` would have to be
 * held for in that account (RCP-1), and nobody needs it to pay what is left at the end points of a
 * chain. They have neither number nor plan nor signatures, and the plan's `commitBy` as deadline.
 * What the contract's call could not even express is refused as well, between others too: everybody
 * must be able to show the plan to the chain.
 * Refuses `planSettlements`.
 */
export function checkSettlements(plan: Plan): Refusal | null {
  const { settlements, signers, commitBy } = plan;
  const diffs = settlements.reduce((sum, settlement) => sum + settlement.diffs.length, 0);
  const isFit = (settlement: Settlement): boolean =>
    settlement.number === 0 &&
    settlement.epoch <= MAX_SETTLED_EPOCH &&
    isZeroBytes(settlement.plan) &&
    settlement.deadline === commitBy &&
    compareBytes(settlement.left, settlement.right) < 0 &&
    indexOfSorted(signers, settlement.left, compareBytes) >= 0 &&
    indexOfSorted(signers, settlement.right, compareBytes) >= 0 &&
    areDiffs(settlement.diffs);
  const fit =
    settlements.length <= MAX_SETTLEMENTS &&
    diffs <= MAX_SETTLED_DIFFS &&
    settlements.every(isFit) &&
    isStrictlyAscending(settlements, compareSettlements);
  if (fit) return null;
  const message =
    `at most ${MAX_SETTLEMENTS} settlements of ${MAX_SETTLED_DIFFS} diffs in order, each from ` +
    "one signer's reserve to another's, without number and plan, with commitBy as deadline";
  return refuse("planSettlements", message).refusal;
}

function areDiffs(diffs: readonly SettlementDiff[]): boolean {
  const moves = ({
    token,
    leftDiff,
    rightDiff,
    collateralDiff,
    ondeltaDiff,
  }: SettlementDiff): boolean =>
    token > 0 &&
    leftDiff !== 0n &&
    isDelta(leftDiff) &&
    leftDiff + rightDiff === 0n &&
    collateralDiff === 0n &&
    ondeltaDiff === 0n;
  const ordered = isStrictlyAscending(diffs, (a, b) => compareNumbers(a.token, b.token));
  return diffs.length > 0 && ordered && diffs.every(moves);
}

/** By (left, right): a plan settles an account at most once. */
export function compareSettlements(a: Settlement, b: Settlement): number {
  return compareBytes(a.left, b.left) || compareBytes(a.right, b.right);
}

/** By token, how these settlements change an entity's reserve on balance. */
export function reserveChanges(
  settlements: readonly Settlement[],
  entity: EntityId,
): Map<TokenId, bigint> {
  const changes = new Map<TokenId, bigint>();
  for (const { left, right, diffs } of settlements) {
    const isLeft = equalBytes(left, entity);
    if (!isLeft && !equalBytes(right, entity)) continue;
    for (const { token, leftDiff, rightDiff } of diffs) {
      changes.set(token, (changes.get(token) ?? 0n) + (isLeft ? leftDiff : rightDiff));
    }
  }
  return changes;
}
