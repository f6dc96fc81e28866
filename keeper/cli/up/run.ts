/** The whole demonstration: what it stands on, its stages, its report. */
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { reportOf } from "../../netting/report/report.ts";
import type { NettingReport } from "../../netting/report/types.ts";
import type { Objective } from "../../netting/types.ts";
import { Failure } from "../failure.ts";
import { type LedgerFile, readLedgerFile } from "../ledger-file.ts";
import { note } from "../output.ts";
import { admit } from "./admission.ts";
import type { Cast } from "./cast.ts";
import {
  checkDeployment,
  DEPLOYMENT_FILE,
  type Deployment,
  readDeployment,
  writeDeployment,
} from "./deployment.ts";
import { createFleet, type FleetOptions } from "./fleet.ts";
import {
  deploy,
  type LocalChain,
  type Origin,
  originAt,
  type QueueServer,
  type RedisSearch,
  startChain,
  startQueueServer,
} from "./ground.ts";
import { type Played, play } from "./play.ts";
import type { NettingOutcome, Stage } from "./stage.ts";
import { createStopwatch, type StageTime, type Stopwatch } from "./stopwatch.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export type UpOptions = {
  readonly file: string;
  /** Soft limits as a percentage of credit limits, instead of the file's. */
  readonly softLimitPercent?: number;
  /** Undefined: *excess*, and *value* for obligations, which have no limits to exceed. */
  readonly objective?: Objective;
  /** False: what is over a limit after netting stays there, and nothing is compared. */
  readonly settles?: boolean;
  /** Undefined: a fresh temporary folder that is removed at the end. */
  readonly data?: string;
  /** Entities that refuse every plan after handing in their rows: consent is theirs. */
  readonly refuse?: readonly string[];
  /** Another node to fork instead of beginning an empty chain. */
  readonly fork?: string;
  /** With `fork`: a file that says where on that chain the contracts stand. */
  readonly deployment?: string;
  /** What the keepers' processes get, and where they dial each other; they may die. */
  readonly fleet?: FleetOptions;
  /** Where to look for a Redis. */
  readonly redis?: RedisSearch;
  /** Breaks the run off. */
  readonly signal?: AbortSignal;
  /** Told before each stage; tests plant faults there. */
  readonly before?: (stage: StageName, system: System) => Promise<void>;
};

export const stageNames = [
  "open",
  "collateral",
  "credit",
  "pay",
  "baseline",
  "net",
  "settle",
  "check",
  "replay",
] as const;

export type StageName = (typeof stageNames)[number];

/** What stands after a run; it is taken down by `stop`. */
export type System = Stage & {
  readonly chain: LocalChain;
  /** Null where the queue is in this process. */
  readonly redis: QueueServer | null;
  readonly data: string;
};

export type UpReport = {
  readonly ledger: { file: string; sha256: string; entities: number; accounts: number };
  readonly keepers: number;
  readonly queue: "redis" | "memory";
  readonly netting: NettingReport;
  readonly settlements: { before: number; after: number };
  readonly gas: { before: number; after: number };
  readonly conserved: boolean;
  readonly replayRootsEqual: boolean;
  readonly seconds: number;
};

export type Up = {
  readonly report: UpReport;
  /** What a check found; empty when all is true. */
  readonly faults: readonly string[];
  readonly system: System;
  readonly payments: number;
  readonly plans: NettingOutcome["plans"];
  /** By token and position, in the file's orientation: what was executed. */
  readonly flows: readonly (readonly bigint[])[];
  readonly proved: boolean;
  readonly solveMs: number;
  readonly times: readonly StageTime[];
  readonly stop: () => Promise<void>;
};

/** What must be ended, the last first; what comes after that is ended at once. */
type Stops = {
  readonly push: (end: () => Promise<unknown>) => void;
  readonly all: () => Promise<void>;
};

function createStops(): Stops {
  const ends: (() => Promise<unknown>)[] = [];
  const late: Promise<unknown>[] = [];
  let over = false;
  return {
    push: (end) => {
      if (over) late.push(end());
      else ends.push(end);
    },
    all: async () => {
      over = true;
      for (const end of ends.splice(0).toReversed()) await end();
      await Promise.all(late);
    },
  };
}

/**
 * Runs everything and leaves it running; whatever was started is stopped if a stage fails.
 * @throws Failure for a ledger, an option or a chain that will not do; Error when a stage fails
 */
