/**
 * What final reserves can still pay for. A batch that reverts would block the next nonce, so what
 * is signed and has not landed is counted before anything more is signed (CHN-3).
 */
import type { Account } from "../account/types.ts";
import { equalBytes } from "../base/bytes.ts";
import type { EntityId, Operations, SettlementDiff, TokenId } from "../jurisdiction/types.ts";
import { reserveChanges } from "../plan/settlement.ts";
import type { Session } from "./session.ts";

type Spent = Map<TokenId, bigint>;

/** By token, what a batch of `self` takes from its reserves, less what its settlements bring. */
export function spentBy(operations: Operations, self: EntityId): Spent {
  const spent: Spent = new Map();
  for (const { token, amount } of operations.reserveToReserve) spend(spent, token, amount);
  for (const { settlement } of operations.settlements) {
    const weAreLeft = equalBytes(settlement.left, self);
    for (const diff of settlement.diffs) spend(spent, diff.token, -ownPart(diff, weAreLeft));
  }
  for (const { token, amount } of operations.reserveToCollateral) spend(spent, token, amount);
  for (const { token, amount } of operations.withdrawals) spend(spent, token, amount);
  return spent;
}

/** By token, what the batch that is signed and not final takes. */
export function spentByPending({ entity }: Session): Spent {
  const { pendingBatch, id } = entity;
  return pendingBatch === null ? new Map() : spentBy(pendingBatch.batch.operations, id);
}

/**
 * By token, what settlements take that this entity has proposed or agreed to and that may land.
 * What has not landed by a final block past its deadline never will, whether or not the peer has
 * signed that it is over.
 */
export function spentBySettlements({ entity, context }: Session): Spent {
  const spent: Spent = new Map();
  const final = context.final?.timestamp ?? 0;
  for (const index of entity.waiting.keys()) {
    const account = entity.accounts.get(index) as Account;
    const { me, state } = account;
    if (state.settlement === null) continue;
    const { settlement, proposer } = state.settlement;
    if (final > settlement.deadline) continue;
    if (settlement.number === 0 && proposer !== me && !isAgreedTo(account)) continue;
    for (const diff of settlement.diffs) {
      const own = ownPart(diff, me === "left");
      if (own < 0n) spend(spent, diff.token, -own);
    }
  }
  return spent;
}

/** By token, what plans take on balance under which this entity may have signed "prepared". */
export function spentByPlans({ entity }: Session): Spent {
  const spent: Spent = new Map();
  for (const { phase, plan } of entity.plans.participations.values()) {
    // What is committed the final reserve has paid already; what is dropped it never pays.
    if (phase === "committed" || phase === "dropped") continue;
    for (const [token, change] of reserveChanges(plan.settlements, entity.id)) {
      if (change < 0n) spend(spent, token, -change);
    }
  }
  return spent;
}

/** By token, all that may be paid from the reserves before anything new is. */
export function spentByAll(session: Session): Spent {
  const all: Spent = new Map();
  for (const spent of [spentByPending, spentBySettlements, spentByPlans]) {
    for (const [token, amount] of spent(session)) spend(all, token, amount);
  }
  return all;
}

/** This side's word for the peer's proposal waits, or is under way. */
function isAgreedTo({ mempool, inFlight }: Account): boolean {
  const under = inFlight?.frame.transactions ?? [];
  return [...under, ...mempool].some(({ kind }) => kind === "signSettlement");
}

function ownPart({ leftDiff, rightDiff }: SettlementDiff, weAreLeft: boolean): bigint {
  return weAreLeft ? leftDiff : rightDiff;
}

function spend(spent: Spent, token: TokenId, amount: bigint): void {
  spent.set(token, (spent.get(token) ?? 0n) + amount);
}
