import type { Side } from "../../jurisdiction/types.ts";
import type { ObservedBlock } from "../types.ts";

/** What a transaction may know of the frame that it is in, and of the side that runs it. */
export type FrameFacts = {
  /** The one who acts. */
  readonly proposer: Side;
  readonly number: number;
  /** Seconds. */
  readonly timestamp: number;
  /** Final blocks that the running side's own watcher saw and that no frame has yet (ACC-8). */
  readonly pending: readonly ObservedBlock[];
};
