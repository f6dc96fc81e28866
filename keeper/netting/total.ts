/** Sums of a network in one state (DESIGN section 13). */

import { excessAt, leftExposure, rightExposure } from "./bound.ts";
import type { Network, Totals } from "./types.ts";

/**
 * The totals of `network`, after `flows` if they are given (the signed change of each position's
 * delta, by position). Everything is computed from the deltas, nothing is taken from a solver.
 */
export function totals(network: Network, flows?: readonly bigint[]): Totals {
  const net = new Array<bigint>(network.entities).fill(0n);
  let gross = 0n;
  let excess = 0n;
  let overLimit = 0;
  for (const [index, position] of network.positions.entries()) {
    const delta = position.delta + (flows?.[index] ?? 0n);
    const left = leftExposure(delta);
    const right = rightExposure(delta, position.collateral);
    const over = excessAt(position, delta);
    gross += left + right;
    excess += over;
    overLimit += over > 0n ? 1 : 0;
    net[position.left] = (net[position.left] ?? 0n) + right - left;
    net[position.right] = (net[position.right] ?? 0n) + left - right;
  }
  const netInternalDebt = net.reduce((sum, owed) => (owed > 0n ? sum + owed : sum), 0n);
  return { gross, netInternalDebt, excess, overLimit };
}
