/** Waits for a state of the machines: jobs of the queue look on, they change nothing. */
import type { Runtime } from "./runtime/types.ts";

export type Awaiting = {
  /** Resolves when it holds after a tick that was released, or when `signal` ends the wait. */
  readonly until: (holds: (runtime: Runtime) => boolean, signal: AbortSignal) => Promise<void>;
  /** To be called after each tick. */
  readonly released: (runtime: Runtime) => void;
};

export function createAwaiting(): Awaiting {
  const waits = new Map<(runtime: Runtime) => boolean, () => void>();

  return {
    until: (holds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = () => {
          waits.delete(holds);
          signal.removeEventListener("abort", end);
          resolve();
        };
        signal.addEventListener("abort", end);
        waits.set(holds, end);
      }),
    released: (runtime) => {
      for (const [holds, end] of waits) if (holds(runtime)) end();
    },
  };
}
