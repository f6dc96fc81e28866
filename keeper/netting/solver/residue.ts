/** What the fast solver works on: residual arcs with room, cost, price and surplus as numbers. */

import type { Arcs } from "../graph.ts";
import { type Adjacency, adjacencyOf } from "./adjacency.ts";

/**
 * A slot has room for `room` more units at the reduced cost `cost + price[from] − price[to]`.
 * Costs and prices are integers, scaled by `scale`. Rooms and surpluses are integers below 2^53:
 * `MAX_SATURATED` guards their sums (DESIGN NET-3).
 */
export type Residue = Adjacency & {
  readonly cost: Float64Array;
  readonly room: Float64Array;
  /** The cost while there is room, else infinite: one read and one branch fewer in every scan. */
  readonly toll: Float64Array;
  /** The toll of the slot's mate. */
  readonly tollBack: Float64Array;
  readonly price: Float64Array;
  readonly surplus: Float64Array;
  /** Scratch of the refinement: where each node's scan goes on, and the nodes with surplus. */
  readonly cursor: Int32Array;
  readonly queue: Int32Array;
  readonly queued: Uint8Array;
  readonly rank: Int32Array;
  readonly after: Int32Array;
  readonly before: Int32Array;
  scale: number;
  /** Pushes and relabels so far. */
  steps: number;
  relabels: number;
};

/** No sum of saturated rooms may exceed this, so no surplus leaves the exact integers. */
export const MAX_SATURATED = 2 ** 52;

export function createResidue(arcs: Arcs): Residue {
  const adjacency = adjacencyOf(arcs);
  const slots = adjacency.target.length;
  const residue: Residue = {
    ...adjacency,
    cost: new Float64Array(slots),
    room: new Float64Array(slots),
    toll: new Float64Array(slots),
    tollBack: new Float64Array(slots),
    price: new Float64Array(arcs.nodes),
    surplus: new Float64Array(arcs.nodes),
    cursor: new Int32Array(arcs.nodes),
    queue: new Int32Array(arcs.nodes),
    queued: new Uint8Array(arcs.nodes),
    rank: new Int32Array(arcs.nodes),
    after: new Int32Array(arcs.nodes),
    before: new Int32Array(arcs.nodes),
    scale: 1,
    steps: 0,
    relabels: 0,
  };
  for (let arc = 0; arc < arcs.tail.length; arc += 1) {
    const slot = adjacency.forward[arc] as number;
    residue.cost[slot] = arcs.cost[arc] as number;
    residue.cost[adjacency.mate[slot] as number] = -(arcs.cost[arc] as number);
  }
  return residue;
}

/** Sets all rooms, and the tolls that follow from them. */
export function setRooms(residue: Residue, rooms: Float64Array): void {
  const { mate, cost, room, toll, tollBack } = residue;
  room.set(rooms);
  for (let slot = 0; slot < room.length; slot += 1) {
    const price = (room[slot] as number) > 0 ? (cost[slot] as number) : Number.POSITIVE_INFINITY;
    toll[slot] = price;
    tollBack[mate[slot] as number] = price;
  }
}

/** Moves `amount` through a slot: 0 < amount ≤ its room. */
export function move(residue: Residue, slot: number, amount: number): void {
  const { mate, cost, room, toll, tollBack } = residue;
  const back = mate[slot] as number;
  const left = (room[slot] as number) - amount;
  const had = room[back] as number;
  room[slot] = left;
  room[back] = had + amount;
  if (left === 0) {
    toll[slot] = Number.POSITIVE_INFINITY;
    tollBack[back] = Number.POSITIVE_INFINITY;
  }
  if (had === 0) {
    const price = -(cost[slot] as number);
    toll[back] = price;
    tollBack[slot] = price;
  }
}

/** Multiplies costs and prices, so that epsilon 1 means a finer share of one unit of cost. */
export function rescale(residue: Residue, factor: number): void {
  const { cost, toll, tollBack, price } = residue;
  for (let slot = 0; slot < cost.length; slot += 1) {
    cost[slot] = (cost[slot] as number) * factor;
    toll[slot] = (toll[slot] as number) * factor;
    tollBack[slot] = (tollBack[slot] as number) * factor;
  }
  for (let node = 0; node < price.length; node += 1) {
    price[node] = (price[node] as number) * factor;
  }
  residue.scale *= factor;
}
