/** Short cycles of a flow: each is found breadth first, and taken as far as it goes. */

import type { Cycle } from "./types.ts";

/** Arcs that cycles are made of; each belongs to a position and has a sign. */
export type CycleArcs = {
  readonly nodes: number;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly position: Int32Array;
  readonly sign: Int8Array;
  /** What is left on each arc; taken cycles lower it. */
  readonly amount: bigint[];
  /** 1 where a cycle may be closed: only cycles with such an arc are of use. */
  readonly closes: Uint8Array;
};

type Search = CycleArcs & {
  readonly longest: number;
  /** 1 while an arc has something left: the search asks far more often than amounts change. */
  readonly open: Uint8Array;
  readonly firstOut: Int32Array;
  readonly out: Int32Array;
  readonly firstIn: Int32Array;
  readonly into: Int32Array;
  /** The arc by which the search reached a node; −1 when it has not. */
  readonly via: Int32Array;
  readonly depth: Int32Array;
  readonly queue: Int32Array;
};

/**
 * Takes cycles of at most `longest` nodes until none with a closing arc is left. Two arcs of one
 * position and opposite sign are never both used.
 */
export function takeCycles(arcs: CycleArcs, longest: number): Cycle[] {
  const search = createSearch(arcs, longest);
  const rivals = rivalsOf(arcs);
  const cycles: Cycle[] = [];
  for (let root = 0; root < arcs.nodes; root += 1) {
    // A tree serves for several cycles, until one of its arcs is used up.
    for (let before = -1; before !== cycles.length; ) {
      before = cycles.length;
      if (search.firstIn[root] !== search.firstIn[root + 1]) {
        explore(search, root);
        closeAt(search, rivals, root, cycles);
      }
    }
    retire(search, root);
  }
  return cycles;
}

/** Closes what the tree of `root` reaches. */
function closeAt(search: Search, rivals: Rivals, root: number, cycles: Cycle[]): void {
  const { firstIn, into, closes, open } = search;
  for (let at = firstIn[root] as number; at < (firstIn[root + 1] as number); at += 1) {
    const arc = into[at] as number;
    const useful = closes[arc] === 1 && open[arc] === 1;
    const cycle = useful ? close(search, rivals, root, arc) : undefined;
    if (cycle !== undefined) {
      cycles.push(cycle);
    }
  }
}

/** Once no cycle closes at `root`, none passes through it, if every arc into it could close one. */
function retire({ firstIn, into, firstOut, out, closes, open }: Search, root: number): void {
  const arcsIn = into.subarray(firstIn[root], firstIn[root + 1]);
  if (arcsIn.every((arc) => closes[arc] === 1 || open[arc] === 0)) {
    for (const arc of [...arcsIn, ...out.subarray(firstOut[root], firstOut[root + 1])]) {
      open[arc] = 0;
    }
  }
}

function createSearch(arcs: CycleArcs, longest: number): Search {
  const [firstOut, out] = rows(arcs.nodes, arcs.tail);
  const [firstIn, into] = rows(arcs.nodes, arcs.head);
  return {
    ...arcs,
    longest,
    open: Uint8Array.from(arcs.amount, (amount) => (amount > 0n ? 1 : 0)),
    firstOut,
    out,
    firstIn,
    into,
    via: new Int32Array(arcs.nodes),
    depth: new Int32Array(arcs.nodes),
    queue: new Int32Array(arcs.nodes),
  };
}

/** Arcs by node, in compressed rows and in ascending order. */
function rows(nodes: number, end: Int32Array): readonly [Int32Array, Int32Array] {
  const first = new Int32Array(nodes + 2);
  for (const node of end) {
    first[node + 2] = (first[node + 2] as number) + 1;
  }
  for (let node = 2; node < first.length; node += 1) {
    first[node] = (first[node] as number) + (first[node - 1] as number);
  }
  const list = new Int32Array(end.length);
  for (const [arc, node] of end.entries()) {
    const at = first[node + 1] as number;
    list[at] = arc;
    first[node + 1] = at + 1;
  }
  return [first, list];
}

/** For each position that has arcs of both signs, its arcs. */
type Rivals = ReadonlyMap<number, readonly number[]>;

function rivalsOf({ position, sign }: CycleArcs): Rivals {
  const byPosition = new Map<number, number[]>();
  for (const [arc, index] of position.entries()) {
    byPosition.set(index, [...(byPosition.get(index) ?? []), arc]);
  }
  for (const [index, list] of byPosition) {
    if (list.every((arc) => sign[arc] === sign[list[0] as number])) {
      byPosition.delete(index);
    }
  }
  return byPosition;
}

/** A tree of shortest paths from `root` over arcs that have something left. */
function explore(search: Search, root: number): void {
  const { head, open, longest, firstOut, out, via, depth, queue } = search;
  via.fill(-1);
  depth[root] = 1;
  let count = 0;
  queue[count++] = root;
  for (let next = 0; next < count; next += 1) {
    const node = queue[next] as number;
    if (depth[node] === longest) {
      return;
    }
    for (let at = firstOut[node] as number; at < (firstOut[node + 1] as number); at += 1) {
      const arc = out[at] as number;
      const to = head[arc] as number;
      if (open[arc] === 1 && via[to] === -1 && to !== root) {
        via[to] = arc;
        depth[to] = (depth[node] as number) + 1;
        queue[count++] = to;
      }
    }
  }
}

/** Takes the cycle of the tree's path to the arc's tail, and the arc; undefined if it is broken. */
function close(
  { tail, position, sign, amount, open, via }: Search,
  rivals: Rivals,
  root: number,
  last: number,
): Cycle | undefined {
  const path = [last];
  for (let node = tail[last] as number; node !== root; ) {
    const arc = via[node] as number;
    if (arc === -1) {
      return undefined;
    }
    path.push(arc);
    node = tail[arc] as number;
  }
  path.reverse();
  let least = amount[last] as bigint;
  for (const arc of path) {
    const left = amount[arc] as bigint;
    least = left < least ? left : least;
  }
  if (least === 0n) {
    return undefined;
  }
  for (const arc of path) {
    const rest = (amount[arc] as bigint) - least;
    amount[arc] = rest;
    open[arc] = rest > 0n ? 1 : 0;
    for (const rival of rivals.get(position[arc] as number) ?? []) {
      if (sign[rival] !== sign[arc]) {
        amount[rival] = 0n;
        open[rival] = 0;
      }
    }
  }
  const legs = path.map((arc) => ({
    position: position[arc] as number,
    amount: (sign[arc] as number) > 0 ? least : -least,
  }));
  return { legs };
}
