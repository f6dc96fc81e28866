/**
 * The netting rows of DESIGN section 14. Networks have ten accounts for each entity, amounts of
 * 120 bits over six orders of magnitude, and no collateral; a row is the worst of the uniform, the
 * preferential and the hub network, each the median of five warm runs.
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readLedgerFile } from "../../keeper/cli/ledger-file.ts";
import { bound } from "../../keeper/netting/bound.ts";
import { decompose } from "../../keeper/netting/decompose.ts";
import { measure } from "../../keeper/netting/residual.ts";
import { solve } from "../../keeper/netting/solve.ts";
import type { Network, Objective } from "../../keeper/netting/types.ts";
import { generateNetwork, type Shape } from "../network.ts";
import type { BenchRow } from "./types.ts";

const WORST_OF: readonly Shape[] = ["uniform", "preferential", "hub"];
const RUNS = 5;
const WIDE_BITS = 120;
/** The sum of so many amounts of this size stays below 2^53. */
const NARROW_BITS = 35;
/** Six orders of magnitude between the smallest and the largest amount. */
const SPREAD_BITS = 20;
const RIPPLE = new URL("../../../shared/data/ripple-credit-network.csv", import.meta.url);

type Progress = (line: string) => void;

/** All rows; those of the real network only where its file is present. */
export async function benchNetting(progress: Progress): Promise<readonly BenchRow[]> {
  const first = time(networks(10_000, WIDE_BITS)[0] as Network, "value", "first-solve");
  return [
    row("first-solve", first, 200),
    row("arcs-10k", worst(progress, "arcs-10k", 10_000, WIDE_BITS, "value"), 40),
    row("excess-10k", worst(progress, "excess-10k", 10_000, WIDE_BITS, "excess"), 60),
    row("arcs-100k", worst(progress, "arcs-100k", 100_000, WIDE_BITS, "value"), 700),
    row("arcs-100k-53", worst(progress, "arcs-100k-53", 100_000, NARROW_BITS, "value"), 480),
    row("excess-100k", worst(progress, "excess-100k", 100_000, WIDE_BITS, "excess"), 1000),
    ...ripple(progress),
    ...plans(progress),
  ];
}

function networks(positions: number, bits: number): readonly Network[] {
  return WORST_OF.map((shape) =>
    generateNetwork({
      shape,
      entities: positions / 10,
      positions,
      seed: 1,
      bits,
      spread: SPREAD_BITS,
    }),
  );
}

function worst(
  progress: Progress,
  work: string,
  positions: number,
  bits: number,
  objective: Objective,
): number {
  progress(`${work}: ${WORST_OF.join(", ")}`);
  const medians = networks(positions, bits).map((network) => median(network, objective, work));
  return Math.max(...medians);
}

/** The median of five runs after one that only warms up. */
function median(network: Network, objective: Objective, work: string): number {
  time(network, objective, work);
  const times = Array.from({ length: RUNS }, () => time(network, objective, work));
  return times.sort((a, b) => a - b)[RUNS >> 1] as number;
}

/** Milliseconds of one solve, the proof in `bigint` included. */
function time(network: Network, objective: Objective, work: string): number {
  const start = performance.now();
  const { proved } = solve(network, objective);
  const elapsed = performance.now() - start;
  if (!proved) {
    throw new Error(`${work}: the optimum was not proved`);
  }
  return elapsed;
}

function ripple(progress: Progress): readonly BenchRow[] {
  const file = fileURLToPath(RIPPLE);
  if (!existsSync(file)) {
    progress("ripple-value, ripple-excess: skipped, the real network's file is not there");
    return [];
  }
  progress("ripple-value, ripple-excess: the real network");
  const network = readLedgerFile(file).ledger.tokens[0]?.network as Network;
  return [
    row("ripple-value", median(network, "value", "ripple-value"), 15),
    row("ripple-excess", median(network, "excess", "ripple-excess"), 550),
  ];
}

/** The cut into plans: the slowest, and the least that either objective keeps of what it clears. */
function plans(progress: Progress): readonly BenchRow[] {
  progress("plans-10k: both objectives");
  const cuts = networks(10_000, WIDE_BITS).flatMap((network) =>
    (["value", "excess"] as const).map((objective) => cutOf(network, objective)),
  );
  const share = Math.min(...cuts.map((cut) => cut.share));
  return [
    row("plans-10k", Math.max(...cuts.map((cut) => cut.elapsed)), 1500),
    { work: "plans-10k-kept", value: share, unit: "%", limit: null, goal: 95, better: "higher" },
  ];
}

function cutOf(network: Network, objective: Objective): { elapsed: number; share: number } {
  const { flows, cleared } = solve(network, objective);
  const start = performance.now();
  const cut = decompose(network, objective, flows);
  const elapsed = performance.now() - start;
  const bounds = network.positions.map((position) => bound(position, objective));
  const kept = measure(bounds, cut.flows).cleared;
  return { elapsed, share: Number((kept * 10_000n) / cleared) / 100 };
}

function row(work: string, milliseconds: number, goal: number): BenchRow {
  const value = Math.round(milliseconds * 10) / 10;
  return { work, value, unit: "ms", limit: null, goal, better: "lower" };
}
