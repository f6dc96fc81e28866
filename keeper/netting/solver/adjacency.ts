/** Residual arcs by node in compressed rows: a forward and a backward slot for each arc. */

import type { Arcs } from "../graph.ts";

export type Adjacency = {
  readonly nodes: number;
  /** Slots of node n: `first[n] ≤ slot < first[n + 1]`. */
  readonly first: Int32Array;
  readonly target: Int32Array;
  /** The slot of the same arc at its other end. */
  readonly mate: Int32Array;
  /** The slot of each arc at its tail. */
  readonly forward: Int32Array;
};

export function adjacencyOf({ nodes, tail, head }: Arcs): Adjacency {
  const first = new Int32Array(nodes + 1);
  for (let arc = 0; arc < tail.length; arc += 1) {
    first[tail[arc] as number] = (first[tail[arc] as number] as number) + 1;
    first[head[arc] as number] = (first[head[arc] as number] as number) + 1;
  }
  let sum = 0;
  for (let node = 0; node <= nodes; node += 1) {
    sum += first[node] as number;
    first[node] = sum;
  }
  // Filled from the back, each row's end walks down to its beginning.
  const target = new Int32Array(tail.length * 2);
  const mate = new Int32Array(tail.length * 2);
  const forward = new Int32Array(tail.length);
  for (let arc = tail.length - 1; arc >= 0; arc -= 1) {
    const from = tail[arc] as number;
    const to = head[arc] as number;
    const out = (first[from] as number) - 1;
    first[from] = out;
    const back = (first[to] as number) - 1;
    first[to] = back;
    target[out] = to;
    target[back] = from;
    mate[out] = back;
    mate[back] = out;
    forward[arc] = out;
  }
  return { nodes, first, target, mate, forward };
}
