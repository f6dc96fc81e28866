/**
 * One phase of cost scaling: from any flow to a circulation that is epsilon-optimal, by pushing
 * along partial augmenting paths (Goldberg and Tarjan 1990; Goldberg 2008).
 */

import { approach } from "./approach.ts";
import { MAX_SATURATED, move, type Residue } from "./residue.ts";

/** How a phase ended. `overflow`: what had to be saturated would leave the exact integers. */
export type Phase = "done" | "overflow" | "spent";

/** The longest path that is tried before flow is pushed along it. */
const LONGEST_PATH = 4;

/**
 * Makes the circulation epsilon-optimal: every slot with room has a reduced cost ≥ −epsilon.
 * @param limit the phase gives up with `spent` once `residue.steps` reaches it
 */
export function refine(residue: Residue, epsilon: number, limit: number): Phase {
  const active = saturate(residue);
  if (active === -1) {
    return "overflow";
  }
  if (active === 0) {
    return "done";
  }
  return drain(residue, epsilon, limit, active);
}

/**
 * Fills every slot of negative reduced cost.
 * @returns how many nodes have a surplus now, all in the queue; −1 when the sum is too large
 */
function saturate(residue: Residue): number {
  const { nodes, first, target, toll, room, price, surplus, cursor, queue, queued } = residue;
  let sum = 0;
  for (let node = 0; node < nodes; node += 1) {
    const here = price[node] as number;
    const end = first[node + 1] as number;
    for (let slot = first[node] as number; slot < end; slot += 1) {
      const to = target[slot] as number;
      if ((toll[slot] as number) + here < (price[to] as number)) {
        const amount = room[slot] as number;
        move(residue, slot, amount);
        surplus[node] = (surplus[node] as number) - amount;
        surplus[to] = (surplus[to] as number) + amount;
        sum += amount;
      }
    }
  }
  if (sum > MAX_SATURATED) {
    return -1;
  }
  let active = 0;
  for (let node = 0; node < nodes; node += 1) {
    const waits = (surplus[node] as number) > 0;
    cursor[node] = first[node] as number;
    queued[node] = waits ? 1 : 0;
    if (waits) {
      queue[active++] = node;
    }
  }
  return active;
}

/** Leads every surplus to a deficit, first come first served. */
function drain(residue: Residue, epsilon: number, limit: number, active: number): Phase {
  const { nodes, queue, queued, surplus } = residue;
  const path = new Int32Array(LONGEST_PATH);
  let head = 0;
  let count = active;
  let last = residue.relabels;
  approach(residue, epsilon);
  while (count > 0) {
    if (residue.steps >= limit) {
      return "spent";
    }
    const start = queue[head] as number;
    if ((surplus[start] as number) <= 0) {
      queued[start] = 0;
      head = head + 1 === nodes ? 0 : head + 1;
      count -= 1;
      continue;
    }
    const depth = extend(residue, start, path, epsilon);
    count = augment(residue, start, path, depth, head, count);
    if (residue.relabels - last > nodes) {
      approach(residue, epsilon);
      last = residue.relabels;
    }
  }
  return "done";
}

/** Walks along slots of negative reduced cost, relabelling where there is none. */
function extend(residue: Residue, start: number, path: Int32Array, epsilon: number): number {
  const { first, target, mate, toll, price, surplus, cursor } = residue;
  let depth = 0;
  let tip = start;
  while (depth < LONGEST_PATH && (surplus[tip] as number) >= 0) {
    const here = price[tip] as number;
    const end = first[tip + 1] as number;
    let slot = cursor[tip] as number;
    while (
      slot < end &&
      (toll[slot] as number) + here >= (price[target[slot] as number] as number)
    ) {
      slot += 1;
    }
    if (slot < end) {
      cursor[tip] = slot;
      path[depth++] = slot;
      tip = target[slot] as number;
      continue;
    }
    // The slot back along the path has no room yet, but would have after the push.
    const last = depth > 0 ? (mate[path[depth - 1] as number] as number) : -1;
    relabel(residue, tip, last, epsilon);
    if (depth > 0) {
      depth -= 1;
      tip = target[last] as number;
    }
  }
  return depth;
}

/** Lowers a price so that the cheapest way out becomes admissible. */
function relabel(residue: Residue, node: number, last: number, epsilon: number): void {
  const { first, target, cost, toll, price, cursor } = residue;
  const start = first[node] as number;
  const end = first[node + 1] as number;
  let least = Number.POSITIVE_INFINITY;
  if (last !== -1) {
    least = (cost[last] as number) - (price[target[last] as number] as number);
  }
  for (let slot = start; slot < end; slot += 1) {
    const out = (toll[slot] as number) - (price[target[slot] as number] as number);
    if (out < least) {
      least = out;
    }
  }
  price[node] = -least - epsilon;
  cursor[node] = start;
  residue.relabels += 1;
  residue.steps += 1;
}

/** Pushes along the path as much as each slot takes; returns the new length of the queue. */
function augment(
  residue: Residue,
  start: number,
  path: Int32Array,
  depth: number,
  head: number,
  active: number,
): number {
  const { nodes, target, room, surplus, queue, queued } = residue;
  let count = active;
  let from = start;
  for (let index = 0; index < depth; index += 1) {
    const slot = path[index] as number;
    const to = target[slot] as number;
    const here = surplus[from] as number;
    const space = room[slot] as number;
    const amount = here < space ? here : space;
    const there = surplus[to] as number;
    move(residue, slot, amount);
    surplus[from] = here - amount;
    surplus[to] = there + amount;
    if (queued[to] === 0 && there + amount > 0) {
      queued[to] = 1;
      const tail = head + count;
      queue[tail >= nodes ? tail - nodes : tail] = to;
      count += 1;
    }
    from = to;
  }
  residue.steps += depth;
  return count;
}
