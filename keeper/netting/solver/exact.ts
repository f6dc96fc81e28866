/**
 * The plain solver: successive shortest distances and Dinic's blocking flows, all in `bigint`.
 * Slow and simple; it is the fast solver's oracle in tests and its fallback.
 */

import { assert } from "../../base/assert.ts";
import type { Arcs } from "../graph.ts";
import { type Adjacency, adjacencyOf } from "./adjacency.ts";
import { createHeap } from "./heap.ts";

/** What a solver hands back: flow by arc, and a dual (potential by node). */
export type Circulation = {
  readonly flow: readonly bigint[];
  /** An arc with room has `cost + potential[tail] − potential[head] ≥ 0` when `optimal`. */
  readonly potential: Float64Array;
  readonly optimal: boolean;
  /** Pushes and relabels spent. */
  readonly steps: number;
};

type State = Adjacency & {
  readonly cost: Float64Array;
  readonly room: bigint[];
  /** What has come in less what has gone out. */
  readonly surplus: bigint[];
  readonly potential: Float64Array;
  readonly level: Int32Array;
  readonly cursor: Int32Array;
  steps: number;
};

/**
 * A circulation of least cost. Every arc of negative cost is filled, then what piles up is led
 * along shortest paths to where it is missing; the distances, summed, are the dual.
 * With `limit` steps spent, the rest goes by any path: feasible, not optimal.
 */
export function solveExact(arcs: Arcs, limit = Number.POSITIVE_INFINITY): Circulation {
  const state = createState(arcs);
  let optimal = true;
  while (state.surplus.some((amount) => amount > 0n)) {
    optimal = state.steps < limit;
    if (optimal) {
      lengthen(state);
    }
    while (layer(state, optimal)) {
      block(state, optimal);
    }
  }
  const flow = Array.from(state.forward, (slot) => state.room[state.mate[slot] as number] ?? 0n);
  return { flow, potential: state.potential, optimal, steps: state.steps };
}

function createState(arcs: Arcs): State {
  const adjacency = adjacencyOf(arcs);
  const state: State = {
    ...adjacency,
    cost: new Float64Array(adjacency.target.length),
    room: new Array<bigint>(adjacency.target.length).fill(0n),
    surplus: new Array<bigint>(arcs.nodes).fill(0n),
    potential: new Float64Array(arcs.nodes),
    level: new Int32Array(arcs.nodes),
    cursor: new Int32Array(arcs.nodes),
    steps: 0,
  };
  for (const [arc, slot] of adjacency.forward.entries()) {
    const cost = arcs.cost[arc] as number;
    const capacity = arcs.capacity[arc] as bigint;
    state.cost[slot] = cost;
    state.cost[state.mate[slot] as number] = -cost;
    state.room[slot] = capacity;
    if (cost < 0) {
      push(state, arcs.tail[arc] as number, slot, capacity);
    }
  }
  return state;
}

function push(state: State, from: number, slot: number, amount: bigint): void {
  const to = state.target[slot] as number;
  const mate = state.mate[slot] as number;
  state.room[slot] = (state.room[slot] as bigint) - amount;
  state.room[mate] = (state.room[mate] as bigint) + amount;
  state.surplus[from] = (state.surplus[from] as bigint) - amount;
  state.surplus[to] = (state.surplus[to] as bigint) + amount;
  state.steps += 1;
}

function reduced(state: State, from: number, slot: number): number {
  const to = state.target[slot] as number;
  return (
    (state.cost[slot] as number) +
    (state.potential[from] as number) -
    (state.potential[to] as number)
  );
}

/** Dijkstra from all surpluses to the nearest deficit; folds the distances into the potentials. */
function lengthen(state: State): void {
  const { first, target, room, surplus, potential, nodes } = state;
  const distance = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
  const heap = createHeap();
  for (let node = 0; node < nodes; node += 1) {
    if ((surplus[node] as bigint) > 0n) {
      distance[node] = 0;
      heap.push(node, 0);
    }
  }
  let nearest = Number.POSITIVE_INFINITY;
  for (let node = heap.pop(distance); node !== -1; node = heap.pop(distance)) {
    const here = distance[node] as number;
    if ((surplus[node] as bigint) < 0n) {
      nearest = here;
      break;
    }
    for (let slot = first[node] as number; slot < (first[node + 1] as number); slot += 1) {
      if ((room[slot] as bigint) === 0n) {
        continue;
      }
      const to = target[slot] as number;
      const through = here + reduced(state, node, slot);
      if (through < (distance[to] as number)) {
        distance[to] = through;
        heap.push(to, through);
      }
    }
    state.steps += 1;
  }
  assert(Number.isSafeInteger(nearest), "every surplus can flow back", {
    nearest,
  });
  for (let node = 0; node < nodes; node += 1) {
    potential[node] = (potential[node] as number) + Math.min(distance[node] as number, nearest);
  }
}

/** Breadth-first levels from the surpluses; true when a deficit is reached. */
function layer(state: State, tight: boolean): boolean {
  const { first, target, room, surplus, level, cursor, nodes } = state;
  const queue = new Int32Array(nodes);
  let count = 0;
  let reached = false;
  for (let node = 0; node < nodes; node += 1) {
    const starts = (surplus[node] as bigint) > 0n;
    level[node] = starts ? 0 : -1;
    cursor[node] = first[node] as number;
    if (starts) {
      queue[count++] = node;
    }
  }
  for (let next = 0; next < count; next += 1) {
    const node = queue[next] as number;
    reached ||= (surplus[node] as bigint) < 0n;
    for (let slot = first[node] as number; slot < (first[node + 1] as number); slot += 1) {
      const to = target[slot] as number;
      const usable = level[to] === -1 && (room[slot] as bigint) > 0n;
      if (usable && (!tight || reduced(state, node, slot) === 0)) {
        level[to] = (level[node] as number) + 1;
        queue[count++] = to;
      }
    }
  }
  return reached;
}

/** A blocking flow over the levels: leads each surplus down until nothing more gets through. */
function block(state: State, tight: boolean): void {
  const { first, target, room, surplus, level, cursor, nodes } = state;
  const path: number[] = [];
  for (let root = 0; root < nodes; root += 1) {
    let tip = root;
    while ((surplus[root] as bigint) > 0n) {
      if ((surplus[tip] as bigint) < 0n) {
        augment(state, root, path, tip);
        path.length = 0;
        tip = root;
        continue;
      }
      const slot = cursor[tip] as number;
      if (slot === (first[tip + 1] as number)) {
        level[tip] = -1;
        const last = path.pop();
        if (last === undefined) {
          break;
        }
        tip = target[state.mate[last] as number] as number;
        cursor[tip] = (cursor[tip] as number) + 1;
        continue;
      }
      const to = target[slot] as number;
      const down = level[to] === (level[tip] as number) + 1 && (room[slot] as bigint) > 0n;
      if (down && (!tight || reduced(state, tip, slot) === 0)) {
        path.push(slot);
        tip = to;
      } else {
        cursor[tip] = (cursor[tip] as number) + 1;
      }
    }
    path.length = 0;
  }
}

function augment(state: State, root: number, path: readonly number[], end: number): void {
  let amount = state.surplus[root] as bigint;
  const missing = -(state.surplus[end] as bigint);
  amount = amount < missing ? amount : missing;
  for (const slot of path) {
    const room = state.room[slot] as bigint;
    amount = amount < room ? amount : room;
  }
  let from = root;
  for (const slot of path) {
    push(state, from, slot, amount);
    from = state.target[slot] as number;
  }
}
