/**
 * What became of the jobs of one Redis queue that somebody waits for. Workers tell nearly all of
 * it. What they tell can be lost, and Redis can come back without the jobs: a job that was silent
 * for a while is looked up, and put in again if it is gone.
 */
import { QueueClosedError, retryMs } from "./job.ts";
import type { Flow, Job, Json, Trouble } from "./types.ts";

/** A job, or a flow, and the id of the job whose end is its own. */
export type Errand = { readonly id: string; readonly job: Job | Flow };

/** A job as Redis has it now. `gone` is one that Redis does not know or has given up. */
export type State =
  | { readonly kind: "done"; readonly result: Json }
  | { readonly kind: "open" }
  | { readonly kind: "gone" };

export type Store = {
  /**
   * Resolves with the ids of those that had ended before. Rejects, soon, when Redis does not take
   * the jobs.
   */
  readonly put: (errands: readonly Errand[]) => Promise<readonly string[]>;
  /** Rejects, soon, when Redis does not answer. */
  readonly look: (errands: readonly Errand[]) => Promise<readonly State[]>;
};

export type Outcomes = {
  readonly run: (errands: readonly Errand[]) => Promise<readonly Json[]>;
  /** A worker, here or elsewhere, has told that the job ended. */
  readonly hear: (id: string, result: Json) => void;
  /** Looks once more; what has not ended by then is rejected. */
  readonly close: () => Promise<void>;
};

/** Looks for silent jobs in the time of one silence. */
const SWEEPS = 4;
/** Jobs of one look or of one putting in: bounds what waits behind them in Redis. */
const CHUNK = 500;

type Wait = {
  readonly errand: Errand;
  readonly ended: Promise<Json>;
  readonly end: (result: Json) => void;
  readonly fail: (reason: Error) => void;
  /** Milliseconds of the process's own clock; infinite while it is being put in or looked up. */
  heardAt: number;
};

/** @param silenceMs milliseconds of silence after which a job is looked up */
export function createOutcomes(store: Store, trouble: Trouble, silenceMs: number): Outcomes {
  const waits = new Map<string, Wait>();
  const pauses = new Set<() => void>();
  /** Jobs that had ended before they were put in. */
  const known = new Set<string>();
  let sweeper: NodeJS.Timeout | null = null;
  let fresh: Wait[] = [];
  let putting: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  let closed = false;

  function waitFor(errand: Errand): Wait {
    const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<Json>();
    const wait: Wait = { errand, ended, end, fail, heardAt: Number.POSITIVE_INFINITY };
    waits.set(errand.id, wait);
    sweeper ??= setInterval(sweep, silenceMs / SWEEPS);
    return wait;
  }

  function finish(id: string, result: Json): void {
    const wait = waits.get(id);
    if (wait === undefined) return;
    waits.delete(id);
    wait.end(result);
    if (waits.size > 0 || sweeper === null) return;
    clearInterval(sweeper);
    sweeper = null;
  }

  /** Puts in all that waits for it, so many at a time, however long Redis is away. */
  async function putAll(): Promise<void> {
    for (let failures = 0; fresh.length > 0 && !closed; ) {
      const part = fresh.slice(0, CHUNK);
      try {
        const ended = await store.put(part.map(({ errand }) => errand));
        fresh = fresh.slice(part.length);
        failures = 0;
        for (const wait of part) wait.heardAt = performance.now();
        for (const id of ended) known.add(id);
        if (ended.length > 0) sweep();
      } catch (error) {
        trouble("jobs not taken in", `${part.length} from ${part[0]?.errand.id}: ${String(error)}`);
        await pause(retryMs(failures++));
      }
    }
  }

  function putSoon(waits: readonly Wait[]): void {
    for (const wait of waits) fresh.push(wait);
    putting ??= putAll().finally(() => {
      putting = null;
    });
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        pauses.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      pauses.add(wake);
    });
  }

  function sweep(): void {
    looking ??= lookAll().finally(() => {
      looking = null;
    });
  }

  /** All that Redis knew before, then of the silent ones so many as it is worth it. */
  async function lookAll(): Promise<void> {
    try {
      for (let more = true; more && !closed; ) {
        const ids = known.size > 0 ? [...known].slice(0, CHUNK) : silent();
        for (const id of ids) known.delete(id);
        more = ids.length > 0 && ((await settle(ids)) || known.size > 0);
      }
    } catch (error) {
      trouble("jobs not looked up", String(error));
    }
  }

  function silent(): string[] {
    const now = performance.now();
    const ids: string[] = [];
    for (const [id, wait] of waits) {
      if (wait.heardAt > now - silenceMs) continue;
      wait.heardAt = now;
      ids.push(id);
      if (ids.length === CHUNK) break;
    }
    return ids;
  }

  /** True when a look at others is worth it: these had come to an end, one way or the other. */
  async function settle(ids: readonly string[]): Promise<boolean> {
    const asked = ids.flatMap((id) => waits.get(id) ?? []);
    const states = await store.look(asked.map(({ errand }) => errand));
    const lost: Wait[] = [];
    for (const [index, wait] of asked.entries()) {
      const state = states[index];
      const { id } = wait.errand;
      if (state?.kind === "done") finish(id, state.result);
      if (state?.kind !== "gone" || waits.get(id) !== wait) continue;
      wait.heardAt = Number.POSITIVE_INFINITY;
      lost.push(wait);
    }
    if (lost.length > 0 && !closed) {
      trouble("jobs were lost and are put in again", `${lost.length} from ${lost[0]?.errand.id}`);
      putSoon(lost);
    }
    return states.some(({ kind }) => kind !== "open");
  }

  return {
    run: async (errands) => {
      if (closed) throw new QueueClosedError("it takes no more jobs");
      const unknown: Wait[] = [];
      const all = errands.map((errand) => {
        const known = waits.get(errand.id);
        if (known !== undefined) return known;
        const wait = waitFor(errand);
        unknown.push(wait);
        return wait;
      });
      putSoon(unknown);
      return Promise.all(all.map(({ ended }) => ended));
    },
    hear: finish,
    close: async () => {
      closed = true;
      if (sweeper !== null) clearInterval(sweeper);
      for (const wake of [...pauses]) wake();
      await Promise.all([looking, putting]);
      const ids = [...waits.keys()];
      try {
        for (let at = 0; at < ids.length; at += CHUNK) await settle(ids.slice(at, at + CHUNK));
      } catch (error) {
        trouble("jobs not looked up", `${ids.length}, at the close: ${String(error)}`);
      }
      for (const { errand, fail } of waits.values()) {
        fail(new QueueClosedError(`job ${errand.id} had not ended`));
      }
      waits.clear();
    },
  };
}
