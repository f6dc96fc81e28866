/**
 * Kills keepers as the schedule says and starts each again on its own state. One death at a time:
 * the next is prepared when the dead one is back.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Moment } from "../../loop.ts";
import type { Fleet, KeeperHandle } from "../up/fleet.ts";
import { type DeadlyStage, deadlyStages, type PlannedKill } from "./schedule.ts";

/** "recovery" is a death in the first tick after another. */
export type Cause = Moment | "outside" | "recovery";

/** A death that has come. */
export type Kill = {
  readonly keeper: string;
  readonly moment: Cause;
  readonly stage: string;
  /** Seconds since the supervisor began to watch. */
  readonly at: number;
  /** When the keeper was ready again; null when it died again before. */
  readonly back: number | null;
};

export type Supervisor = {
  /** A stage begins. The run waits for it, so no stage is over before its deaths have come. */
  readonly enter: (stage: string) => Promise<void>;
  /** A message passed between two keepers. */
  readonly hear: () => void;
  readonly kills: () => readonly Kill[];
  /** Deaths whose moment never came. */
  readonly missed: () => readonly PlannedKill[];
  /** Restarts nobody any more; resolves when no restart is under way. */
  readonly stop: () => Promise<void>;
};

/** Milliseconds in which a moment may still come when its stage is over. */
const PATIENCE_MS = 1_000;

/** Every stage signs and sends; certificates and submissions belong to one alone. */
function comesAgain(moment: Moment): boolean {
  return moment !== "afterCertificate" && moment !== "afterSubmit";
}

/** How a keeper is told where it is to die. */
export const CRASH_BY_INPUT = { XLN_CRASH: "input" };

/** The very first tick of a keeper that comes back: nothing of it is on disk yet. */
const CRASH_AT_ONCE = { XLN_CRASH: "start" };

type Watched = { readonly handle: KeeperHandle; reason: Cause };

/** The plan that is under way; `over` when its keeper is back. */
type Current = { readonly plan: PlannedKill; readonly over: () => void };

/**
 * Watches a fleet whose keepers run already, started with `CRASH_BY_INPUT`.
 * @param broken is told when a keeper ended otherwise than by a kill or does not come back
 */
