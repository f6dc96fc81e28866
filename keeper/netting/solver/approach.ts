/**
 * The global update of prices: every node is lowered by its distance to the nearest deficit, in
 * steps of epsilon, so that surpluses run straight towards deficits (Goldberg 1997).
 */

import type { Residue } from "./residue.ts";

const NEVER = 0x7fffffff;

/** Lowers prices by epsilon times the distance to a deficit, until every surplus is reached. */
export function approach(residue: Residue, epsilon: number): void {
  const { nodes, price, surplus, rank, after, before } = residue;
  const limit = 8 * nodes;
  const bucket = new Int32Array(limit + 1).fill(-1);
  let missing = 0;
  for (let node = 0; node < nodes; node += 1) {
    rank[node] = NEVER;
    const amount = surplus[node] as number;
    if (amount > 0) {
      missing += 1;
    } else if (amount < 0) {
      rank[node] = 0;
      before[node] = -1;
      after[node] = bucket[0] as number;
      if (bucket[0] !== -1) {
        before[bucket[0] as number] = node;
      }
      bucket[0] = node;
    }
  }
  let level = 0;
  for (; level < limit && missing > 0; level += 1) {
    for (let node = bucket[level] as number; node !== -1; node = bucket[level] as number) {
      const next = after[node] as number;
      bucket[level] = next;
      if (next !== -1) {
        before[next] = -1;
      }
      missing -= (surplus[node] as number) > 0 ? 1 : 0;
      reach(residue, epsilon, node, level, bucket);
    }
  }
  for (let node = 0; node < nodes; node += 1) {
    const steps = Math.min(rank[node] as number, level);
    if (steps > 0) {
      price[node] = (price[node] as number) - epsilon * steps;
      residue.cursor[node] = residue.first[node] as number;
    }
  }
}

/** Nodes with room towards `node` come within reach of it. */
function reach(
  { first, target, tollBack, price, rank, after, before }: Residue,
  epsilon: number,
  node: number,
  level: number,
  bucket: Int32Array,
): void {
  const offset = level + 1 - (price[node] as number) / epsilon;
  const inverse = 1 / epsilon;
  const end = first[node + 1] as number;
  for (let slot = first[node] as number; slot < end; slot += 1) {
    const other = target[slot] as number;
    const known = rank[other] as number;
    // A settled node is never nearer, since no reduced cost is below −epsilon.
    const found = Math.floor(
      ((price[other] as number) + (tollBack[slot] as number)) * inverse + offset,
    );
    if (found >= known || found >= bucket.length) {
      continue;
    }
    if (known !== NEVER) {
      unlink(after, before, bucket, other, known);
    }
    rank[other] = found;
    before[other] = -1;
    const front = bucket[found] as number;
    after[other] = front;
    if (front !== -1) {
      before[front] = other;
    }
    bucket[found] = other;
  }
}

function unlink(
  after: Int32Array,
  before: Int32Array,
  bucket: Int32Array,
  node: number,
  level: number,
): void {
  const next = after[node] as number;
  const previous = before[node] as number;
  if (previous === -1) {
    bucket[level] = next;
  } else {
    after[previous] = next;
  }
  if (next !== -1) {
    before[next] = previous;
  }
}
