/**
 * Keys and the guard. The guard is apart from the log: its record is synced before a signature
 * leaves, and it refuses a second digest in a slot whatever the machines ask for.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Result } from "../base/result.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { SignatureRequest } from "../runtime/types.ts";

export type Signer = {
  /** The entities whose keys this signer holds. */
  readonly entities: readonly EntityId[];
  /**
   * Signs all requests of one tick: one tree and one signature a key (ENT-4), those marked `alone`
   * apart. The guard's record is synced when the promise resolves. Entries are in the order of the
   * requests; a refusal (`guardConflict`) means that another digest was signed in that slot.
   */
  readonly sign: (requests: readonly SignatureRequest[]) => Promise<readonly Result<Bytes>[]>;
  readonly close: () => Promise<void>;
};
