/** From a dual under a small weight of the first aim to one under the full weight. */

import type { Arcs } from "../graph.ts";
import type { Circulation } from "./exact.ts";
import { repair } from "./level.ts";
import { createResidue, setRooms } from "./residue.ts";

const REPAIR_SCANS = 16;

type Weighted = Arcs & { readonly weight: number };

/**
 * Each potential is gain levels times the weight plus a few units moved. The levels are multiplied
 * by the full weight, and what rounding to the nearest level got wrong is repaired.
 * @returns potentials that prove the circulation optimal under the graph's weight, if it is and
 * they were found
 */
export function lift(
  graph: Weighted,
  { flow, potential }: Circulation,
  small: number,
): Float64Array | undefined {
  const residue = createResidue(graph);
  const rooms = new Float64Array(residue.room.length);
  for (const [arc, slot] of residue.forward.entries()) {
    const amount = flow[arc] as bigint;
    // Only whether there is room counts here, not how much.
    rooms[slot] = amount < (graph.capacity[arc] as bigint) ? 1 : 0;
    rooms[residue.mate[slot] as number] = amount > 0n ? 1 : 0;
  }
  setRooms(residue, rooms);
  const lifted = potential.map((value) => {
    const level = Math.round(value / small);
    return level * graph.weight + (value - level * small);
  });
  const scans = REPAIR_SCANS * residue.target.length;
  return repair(residue, lifted, scans) ? lifted : undefined;
}
