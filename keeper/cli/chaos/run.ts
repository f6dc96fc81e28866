/** The demonstration of `up` while its keepers are killed, and what must be true after it. */
import { readFile } from "node:fs/promises";
import { moments } from "../../loop.ts";
import { checkRecords } from "../../signer/recorder.ts";
import { note } from "../output.ts";
import { runUp, type StageName, type System, type UpReport } from "../up/run.ts";
import { scheduleOf } from "./schedule.ts";
import { CRASH_BY_INPUT, type Kill, type Supervisor, supervise } from "./supervisor.ts";
import { createTap } from "./tap.ts";
import { createWitness, type DoubleSignature, type Testimony } from "./witness.ts";

export type ChaosOptions = {
  readonly file: string;
  readonly seed: number;
  readonly kills: number;
  /** Seconds after which the run counts as hung. */
  readonly limit: number;
  /** Undefined: a fresh temporary folder that is removed at the end. */
  readonly data?: string;
};

export type ChaosReport = {
  readonly seed: number;
  readonly kills: readonly Kill[];
  readonly up: UpReport | null;
  readonly doubleSignatures: readonly DoubleSignature[];
  /** Signatures that the witness heard between keepers, and found in their records. */
  readonly signatures: { readonly heard: number; readonly recorded: number };
  readonly faults: readonly string[];
  readonly repeat: string;
  readonly seconds: number;
};

/** Resolves with what was found, whatever it was; everything that was started has ended. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const began = performance.now();
  const { seed, kills, file } = options;
  const schedule = scheduleOf(seed, kills);
  const witness = createWitness();
  const tap = createTap((envelope) => {
    witness.hear(envelope);
    supervisor?.hear();
  });
  const faults: string[] = [];
  let supervisor: Supervisor | null = null;
  let system: System | null = null;
  let testimony: Testimony | null = null;

  /** Ends the run from outside: whoever waits for a keeper is told that the queues are closed. */
  async function abort(reason: string): Promise<void> {
    faults.push(reason);
    const raised = system;
    if (raised === null) return;
    try {
      await stopped(supervisor);
      testimony ??= witness.judge(await recordsOf(raised, faults));
    } finally {
      await raised.fleet.stop();
    }
  }

  const limit = setTimeout(
    () => void abort(`not over after ${options.limit} s: ${witnessed(supervisor)}`),
    options.limit * 1_000,
  );
  const interrupt = () => void abort("interrupted");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);

  async function before(stage: StageName, raised: System): Promise<void> {
    if (supervisor === null) {
      system = raised;
      if (raised.fleet.queue === "memory") throw new Error("without Redis there is nobody to kill");
      supervisor = supervise(raised.fleet, schedule, tell, ({ message }) => void abort(message));
    }
    await supervisor.enter(stage);
  }

  let report: UpReport | null = null;
  try {
    const fleet = { environment: CRASH_BY_INPUT, door: tap.door };
    const kept = options.data === undefined ? {} : { data: options.data };
    const up = await runUp({ file, objective: "excess", fleet, before, ...kept });
    report = up.report;
    faults.push(...up.faults);
    await stopped(supervisor);
    testimony = witness.judge(await recordsOf(up.system, faults));
    await up.stop();
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(limit);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
    await stopped(supervisor);
    await tap.stop();
  }
  const done = (supervisor as Supervisor | null)?.kills() ?? [];
  for (const plan of (supervisor as Supervisor | null)?.missed() ?? []) {
    faults.push(`a planned death did not come: ${JSON.stringify(plan)}`);
  }
  return {
    seed,
    kills: done,
    up: report,
    doubleSignatures: testimony?.doubleSignatures ?? [],
    signatures: { heard: testimony?.heard ?? 0, recorded: testimony?.recorded ?? 0 },
    faults: [...faults, ...(testimony?.faults ?? []), ...shortcomings(options, done)],
    repeat: `./xln chaos --seed ${seed} --kills ${kills}`,
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}

function tell({ keeper, moment, stage, at, back }: Kill): void {
  note(`killed ${keeper} ${moment} in ${stage} at ${at} s, back at ${back ?? "–"} s`);
}

function stopped(supervisor: Supervisor | null): Promise<void> {
  return supervisor?.stop() ?? Promise.resolve();
}

function witnessed(supervisor: Supervisor | null): string {
  return `${supervisor?.kills().length ?? 0} kills done`;
}

/** Every planned death must have come, and of five or more each moment once. */
function shortcomings({ kills }: ChaosOptions, done: readonly Kill[]): string[] {
  const seen = new Set(done.map(({ moment }) => moment));
  const missing = kills < moments.length ? [] : moments.filter((moment) => !seen.has(moment));
  const faults = missing.map((moment) => `nobody was killed ${moment}`);
  if (done.length < kills) faults.push(`${done.length} of ${kills} planned kills were done`);
  return faults;
}

/** All keepers' records, each read by the recorder's own check as well. */
async function recordsOf({ fleet }: System, faults: string[]): Promise<readonly string[]> {
  const all: string[] = [];
  for (const { config } of fleet.keepers) {
    const lines = (await readFile(config.record as string, "utf8")).split("\n");
    for (const { first, second } of checkRecords(lines)) {
      faults.push(`${config.name}: two signatures, ${JSON.stringify([first, second])}`);
    }
    all.push(...lines);
  }
  return all;
}
