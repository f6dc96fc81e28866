import type { GuardJournal } from "../../../keeper/signer/types.ts";

export type MemoryJournal = GuardJournal & {
  /** Durable payloads, in order; what a restart would find. */
  readonly durable: () => Uint8Array[];
  readonly appends: () => number;
  /** Appends wait here until they are released, or fail once with an error. */
  readonly hold: () => { readonly release: () => void };
  readonly failNext: (error: Error) => void;
};

/** A journal in memory over what an earlier one had made durable. */
export function createMemoryJournal(earlier: readonly Uint8Array[] = []): MemoryJournal {
  let entries = earlier.map((payload, index) => ({ height: index + 1, payload }));
  let height = entries.length;
  let appends = 0;
  let gate: Promise<void> = Promise.resolve();
  let failure: Error | null = null;
  let rotateAt = 0;
  return {
    height: () => height,
    bytes: () => entries.reduce((sum, entry) => sum + entry.payload.length, 0),
    async append(added) {
      const copies = added.map(({ parts }) => new Uint8Array(Buffer.concat(parts)));
      await gate;
      if (failure !== null) {
        const error = failure;
        failure = null;
        throw error;
      }
      appends += 1;
      for (const payload of copies) entries.push({ height: ++height, payload });
    },
    async *read() {
      yield* entries;
    },
    rotate() {
      rotateAt = height + 1;
    },
    async drop(below) {
      if (below <= rotateAt) entries = entries.filter((entry) => entry.height >= below);
    },
    durable: () => entries.map(({ payload }) => payload),
    appends: () => appends,
    hold() {
      let release: () => void = () => undefined;
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return { release };
    },
    failNext(error) {
      failure = error;
    },
  };
}
