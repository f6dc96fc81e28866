/**
 * Chains of debts that no circulation clears (NET-6): A owes B owes C owes D. Their legs cancel
 * along the chain, and what that leaves at the two ends A pays D from its reserve, in one
 * settlement instead of one for each account. Nobody between needs a reserve.
 */
import { excessAt, leftExposure, rightExposure } from "./bound.ts";
import { MAX_SIGNERS } from "./decompose.ts";
import type { Network, PlanPart, Position } from "./types.ts";

/** Legs along a chain, and the payment that makes up for them at its ends. */
export type DebtChain = PlanPart & {
  readonly pays: { readonly from: number; readonly to: number; readonly amount: bigint };
};

type Debt = { readonly position: number; readonly from: number; readonly to: number };

/** What is left of each position while chains are taken out. */
type Remains = { readonly network: Network; readonly deltas: bigint[] };

/**
 * Takes chains of two debts or more out of the network while there are any, each with as much as
 * its smallest debt has. Only debts over the soft limit of the side that is owed are touched, and
 * they only shrink. Begins where nobody over a limit owes the debtor, so that chains are long.
 * What stands alone is left: settling that by itself costs no more.
 */
export function chainsOf(network: Network, maxSigners: number = MAX_SIGNERS): readonly DebtChain[] {
  const remains: Remains = { network, deltas: network.positions.map(({ delta }) => delta) };
  const byDebtor = new Map<number, Debt[]>();
  const isOwed = new Set<number>();
  for (const [position, one] of network.positions.entries()) {
    if (!one.consent || !isOver(remains, position)) continue;
    const debt = debtOf(one, position);
    const others = byDebtor.get(debt.from);
    if (others === undefined) byDebtor.set(debt.from, [debt]);
    else others.push(debt);
    isOwed.add(debt.to);
  }
  const debtors = [...byDebtor.keys()].sort((a, b) => a - b);
  const starts = [
    ...debtors.filter((debtor) => !isOwed.has(debtor)),
    ...debtors.filter((debtor) => isOwed.has(debtor)),
  ];
  const chains: DebtChain[] = [];
  for (const start of starts) {
    for (;;) {
      const path = longPath(remains, byDebtor, start, maxSigners);
      if (path.length < 2) break;
      chains.push(take(remains, path));
    }
  }
  return chains;
}

/** From the start always on to the largest debt that leads to somebody new. */
function longPath(
  remains: Remains,
  byDebtor: ReadonlyMap<number, readonly Debt[]>,
  start: number,
  maxSigners: number,
): readonly Debt[] {
  const path: Debt[] = [];
  const visited = new Set([start]);
  for (let at = start; visited.size < maxSigners; ) {
    let next: Debt | null = null;
    for (const debt of byDebtor.get(at) ?? []) {
      if (visited.has(debt.to) || !isOver(remains, debt.position)) continue;
      if (next === null || owedOn(remains, debt) > owedOn(remains, next)) next = debt;
    }
    if (next === null) break;
    path.push(next);
    visited.add(next.to);
    at = next.to;
  }
  return path;
}

function take(remains: Remains, path: readonly Debt[]): DebtChain {
  const amount = path
    .map((debt) => owedOn(remains, debt))
    .reduce((least, owed) => (owed < least ? owed : least));
  const legs = path.map(({ position, from }) => {
    const rises = (remains.network.positions[position] as Position).left === from;
    const change = rises ? amount : -amount;
    remains.deltas[position] = (remains.deltas[position] as bigint) + change;
    return { position, amount: change };
  });
  const from = (path[0] as Debt).from;
  const ends = path.map(({ to }) => to);
  const signers = [from, ...ends].sort((a, b) => a - b);
  return { signers, legs, pays: { from, to: ends.at(-1) as number, amount } };
}

function debtOf({ left, right, delta }: Position, position: number): Debt {
  return delta < 0n ? { position, from: left, to: right } : { position, from: right, to: left };
}

function isOver({ network, deltas }: Remains, position: number): boolean {
  return excessAt(network.positions[position] as Position, deltas[position] as bigint) > 0n;
}

function owedOn({ network, deltas }: Remains, { position }: Debt): bigint {
  const { collateral } = network.positions[position] as Position;
  const delta = deltas[position] as bigint;
  return delta < 0n ? leftExposure(delta) : rightExposure(delta, collateral);
}
