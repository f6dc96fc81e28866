/** One token's network as a minimum-cost circulation: arcs of the core, with capacity and cost. */

import { assert } from "../base/assert.ts";
import { type Bound, bound, FROZEN } from "./bound.ts";
import { type Core, FALL, RISE, reduceToCore, type Topology } from "./component.ts";
import type { Network, Objective, Position } from "./types.ts";

/** Flow leaves `tail` and enters `head`; one unit of it costs `cost`; at most `capacity` units. */
export type Arcs = {
  readonly nodes: number;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly capacity: readonly bigint[];
  readonly cost: Float64Array;
};

/** The arcs of one network under one objective, and where each of them comes from. */
export type Graph = Arcs & {
  readonly objective: Objective;
  readonly network: Network;
  readonly bounds: readonly Bound[];
  readonly core: Core;
  /** Node by entity, −1 outside of the core. */
  readonly node: Int32Array;
  /** Position by arc. A piecewise limit is two arcs of one position. */
  readonly position: Int32Array;
  /** 1 when flow on the arc raises the delta, −1 when it lowers it. */
  readonly sign: Int8Array;
  /** 1 when flow on the arc removes what the objective counts. */
  readonly gains: Uint8Array;
  /** What one unit of gain weighs against one unit moved. */
  readonly weight: number;
};

/**
 * Flow `left → right` raises a delta, so what a delta gains on all of an entity's positions sums to
 * zero exactly in a circulation: nobody's net position changes (DESIGN NET-2).
 * @throws InvariantError when a position names no entity of the network, or one twice
 */
export function graphOf(network: Network, objective: Objective): Graph {
  const bounds = network.positions.map((position) => bound(position, objective));
  const topology = topologyOf(network, bounds);
  const core = reduceToCore(topology);
  const { node, nodes } = numberNodes(topology, core);
  const size = countArcs(bounds, core.open);
  const graph = {
    objective,
    network,
    bounds,
    core,
    node,
    nodes,
    tail: new Int32Array(size),
    head: new Int32Array(size),
    capacity: new Array<bigint>(size).fill(0n),
    cost: new Float64Array(size),
    position: new Int32Array(size),
    sign: new Int8Array(size),
    gains: new Uint8Array(size),
    weight: objective === "value" ? 1 : lexicographicWeight(network),
  };
  let arc = 0;
  const add = (position: number, sign: number, capacity: bigint, gains: number): void => {
    const left = node[topology.left[position] as number] as number;
    const right = node[topology.right[position] as number] as number;
    graph.tail[arc] = sign > 0 ? left : right;
    graph.head[arc] = sign > 0 ? right : left;
    graph.capacity[arc] = capacity;
    graph.cost[arc] = arcCost(objective, gains === 1, graph.weight);
    graph.position[arc] = position;
    graph.sign[arc] = sign;
    graph.gains[arc] = gains;
    arc += 1;
  };
  for (let position = 0; position < bounds.length; position += 1) {
    const open = core.open[position] as number;
    if (open === 0) {
      continue;
    }
    const { up, down, gain } = bounds[position] as Bound;
    if (gain > 0n) {
      const sign = open === RISE ? 1 : -1;
      const range = open === RISE ? up : down;
      add(position, sign, gain, 1);
      if (range > gain) {
        add(position, sign, range - gain, 0);
      }
      continue;
    }
    if ((open & RISE) !== 0) {
      add(position, 1, up, 0);
    }
    if ((open & FALL) !== 0) {
      add(position, -1, down, 0);
    }
  }
  return graph;
}

/** What one unit of flow costs: the solver minimises. */
export function arcCost(objective: Objective, gains: boolean, weight: number): number {
  if (objective === "value") {
    return -1;
  }
  return gains ? 1 - weight : 1;
}

/**
 * A simple cycle moves one unit on at most as many arcs as there are entities, so a unit of gain
 * that weighs more than that decides alone: the weighted optimum is the lexicographic one.
 */
export function lexicographicWeight(network: Network): number {
  return network.entities + 1;
}

function topologyOf(network: Network, bounds: readonly Bound[]): Topology {
  const size = bounds.length;
  const left = new Int32Array(size);
  const right = new Int32Array(size);
  const open = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) {
    const position = network.positions[index] as Position;
    const valid =
      isEntity(position.left, network) &&
      isEntity(position.right, network) &&
      position.left !== position.right;
    if (!valid) {
      // The details are built only when they are needed: this runs once a position.
      assert(false, "a position joins two entities of its network", { index });
    }
    left[index] = position.left;
    right[index] = position.right;
    const range = bounds[index] as Bound;
    if (range === FROZEN) {
      continue;
    }
    const { up, down } = range;
    open[index] = (up > 0n ? RISE : 0) | (down > 0n ? FALL : 0);
  }
  return { entities: network.entities, left, right, open };
}

function isEntity(index: number, network: Network): boolean {
  return Number.isInteger(index) && index >= 0 && index < network.entities;
}

function numberNodes({ entities, left, right }: Topology, { open }: Core) {
  const node = new Int32Array(entities).fill(-1);
  let nodes = 0;
  for (let position = 0; position < open.length; position += 1) {
    if (open[position] === 0) {
      continue;
    }
    const from = left[position] as number;
    const to = right[position] as number;
    if (node[from] === -1) {
      node[from] = nodes++;
    }
    if (node[to] === -1) {
      node[to] = nodes++;
    }
  }
  return { node, nodes };
}

function countArcs(bounds: readonly Bound[], open: Uint8Array): number {
  let size = 0;
  for (let position = 0; position < bounds.length; position += 1) {
    const directions = open[position] as number;
    if (directions === 0) {
      continue;
    }
    const { up, down, gain } = bounds[position] as Bound;
    if (directions === (RISE | FALL) || (gain > 0n && up + down > gain)) {
      size += 2;
    } else {
      size += 1;
    }
  }
  return size;
}
