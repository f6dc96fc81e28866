/** What the chain does about debts: one queue a debtor and token, paid oldest first (DEB-1). */
import { minBigint } from "../base/amount.ts";
import { equalBytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";

export type Debt = { readonly creditor: EntityId; readonly amount: bigint };

/** A debtor's debts in one token; the first is at `head`, null where one was forgiven. */
export type DebtQueue = { readonly head: number; readonly debts: readonly (Debt | null)[] };

export const NO_DEBTS: DebtQueue = { head: 0, debts: [] };

/** What one debt was paid, and what is still owed of it. */
export type Payment = {
  readonly index: number;
  readonly creditor: EntityId;
  readonly paid: bigint;
  readonly rest: bigint;
};

export type Sweep = {
  readonly payments: readonly Payment[];
  readonly queue: DebtQueue;
  /** What is left in the debtor's reserve. */
  readonly reserve: bigint;
};

/** Whether nothing of the debtor's reserve is spendable, forgiven debts at the head included. */
export function hasDebts({ debts }: DebtQueue): boolean {
  return debts.length > 0;
}

/** Index of the next debt. */
export function tailOf({ head, debts }: DebtQueue): number {
  return head + debts.length;
}

export function addDebt({ head, debts }: DebtQueue, debt: Debt): DebtQueue {
  return { head, debts: [...debts, debt] };
}

/** The creditor gives a debt up: it leaves a hole, or the head moves on by one. */
export function forgiveDebt({ head, debts }: DebtQueue, index: number): DebtQueue {
  if (index < head || index >= head + debts.length || debts[index - head] === null) {
    return { head, debts };
  }
  if (index === head) return { head: head + 1, debts: debts.slice(1) };
  return { head, debts: debts.map((debt, place) => (place === index - head ? null : debt)) };
}

/** Whom to name so that a sweep pays as much as so much money can: creditors, oldest first. */
export function creditorsToName({ debts }: DebtQueue, reserve: bigint): readonly EntityId[] {
  const named: EntityId[] = [];
  let rest = reserve;
  for (const debt of debts) {
    if (debt === null) continue;
    if (rest <= 0n) break;
    named.push(debt.creditor);
    rest -= debt.amount;
  }
  return named;
}

/**
 * Pays debts out of the debtor's reserve. A creditor to whom the oldest debt is not owed is passed
 * over; so is a hole, which takes no creditor, but no more holes than there are creditors.
 */
export function sweepDebts(
  { head, debts }: DebtQueue,
  reserve: bigint,
  creditors: readonly EntityId[],
): Sweep {
  const payments: Payment[] = [];
  const open = debts.slice();
  let [index, left, next, holes] = [head, reserve, 0, 0];
  while (open.length > 0) {
    const debt = open[0] as Debt | null;
    if (debt === null) {
      if (holes === creditors.length) break;
      holes++;
    } else {
      while (next < creditors.length && !equalBytes(creditors[next] as EntityId, debt.creditor)) {
        next++;
      }
      if (next === creditors.length || left === 0n) break;
      next++;
      const paid = minBigint(left, debt.amount);
      const rest = debt.amount - paid;
      left -= paid;
      payments.push({ index, creditor: debt.creditor, paid, rest });
      if (rest > 0n) {
        open[0] = { creditor: debt.creditor, amount: rest };
        break;
      }
    }
    open.shift();
    index++;
  }
  return { payments, queue: { head: index, debts: open }, reserve: left };
}