export async function runUp(options: UpOptions): Promise<Up> {
  const { softLimitPercent } = options;
  const ledger = readLedgerFile(
    options.file,
    softLimitPercent === undefined ? {} : { softLimitPercent },
  );
  const cast = admit(ledger);
  checkRefusing(cast, options.refuse ?? []);
  const known = knownDeployment(options);
  const origin = options.fork === undefined ? null : await originAt(options.fork);
  const stopwatch = createStopwatch();
  const temporary = options.data === undefined;
  const data = options.data
    ? await freshFolder(options.data)
    : await mkdtemp(join(tmpdir(), "xln-"));
  const stops = createStops();
  const stop = async () => {
    await stops.all();
    if (temporary) await rm(data, { recursive: true, force: true });
  };
  const broken = brokenBy(options.signal);
  try {
    const run = raise({ ...options, known, origin, cast, data, stops, stopwatch, broken }).then(
      (system) => demonstrate(options, ledger, system, stopwatch),
    );
    const up = await Promise.race([run, broken.promise]);
    return { ...up, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function demonstrate(
  options: UpOptions,
  file: LedgerFile,
  system: System,
  stopwatch: Stopwatch,
): Promise<Omit<Up, "stop">> {
  const objective = options.objective ?? (file.ledger.kind === "obligations" ? "value" : "excess");
  const played = await play(system, {
    objective,
    refuse: options.refuse ?? [],
    settles: options.settles ?? true,
    carriesOn: options.deployment !== undefined,
    stopwatch,
    before: async (stage) => options.before?.(stage, system),
  });
  const times = stopwatch.end();
  return {
    report: documentOf(file, objective, system, played, stopwatch.seconds()),
    faults: [...played.conservation, ...played.replay],
    system,
    payments: played.payments,
    plans: played.netting.plans,
    flows: played.outcomes.map(({ flows }) => flows),
    proved: played.proved,
    solveMs: played.solveMs,
    times,
  };
}

/** Rejects when the run is broken off, or something that it stands on has died. */
function brokenBy(signal: AbortSignal | undefined) {
  const { promise, reject } = Promise.withResolvers<never>();
  // The run may be over before.
  promise.catch(() => undefined);
  const tell = (words: string) => reject(new Error(words));
  signal?.addEventListener("abort", () => tell("interrupted"), { once: true });
  if (signal?.aborted === true) tell("interrupted");
  return { promise, tell };
}

function checkRefusing(cast: Cast, refuse: readonly string[]): void {
  const unknown = refuse.find((wish) => cast.actors.every(({ name }) => name !== wish));
  if (unknown === undefined) return;
  const message = `--refuse: expected entities of the ledger, found ${JSON.stringify(unknown)}`;
  const some = cast.actors.slice(0, 3).map(({ name }) => name);
  throw new Failure("refuse-unknown", message, `write names such as ${some.join(", ")}`);
}

/** The chain of a run ends with it, so its keepers' logs cannot go on: each run needs its own. */
async function freshFolder(wish: string): Promise<string> {
  const folder = resolve(wish);
  if (
    await stat(folder).then(
      (found) => !found.isDirectory(),
      () => false,
    )
  ) {
    const message = `--data: a file, not a folder: ${wish}`;
    throw new Failure("data-is-file", message, "name a new folder", { file: wish });
  }
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return folder;
  throw new Failure(
    "data-in-use",
    `--data: ${wish} is not empty, and a local chain that has ended cannot be gone on with`,
    "name a new folder; a run's logs stay open to ./xln inspect, replay and audit",
    { file: wish },
  );
}

type Raising = UpOptions & {
  readonly known: Deployment | null;
  /** The node to fork, or null. */
  readonly origin: Origin | null;
  readonly cast: Cast;
  readonly data: string;
  readonly stops: Stops;
  readonly stopwatch: Stopwatch;
  readonly broken: { readonly tell: (words: string) => void };
};

/** Chain, contracts, Redis, keepers. */
async function raise(raising: Raising): Promise<System> {
  const { cast, data, stops, stopwatch, broken } = raising;
  stopwatch.begin("starting a chain and a queue");
  const search = raising.redis ?? { tools: join(root, ".xln"), path: process.env.PATH ?? "" };
  const starting = startChain(raising.origin).then((started) => {
    stops.push(() => started.running.stop());
    return started;
  });
  const queueing = startQueueServer(search, data).then((started) => {
    if (started !== null) stops.push(started.stop);
    return started;
  });
  const [chain, redis] = await both(starting, queueing);
  void chain.running.ended.then((how) => broken.tell(`the chain ${how}`));
  if (redis === null) note("no Redis: the queue and all keepers run inside of this process");
  stopwatch.begin("deploying the contracts by Ignition");
  const deployment = await standOn(raising, chain);
  await writeDeployment(join(data, DEPLOYMENT_FILE), deployment);
  stopwatch.begin("starting three keepers");
  const url = redis?.url ?? null;
  const fleet = await createFleet(cast, deployment, chain, data, url, raising.fleet);
  stops.push(() => fleet.stop());
  // Who gave options for the fleet looks after it.
  if (raising.fleet === undefined) {
    for (const keeper of fleet.keepers) keeper.onDeath(broken.tell);
  }
  return { cast, deployment, fleet, chain, redis, data };
}

/** Both, once both have ended: what one has started is known when the other fails. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

/** @throws Failure for a file that will not do, or one without a chain that it belongs to */
function knownDeployment({ fork, deployment }: UpOptions): Deployment | null {
  if (deployment === undefined) return null;
  if (fork !== undefined) return readDeployment(deployment);
  const message = "--deployment: expected --fork with it, which says where that chain is";
  throw new Failure("deployment-alone", message, "add --fork URL, or leave it out");
}

/** The contracts, with the ledger's tokens in their order: those of a file, the others anew. */
async function standOn(
  { cast: { ledger }, known, deployment: file = "" }: Raising,
  chain: LocalChain,
): Promise<Deployment> {
  const names = ledger.tokens.map(({ name }) => name);
  if (known === null) return deploy(chain.url, names);
  await checkDeployment(chain.url, known, file);
  const missing = names.filter((name) => known.tokens.every((token) => token.name !== name));
  const grown = missing.length === 0 ? known : await deploy(chain.url, missing, known);
  const tokens = names.flatMap((name) => grown.tokens.find((token) => token.name === name) ?? []);
  return { ...grown, tokens };
}

function documentOf(
  { file, sha256, ledger }: LedgerFile,
  objective: Objective,
  { fleet }: System,
  { outcomes, before, after, conservation, replay }: Played,
  seconds: number,
): UpReport {
  return {
    ledger: { file, sha256, entities: ledger.names.length, accounts: ledger.accounts },
    keepers: fleet.keepers.length,
    queue: fleet.queue,
    netting: reportOf(ledger, objective, outcomes),
    settlements: { before: before.landed, after: after.landed },
    gas: { before: before.gas, after: after.gas },
    conserved: conservation.length === 0,
    replayRootsEqual: replay.length === 0,
    seconds,
  };
}