export function supervise(
  fleet: Fleet,
  schedule: readonly PlannedKill[],
  tell: (kill: Kill) => void,
  broken: (reason: Error) => void,
): Supervisor {
  const began = performance.now();
  const watched = fleet.keepers.map((handle): Watched => ({ handle, reason: "outside" }));
  const kills: Kill[] = [];
  const missed: PlannedKill[] = [];
  const restarts = new Set<Promise<void>>();
  let waiting = [...schedule];
  let stage = "";
  let stopped = false;
  let current: Current | null = null;
  let awaited: { left: number; readonly resolve: () => void } | null = null;
  let hurry = new AbortController();
  let sequence: Promise<void> = Promise.resolve();

  function seconds(): number {
    return Math.round((performance.now() - began) / 100) / 10;
  }

  function watch(index: number): void {
    const { handle } = watched[index] as Watched;
    const { child } = handle.process() ?? {};
    if (child === undefined) return;
    // What is written to one that has just died is lost, as it should be.
    child.stdin?.on("error", () => child.stdin?.destroy());
    if (child.exitCode !== null || child.signalCode !== null) died(index, child);
    else child.once("exit", () => died(index, child));
  }

  function died(index: number, { exitCode, signalCode }: ChildProcess): void {
    if (stopped) return;
    if (signalCode !== "SIGKILL") {
      const { name } = (watched[index] as Watched).handle.config;
      return broken(new Error(`${name} ended by itself: ${signalCode ?? `exit ${exitCode}`}`));
    }
    const restart = revive(index).catch((reason: unknown) => {
      if (!stopped) broken(reason instanceof Error ? reason : new Error(String(reason)));
    });
    restarts.add(restart);
    void restart.finally(() => restarts.delete(restart));
  }

  async function revive(index: number): Promise<void> {
    const { handle, reason: moment } = watched[index] as Watched;
    const { name: keeper } = handle.config;
    const death = { keeper, moment, stage, at: seconds() };
    const cause = current;
    disarm();
    if (cause?.plan.kind === "outside" && cause.plan.twice && moment === "outside") {
      record({ ...death, back: null });
      (watched[index] as Watched).reason = "recovery";
      return startToDie(index);
    }
    await handle.start(CRASH_BY_INPUT);
    watch(index);
    record({ ...death, back: seconds() });
    if (cause?.plan.keepers.includes(index)) cause.over();
  }

  /** It may say that it is ready before its first tick; else its end is the end of the start. */
  async function startToDie(index: number): Promise<void> {
    const { handle } = watched[index] as Watched;
    const isUp = await handle.start(CRASH_AT_ONCE).then(
      () => true,
      () => false,
    );
    if (isUp) watch(index);
    else await revive(index);
  }

  function record(kill: Kill): void {
    kills.push(kill);
    tell(kill);
  }

  function write(index: number, line: string): void {
    const input = watched[index]?.handle.process()?.child.stdin;
    if (input?.writable) input.write(`${line}\n`);
  }

  function disarm(): void {
    for (const index of watched.keys()) write(index, "");
  }

  async function execute(plan: PlannedKill): Promise<void> {
    // A moment that several keepers waited for may have come to more than one.
    await Promise.all(restarts);
    const { promise, resolve } = Promise.withResolvers<void>();
    current = { plan, over: resolve };
    const reason = plan.kind === "moment" ? plan.moment : "outside";
    for (const index of plan.keepers) (watched[index] as Watched).reason = reason;
    if (plan.kind === "moment") {
      for (const index of plan.keepers) write(index, `${plan.moment}:${plan.count}`);
      const done = new AbortController();
      void patience(done.signal).then((over) => over && giveUp());
      await promise;
      done.abort();
    } else {
      await messages(plan.messages, hurry.signal);
      if (!stopped) watched[plan.keepers[0]]?.handle.process()?.child.kill("SIGKILL");
    }
    if (!stopped) await promise;
    current = null;
  }

  /** Resolves when so many further messages were heard, or the stage is over. */
  function messages(count: number, over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (over.aborted) return resolve();
      over.addEventListener("abort", () => resolve(), { once: true });
      awaited = { left: count, resolve };
    });
  }

  /** A moment that did not come in its stage is waited for in the next one, if it comes there. */
  function giveUp(): void {
    // Whoever is on its way back has died of it.
    if (current === null || restarts.size > 0) return;
    disarm();
    const { plan } = current;
    const next = deadlyStages[deadlyStages.indexOf(plan.stage) + 1];
    if (plan.kind === "moment" && next !== undefined && comesAgain(plan.moment)) {
      waiting.unshift({ ...plan, stage: next, count: 1 });
    } else missed.push(plan);
    current.over();
  }

  /** Resolves when the stage is over and has been so for long enough, or `done` is aborted. */
  async function patience(done: AbortSignal): Promise<boolean> {
    const { signal } = hurry;
    if (!signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve(), { once: true, signal: done });
      done.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
    return delay(PATIENCE_MS, true, { signal: done }).catch(() => false);
  }

  async function play(name: DeadlyStage): Promise<void> {
    const due = waiting.filter((plan) => plan.stage === name);
    waiting = waiting.filter((plan) => plan.stage !== name);
    for (const plan of due) {
      if (stopped) return;
      await execute(plan);
    }
  }

  for (const index of watched.keys()) watch(index);

  return {
    enter: async (name) => {
      if (stopped) return;
      hurry.abort();
      await sequence;
      hurry = new AbortController();
      stage = name;
      const deadly = deadlyStages.find((known) => known === name);
      if (deadly !== undefined) sequence = play(deadly);
    },
    hear: () => {
      if (awaited === null || --awaited.left > 0) return;
      awaited.resolve();
      awaited = null;
    },
    kills: () => kills,
    missed: () => missed,
    stop: async () => {
      stopped = true;
      hurry.abort();
      current?.over();
      await sequence;
      await Promise.all(restarts);
    },
  };
}
