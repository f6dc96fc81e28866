/**
 * Cost scaling in numbers, exact by digits: the highest bits of the capacities are solved first,
 * then 35 to 40 bits are added at a time and what they disturb is led on (DESIGN NET-3).
 */

import type { Arcs } from "../graph.ts";
import type { Circulation } from "./exact.ts";
import { levelsOf } from "./level.ts";
import { digitOf, type Limbs, limbsOf } from "./limb.ts";
import { type Phase, refine } from "./refine.ts";
import { createResidue, MAX_SATURATED, type Residue, rescale, setRooms } from "./residue.ts";

/** Epsilon 1 is this share of one unit of cost; finer when that does not prove the optimum. */
const FIRST_SCALE = 64;
const FINER = 16;
/** Epsilon shrinks by this factor from phase to phase. It is always a power of two. */
const SHRINK = 8;
/** At most so many bits are added at a time. */
const MOST_BITS = 40;
/** A room that is at least this is only known to be large; it stays so when digits are added. */
const LARGE = 2 ** 53;

type Stage = { readonly shift: number; readonly change: Float64Array };

/** A circulation of least cost, like `solveExact`. `limit` bounds the steps. */
export function solveScaling(arcs: Arcs, limit = Number.POSITIVE_INFINITY): Circulation {
  const residue = createResidue(arcs);
  const limbs = limbsOf(arcs.capacity);
  const excess = Math.ceil(Math.log2(Math.max(limbs.sum, 1))) + 1 - 52;
  let shift = Math.max(0, Math.min(limbs.bits, excess));
  const room = new Float64Array(residue.room.length);
  for (const [arc, slot] of residue.forward.entries()) {
    room[slot] = digitOf(limbs, arc, shift, limbs.bits - shift);
  }
  setRooms(residue, room);
  rescale(residue, FIRST_SCALE);
  const largest = residue.cost.reduce((most, cost) => Math.max(most, Math.abs(cost)), 1);
  let phase = converge(residue, 2 ** Math.floor(Math.log2(largest / SHRINK)), limit);
  const stages: Stage[] = [settle(residue, room, room.slice(), shift)];
  let bits = MOST_BITS;
  while (phase === "done" && shift > 0) {
    bits = Math.min(bits, shift);
    const dual = residue.price.slice();
    const step = addDigits(residue, room, limbs, shift, bits);
    setRooms(residue, step.room);
    phase = converge(residue, 1, limit);
    if (phase === "overflow") {
      residue.price.set(dual);
      bits = Math.max(1, bits >> 1);
      phase = "done";
      continue;
    }
    shift -= step.bits;
    room.set(step.full);
    stages.push(settle(residue, room, step.room, shift));
    bits = MOST_BITS;
  }
  const optimal = phase === "done";
  const potential = residue.price.map((price) => Math.floor(price / residue.scale));
  return { flow: compose(stages), potential, optimal, steps: residue.steps };
}

/** Refines until whole levels prove the optimum; leaves them as prices. */
function converge(residue: Residue, start: number, limit: number): Phase {
  const kept = new Float64Array(limit < Number.POSITIVE_INFINITY ? residue.room.length : 0);
  let epsilon = start;
  for (;;) {
    kept.set(kept.length > 0 ? residue.room : []);
    const phase = refine(residue, epsilon, limit);
    if (phase !== "done") {
      if (phase === "spent") {
        setRooms(residue, kept);
      }
      residue.surplus.fill(0);
      return phase;
    }
    const levels = epsilon <= residue.scale / SHRINK ? levelsOf(residue, epsilon) : undefined;
    if (levels !== undefined) {
      residue.price.set(levels);
      return "done";
    }
    if (epsilon === 1) {
      rescale(residue, FINER);
      epsilon = FINER;
    }
    epsilon = Math.max(1, Math.floor(epsilon / SHRINK));
  }
}

/**
 * The rooms once `most` more bits count, or fewer where their sum demands it: in full, and cut to
 * one more than all that is disturbed, since no best repair leads more than that through a slot.
 */
function addDigits(
  residue: Residue,
  room: Float64Array,
  limbs: Limbs,
  shift: number,
  most: number,
) {
  const { forward, mate, target, cost, price } = residue;
  const full = new Float64Array(room.length);
  for (let bits = most; ; bits -= 1) {
    const factor = 2 ** bits;
    let disturbed = 0;
    for (let arc = 0; arc < forward.length; arc += 1) {
      const slot = forward[arc] as number;
      const back = mate[slot] as number;
      const digit = digitOf(limbs, arc, shift - bits, bits);
      full[slot] = Math.min((room[slot] as number) * factor + digit, LARGE);
      full[back] = Math.min((room[back] as number) * factor, LARGE);
      const from = price[target[back] as number] as number;
      const to = price[target[slot] as number] as number;
      if ((cost[slot] as number) + from - to < 0) {
        disturbed += digit;
      }
    }
    if (disturbed < MAX_SATURATED) {
      return {
        bits,
        full,
        room: full.map((space) => Math.min(space, disturbed + 1)),
      };
    }
  }
}

/** Notes what a stage changed on each arc, and moves the full rooms accordingly. */
function settle(residue: Residue, full: Float64Array, before: Float64Array, shift: number): Stage {
  const { forward, mate } = residue;
  const change = new Float64Array(forward.length);
  for (let arc = 0; arc < forward.length; arc += 1) {
    const slot = forward[arc] as number;
    const moved = (before[slot] as number) - (residue.room[slot] as number);
    change[arc] = moved;
    full[slot] = (full[slot] as number) - moved;
    full[mate[slot] as number] = (full[mate[slot] as number] as number) + moved;
  }
  return { shift, change };
}

/** The exact flow of each arc: its changes, each in its own place. */
function compose(stages: readonly Stage[]): bigint[] {
  const flow: bigint[] = [];
  const arcs = stages[0]?.change.length ?? 0;
  for (let arc = 0; arc < arcs; arc += 1) {
    let amount = 0n;
    for (const { shift, change } of stages) {
      const moved = change[arc] as number;
      if (moved !== 0) {
        amount += BigInt(moved) << BigInt(shift);
      }
    }
    flow.push(amount);
  }
  return flow;
}
