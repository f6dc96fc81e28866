/** The whole demonstration, stage by stage (DESIGN.md, "The demonstration"). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createPublicClient, http } from "viem";
import { toHex } from "../../base/bytes.ts";
import type { Objective } from "../../netting/types.ts";
import { type Outcome, reportOf } from "../../netting/report/report.ts";
import type { NettingReport, RefusedLeg } from "../../netting/report/types.ts";
import { solve } from "../../netting/solve.ts";
import { type LedgerFile, readLedgerFile } from "../ledger-file.ts";
import { note, progress } from "../output.ts";
import { type Cast, castOf, fileDelta } from "./cast.ts";
import { auditAll, checkSums } from "./check.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { depositAll, depositsOf } from "./fund.ts";
import {
  BLOCK_MS,
  CHAIN_ID,
  deploy,
  type LocalChain,
  startNode,
  startQueueServer,
} from "./ground.ts";
import {
  type Cost,
  dueSettlements,
  isOverLimit,
  type RowState,
  settlementsOnChain,
  settleOnFork,
} from "./settle.ts";
import {
  collectStates,
  fundCollateral,
  net,
  type NettingOutcome,
  openAccounts,
  payAll,
  setCredits,
  type Stage,
  settleOnChain,
} from "./stage.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export type UpOptions = {
  readonly file: string;
  readonly objective: Objective;
  /** Undefined: a fresh temporary folder that is removed at the end. */
  readonly data?: string;
  /** Entities that refuse every plan after handing in their rows: consent is theirs. */
  readonly refuse?: readonly string[];
  /** Another node to fork instead of beginning an empty chain. */
  readonly fork?: string;
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
  readonly stop: () => Promise<void>;
};

