/** Small ledgers for tests of the whole run, and what tests do with a run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../../keeper/base/random.ts";
import {
  runUp,
  type StageName,
  type System,
  type Up,
  type UpOptions,
} from "../../keeper/cli/up/run.ts";

/** A hook that acts before one stage. */
export function atStage(wanted: StageName, act: (system: System) => Promise<void> | void) {
  return async (stage: StageName, system: System) => {
    if (stage === wanted) await act(system);
  };
}

/** Runs a ledger, a small one unless told, hands the run to `look`, and takes everything down. */
export async function upOn(
  options: Omit<UpOptions, "file"> & { readonly csv?: string },
  look: (up: Up) => Promise<void> | void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "xln-ledger-"));
  const file = join(folder, "ledger.csv");
  writeFileSync(file, options.csv ?? smallLedger(1));
  try {
    const up = await runUp({ ...options, file });
    try {
      await look(up);
    } finally {
      await up.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const HEADER =
  "left,right,token,delta,collateral,creditLeft,creditRight,softLimitLeft,softLimitRight";

/**
 * 14 entities, 16 accounts, two tokens: 8 firms that owe each other in a circle, far above their
 * limits, and two hubs that owe half of them and are owed by 4 spokes, which must be settled.
 * Names are such that nothing may be made of them but text.
 */
export function smallLedger(seed: number): string {
  const random = createRandom(seed);
  const amount = (low: number) => BigInt(low + random.below(1_000)) * 10n ** 15n;
  const rows: string[] = [];
  for (let firm = 0; firm < 8; firm++) {
    for (const token of ["DAI", "--WETH"]) {
      const owed = amount(2_000);
      const next = `firm ${(firm + 1) % 8}`;
      rows.push(row([`firm ${firm}`, next, token], -owed, 0n, owed * 2n, owed / 4n));
    }
  }
  for (let spoke = 0; spoke < 4; spoke++) {
    const owed = amount(500);
    const collateral = spoke % 2 === 0 ? owed / 3n : 0n;
    const hub = `hub/${spoke % 2}`;
    rows.push(row([`spoke-${spoke}`, hub, "DAI"], -owed, collateral, owed * 3n, owed / 2n));
    rows.push(row([hub, `firm ${spoke * 2}`, "DAI"], -owed, 0n, owed * 3n, owed / 2n));
  }
  return `${[HEADER, ...rows].join("\n")}\n`;
}

function row(
  names: readonly [string, string, string],
  delta: bigint,
  collateral: bigint,
  limit: bigint,
  soft: bigint,
): string {
  return [...names, delta, collateral, limit, 0, 0, soft].join(",");
}
