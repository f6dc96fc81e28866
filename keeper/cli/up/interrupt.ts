/** Ctrl-C and its kin: what was started is taken down, in order, once. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type Interrupt = {
  readonly signal: AbortSignal;
  /** Resolves when the person, or the system, wants an end. */
  readonly wanted: Promise<void>;
  readonly release: () => void;
};

export function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    controller.abort();
    resolve();
  };
  for (const name of SIGNALS) process.on(name, end);
  return {
    signal: controller.signal,
    wanted: promise,
    release: () => {
      for (const name of SIGNALS) process.off(name, end);
    },
  };
}
