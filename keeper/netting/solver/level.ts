/**
 * The early stop that proves itself: prices of a nearly optimal circulation are cut down to whole
 * units of cost and repaired. Where that succeeds they are a dual, and the circulation is optimal.
 */

import type { Residue } from "./residue.ts";

/** Scans of slots that the repair may spend, as a multiple of all slots. */
const REPAIR_SCANS = 6;

/**
 * Prices that are whole units of cost (multiples of `scale`) and leave no slot with room at a
 * negative reduced cost; undefined when the budget did not find them: there is a negative cycle,
 * or just a long way. An epsilon below `scale / nodes` excludes the cycle: then there is no budget.
 */
export function levelsOf(residue: Residue, epsilon: number): Float64Array | undefined {
  const { price, scale, nodes, target } = residue;
  const level = price.map((value) => Math.floor(value / scale) * scale);
  const budget = scale > nodes * epsilon ? Number.POSITIVE_INFINITY : REPAIR_SCANS * target.length;
  return repair(residue, level, budget) ? level : undefined;
}

/** Bellman and Ford from the given prices, first come first served, within a budget of scans. */
export function repair(residue: Residue, level: Float64Array, scans: number): boolean {
  const { nodes, first, target, toll } = residue;
  const queue = new Int32Array(nodes);
  const waiting = new Uint8Array(nodes).fill(1);
  let budget = scans;
  let head = 0;
  let count = nodes;
  for (let node = 0; node < nodes; node += 1) {
    queue[node] = node;
  }
  while (count > 0) {
    const node = queue[head] as number;
    head = head + 1 === nodes ? 0 : head + 1;
    count -= 1;
    waiting[node] = 0;
    const here = level[node] as number;
    const start = first[node] as number;
    const end = first[node + 1] as number;
    budget -= end - start;
    if (budget < 0) {
      return false;
    }
    for (let slot = start; slot < end; slot += 1) {
      const to = target[slot] as number;
      const through = here + (toll[slot] as number);
      if (through < (level[to] as number)) {
        level[to] = through;
        if (waiting[to] === 0) {
          waiting[to] = 1;
          const tail = head + count;
          queue[tail >= nodes ? tail - nodes : tail] = to;
          count += 1;
        }
      }
    }
  }
  return true;
}
