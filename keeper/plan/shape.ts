import { isDelta } from "../base/amount.ts";
import { compareBytes, equalBytes } from "../base/bytes.ts";
import { compareNumbers, indexOfSorted, isStrictlyAscending } from "../base/order.ts";
import { type Refusal, refuse } from "../base/result.ts";
import type { EntityId, TokenId } from "../jurisdiction/types.ts";
import { applyBy, commitWindow } from "./clock.ts";
import type { PlanContext } from "./input.ts";
import { MAX_LEGS, MAX_SIGNERS } from "./limit.ts";
import { checkSettlements, reserveChanges } from "./settlement.ts";
import type { Plan, PlanAccount, PlanLeg } from "./types.ts";

/**
 * Whether a plan may be judged at all, by what everybody can see (NET-5, CND-2). Refuses, in this
 * order, `planDomain`, what `checkShape` refuses, `planExpired`, `planTooSoon`, `planTooFar`.
 */
export function checkPlan(plan: Plan, context: PlanContext): Refusal | null {
  const { domain, now } = context;
  if (!equalBytes(plan.domain, domain)) {
    return fault("planDomain", "a plan lives in this jurisdiction only");
  }
  const malformed = checkShape(plan);
  if (malformed !== null) return malformed;
  if (plan.commitBy <= now) return fault("planExpired", "commitBy must lie ahead");
  if (applyBy(plan, context) <= now) {
    return fault("planTooSoon", "commitBy leaves no time to apply the plan without the chain");
  }
  const window = commitWindow(context);
  if (plan.commitBy > now + window) {
    return fault("planTooFar", `commitBy lies at most ${window} seconds ahead`);
  }
  return null;
}

/**
 * Whether a plan is well formed. Refuses, in this order, `planSigners`, `planLegs`,
 * `planIdleSigner`, `planParts`, `planSettlements`.
 */
export function checkShape(plan: Plan): Refusal | null {
  const { signers, legs } = plan;
  const sorted = isStrictlyAscending(signers, compareBytes);
  if (signers.length < 2 || signers.length > MAX_SIGNERS || !sorted) {
    return fault("planSigners", `name 2 to ${MAX_SIGNERS} signers, strictly ascending`);
  }
  if (legs.length < 1 || legs.length > MAX_LEGS || !areLegs(legs, signers.length)) {
    return fault("planLegs", `name 1 to ${MAX_LEGS} legs in order, each with an amount in range`);
  }
  const parts = partsOf(signers.length, legs);
  if (parts.idle) return fault("planIdleSigner", "every signer has a leg");
  if (parts.count > 1) return fault("planParts", "independent parts are plans of their own");
  return checkSettlements(plan);
}

function areLegs(legs: readonly PlanLeg[], signers: number): boolean {
  for (const { left, right, amount } of legs) {
    if (left < 0 || left >= right || right >= signers) return false;
    if (amount === 0n || !isDelta(amount)) return false;
  }
  return isStrictlyAscending(legs, compareLegs);
}

/** By (left, right, token): the order in which a plan lists its legs. */
export function compareLegs(a: PlanLeg, b: PlanLeg): number {
  return (
    compareNumbers(a.left, b.left) ||
    compareNumbers(a.right, b.right) ||
    compareNumbers(a.token, b.token)
  );
}

/** How many parts hang together by legs, and whether a signer has none. */
function partsOf(
  signers: number,
  legs: readonly PlanLeg[],
): { readonly count: number; readonly idle: boolean } {
  const parent = Array.from({ length: signers }, (_, index) => index);
  const hasLeg = parent.map(() => false);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root] as number;
    return root;
  };
  let count = signers;
  for (const { left, right } of legs) {
    hasLeg[left] = true;
    hasLeg[right] = true;
    const a = find(left);
    const b = find(right);
    if (a === b) continue;
    parent[a] = b;
    count--;
  }
  return { count, idle: hasLeg.includes(false) };
}

/** The index of an entity among the plan's signers, or -1. */
export function signerIndex(plan: Plan, entity: EntityId): number {
  return indexOfSorted(plan.signers, entity, compareBytes);
}

/**
 * True when the plan leaves what this signer has in sum as it is, in every token: its claims, which
 * the legs change, and its reserve, which the settlements do.
 */
export function keepsNet(plan: Plan, signer: number): boolean {
  const nets = reserveChanges(plan.settlements, plan.signers[signer] as EntityId);
  for (const { left, right, token, amount } of plan.legs) {
    if (left === signer) nets.set(token, (nets.get(token) ?? 0n) + amount);
    if (right === signer) nets.set(token, (nets.get(token) ?? 0n) - amount);
  }
  for (const net of nets.values()) if (net !== 0n) return false;
  return true;
}

/** The accounts that the plan touches on this signer's side, strictly ascending by peer. */
export function accountsOf(plan: Plan, signer: number): readonly PlanAccount[] {
  const moves = new Map<number, { token: TokenId; amount: bigint }[]>();
  for (const { left, right, token, amount } of plan.legs) {
    if (left !== signer && right !== signer) continue;
    const peer = left === signer ? right : left;
    const known = moves.get(peer);
    if (known === undefined) moves.set(peer, [{ token, amount }]);
    else known.push({ token, amount });
  }
  const peers = Array.from(moves.keys()).sort(compareNumbers);
  return peers.map((peer) => ({
    peer: plan.signers[peer] as EntityId,
    moves: moves.get(peer) as { token: TokenId; amount: bigint }[],
    status: "waiting",
  }));
}

function fault(code: string, message: string): Refusal {
  return refuse(code, message).refusal;
}