/** Runs everything and leaves it running; whatever was started is stopped if a stage fails. */
export async function runUp(options: UpOptions): Promise<Up> {
  const started = performance.now();
  const file = readLedgerFile(options.file);
  const cast = castOf(file.ledger);
  const temporary = options.data === undefined;
  const data = options.data ? resolve(options.data) : await mkdtemp(join(tmpdir(), "xln-"));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of stops.toReversed()) await end();
    if (temporary) await rm(data, { recursive: true, force: true });
  };
  try {
    const system = await raise(options, cast, data, stops);
    const played = await play(options, system);
    const report = documentOf(file, system, options.objective, played, started);
    return {
      report,
      faults: [...played.conservation, ...played.replay],
      system,
      payments: played.payments,
      plans: played.netting.plans,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Chain, contracts, Redis, keepers. */
async function raise(
  options: UpOptions,
  cast: Cast,
  data: string,
  stops: (() => Promise<unknown>)[],
): Promise<System> {
  progress("starting a chain and a queue");
  const fork = options.fork === undefined ? {} : { fork: options.fork };
  const [chain, redis] = await Promise.all([
    startNode({ chainId: CHAIN_ID, interval: BLOCK_MS, ...fork }),
    startQueueServer(join(root, ".xln"), data),
  ]);
  stops.push(() => chain.running.stop());
  if (redis?.server) stops.push(() => redis.server?.stop() ?? Promise.resolve());
  if (redis === null) note("no Redis: the queue and all keepers run inside of this process");
  progress("deploying the contracts by Ignition");
  const deployment = await deploy(
    chain.url,
    cast.ledger.tokens.map(({ name }) => name),
  );
  progress("starting three keepers");
  const fleet = await createFleet(cast, deployment, chain.url, data, redis?.url ?? null);
  stops.push(() => fleet.stop());
  return { cast, deployment, fleet, chain, data };
}

type Played = {
  readonly payments: number;
  readonly netting: NettingOutcome;
  readonly outcomes: readonly Outcome[];
  readonly before: Cost;
  readonly after: Cost;
  readonly conservation: readonly string[];
  readonly replay: readonly string[];
};

async function play(options: UpOptions, system: System): Promise<Played> {
  const { cast, deployment, fleet, chain } = system;
  const enter = async (name: StageName, words: string) => {
    progress(words);
    await options.before?.(name, system);
  };
  const deposits = depositsOf(cast);
  progress(`minting and depositing ${deposits.length} reserves`);
  const depositedBy = await depositAll(deposits, deployment, chain.url);
  await enter("open", `opening ${cast.ledger.accounts} accounts`);
  await openAccounts(system);
  await settledBy(fleet, depositedBy);
  await enter("collateral", "funding collateral by batches");
  await fundCollateral(system, await chainTime(chain));
  await settledBy(fleet, await chainHeight(chain));
  await enter("credit", "setting credit and soft limits by frames");
  await setCredits(system);
  await enter("pay", "paying until every delta is the file's");
  const payments = await payAll(system);
  const paid = await collectStates(system, "paid");
  expectFile(paid);
  await enter("baseline", "settling everything over its limit on a fork, to compare");
  const before = await settleOnFork(cast, paid, deployment, chain.url);
  await enter("net", "netting: detect, solve, hold, prepare, certify, commit");
  const netting = await netWithRefusals(options, system, await chainTime(chain));
  const netted = await collectStates(system, "netted");
  await enter("settle", "settling what is still over its limit");
  const from = (await chainHeight(chain)) + 1;
  const due = dueSettlements(netted, deployment);
  await settleOnChain(system, due, await chainTime(chain));
  const after = await settlementsOnChain(deployment, chain.url, from);
  const settled = await collectStates(system, "settled");
  await enter("check", "checking every sum against the chain and every account's two sides");
  await settledBy(fleet, await chainHeight(chain));
  await enter("replay", "replaying each log in a new process");
  const { audits, faults } = await auditAll(fleet);
  const expected = expectedStates(paid, netting, deployment).map(settledState);
  const conservation = await checkSums(system, deposits, audits, expected, settled, chain.url);
  return {
    payments,
    netting,
    outcomes: outcomesOf(cast, options.objective, paid, netted, netting),
    before,
    after,
    conservation,
    replay: faults,
  };
}

/** Who is to refuse takes back its consent: with that it refuses every plan. */
async function netWithRefusals(
  options: UpOptions,
  system: System,
  now: number,
): Promise<NettingOutcome> {
  const refusing = system.cast.actors.filter(({ name }) => options.refuse?.includes(name));
  await system.fleet.command(
    refusing.map(({ id: entity, keeper, name }) => ({
      keeper,
      entity,
      id: `consent/${name}`,
      command: { kind: "setConsent", netting: false },
    })),
  );
  return net(system, options.objective, now);
}

function expectFile(states: readonly RowState[]): void {
  const wrong = states.find(({ row, delta }) => delta !== row.delta);
  if (wrong) throw new Error(`${wrong.row.left.name} with ${wrong.row.right.name}: wrong delta`);
}

/** Deltas as committed plans change them. */
function expectedStates(
  paid: readonly RowState[],
  netting: NettingOutcome,
  { tokens }: System["deployment"],
): readonly RowState[] {
  const changes = new Map<string, bigint>();
  for (const { token, committed, legs } of netting.plans) {
    if (!committed) continue;
    for (const { left, right, amount } of legs) {
      const key = `${left}${right}${token}`;
      changes.set(key, (changes.get(key) ?? 0n) + BigInt(amount));
    }
  }
  return paid.map(({ row, delta }) => {
    const token = tokens[row.market]?.token;
    const key = `${toHex(row.left.id)}${toHex(row.right.id)}${token}`;
    return { row, delta: delta + (changes.get(key) ?? 0n) };
  });
}

/** What is over its limit is settled to zero exposure. */
function settledState(state: RowState): RowState {
  if (!isOverLimit(state)) return state;
  const { row, delta } = state;
  return { row, delta: delta < 0n ? 0n : row.collateral };
}

/** By token, in the file's orientation: the solver's optimum, and what was really executed. */
function outcomesOf(
  cast: Cast,
  objective: Objective,
  paid: readonly RowState[],
  netted: readonly RowState[],
  netting: NettingOutcome,
): readonly Outcome[] {
  return cast.ledger.tokens.map(({ network }, market) => {
    const flows = new Array<bigint>(network.positions.length).fill(0n);
    for (const [index, { row, delta }] of paid.entries()) {
      if (row.market !== market) continue;
      const after = netted[index]?.delta ?? delta;
      flows[row.position] =
        fileDelta(row, after, row.collateral) - fileDelta(row, delta, row.collateral);
    }
    const refused = refusedLegs(cast, market, netting);
    return { optimum: solve(network, objective).cleared, flows, refused };
  });
}

function refusedLegs(cast: Cast, market: number, netting: NettingOutcome): RefusedLeg[] {
  const token = netting.tokens[market]?.token;
  return netting.plans.flatMap((plan) => {
    if (plan.committed || plan.token !== token) return [];
    const code = plan.refusals[0]?.code ?? "dropped";
    return plan.legs.map(({ left, right }) => ({
      left: cast.byId.get(left)?.name ?? left,
      right: cast.byId.get(right)?.name ?? right,
      code,
    }));
  });
}

function documentOf(
  { file, sha256, ledger }: LedgerFile,
  system: System,
  objective: Objective,
  played: Played,
  started: number,
): UpReport {
  const { before, after } = played;
  return {
    ledger: { file, sha256, entities: ledger.names.length, accounts: ledger.accounts },
    keepers: system.fleet.keepers.length,
    queue: system.fleet.queue,
    netting: reportOf(ledger, objective, played.outcomes),
    settlements: { before: before.landed, after: after.landed },
    gas: { before: before.gas, after: after.gas },
    conserved: played.conservation.length === 0,
    replayRootsEqual: played.replay.length === 0,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

/** Waits until every keeper has seen this block as final. */
async function settledBy(fleet: Fleet, height: number): Promise<void> {
  for (const keeper of fleet.keepers) {
    while ((await keeper.finalHeight()) < height) {
      await new Promise((resolveLater) => setTimeout(resolveLater, 50));
    }
  }
}

async function chainHeight({ url }: LocalChain): Promise<number> {
  return Number(await createPublicClient({ transport: http(url) }).getBlockNumber());
}

async function chainTime({ url }: LocalChain): Promise<number> {
  const { timestamp } = await createPublicClient({ transport: http(url) }).getBlock();
  return Number(timestamp);
}
