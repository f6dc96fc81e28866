/**
 * Recovery and replay: the runtime of the newest checkpoint, and after each tick of a log, always
 * compared with the root that was written with it (STO-1).
 */
import { compareBytes, equalBytes, toHex } from "./base/bytes.ts";
import { encodeRlp } from "./codec/rlp/encode.ts";
import type { Entity } from "./entity/types.ts";
import { jurisdictionItem } from "./jurisdiction/codec.ts";
import { type Checkpoints, type Tracked, trackRuntime } from "./runtime/checkpoint.ts";
import { decodeTick } from "./runtime/codec.ts";
import type { Tick } from "./runtime/input.ts";
import { restoreRuntime } from "./runtime/restore.ts";
import { step } from "./runtime/step.ts";
import { PROTOCOL_VERSION, type Ready, type Runtime } from "./runtime/types.ts";
import type { Checkpoint, Store, StoredRecord } from "./store/types.ts";

/** The log and this program disagree: going on would be signing from a state nobody agreed to. */
export class ReplayError extends Error {}

/** The checkpoint is not what was written, or is of another keeper. The log can do without it. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

export type Recovered = {
  readonly runtime: Runtime;
  readonly checkpoints: Checkpoints;
  /** Height of the checkpoint; 0 when there was none. */
  readonly checkpoint: number;
  /** Ticks of the log that were stepped again. */
  readonly replayed: number;
};

/**
 * The state of a data folder: its newest checkpoint, and the ticks after it.
 * @param genesis the runtime before its first tick, as the configuration says
 * @throws CheckpointError or ReplayError, which name what differs; StoreError
 */
export async function recover(
  genesis: Runtime,
  store: Pick<Store, "newestCheckpoint" | "read">,
): Promise<Recovered> {
  const newest = await store.newestCheckpoint();
  const { runtime, checkpoints } =
    newest === null ? trackRuntime(genesis) : restore(newest, genesis);
  const { height } = runtime;
  const recovered = await replay(runtime, store.read(height));
  return {
    runtime: recovered,
    checkpoints,
    checkpoint: height,
    replayed: recovered.height - height,
  };
}

function restore(checkpoint: Checkpoint, genesis: Runtime): Tracked {
  const restored = restoreRuntime(checkpoint.pages);
  if (!restored.ok) throw broken(checkpoint, restored.refusal.message);
  const { runtime } = restored.value;
  const { height, root } = runtime;
  if (height !== checkpoint.height || !equalBytes(root, checkpoint.root)) {
    throw broken(checkpoint, `its pages are of height ${height}, root ${toHex(root)}`);
  }
  const foreign = foreignness(runtime, genesis);
  if (foreign === null) return restored.value;
  const fix = "give the configuration and keys with which this folder was made";
  throw new CheckpointError(`${nameOf(checkpoint)} ${foreign}; ${fix}`);
}

function nameOf({ height }: Checkpoint): string {
  return `the checkpoint of height ${height}`;
}

function broken(checkpoint: Checkpoint, what: string): CheckpointError {
  const fix = "stop every keeper of this folder and move its `state` away: the log does without";
  return new CheckpointError(`${nameOf(checkpoint)} is not what was written: ${what}; ${fix}`);
}

/** What the configuration says otherwise than the checkpoint, or null. */
function foreignness(runtime: Runtime, genesis: Runtime): string | null {
  const [here, there] = [runtime, genesis].map(({ view }) =>
    encodeRlp(jurisdictionItem(view.jurisdiction)),
  ) as [Uint8Array, Uint8Array];
  if (!equalBytes(here, there)) return "is of another chain or deployment, or of other parameters";
  const names = ({ entities }: Runtime) =>
    Array.from(entities.keys(), (index) => (entities.get(index) as Entity).id).sort(compareBytes);
  const [own, told] = [names(runtime), names(genesis)];
  const same = own.length === told.length && own.every((id, at) => equalBytes(id, told[at] ?? id));
  return same ? null : `is of ${own.length} entities that are not the ${told.length} of the keys`;
}

/**
 * Steps `runtime` through the records.
 * @param visit sees each tick; what it wants done was done when the tick was first taken
 * @throws ReplayError naming the height, when a record cannot be read or its root differs
 */
export async function replay(
  runtime: Runtime,
  records: AsyncIterable<StoredRecord>,
  visit: (tick: Tick, ready: Ready, runtime: Runtime) => void = () => {},
): Promise<Runtime> {
  let current = runtime;
  for await (const { height, record, root, protocol } of records) {
    if (protocol !== PROTOCOL_VERSION) {
      throw new ReplayError(`tick ${height} is of protocol ${protocol}, which is not known here`);
    }
    // The record is a view into a read buffer; values decoded from it outlive the buffer.
    const bytes = record.slice();
    const tick = decodeTick(bytes);
    if (!tick.ok) throw new ReplayError(`tick ${height}: ${tick.refusal.message}`);
    const { runtime: next, ready } = step(current, tick.value, bytes);
    if (!equalBytes(ready.root, root)) {
      const roots = `${toHex(ready.root)} here, ${toHex(root)} in the log`;
      throw new ReplayError(`tick ${height} leads to another state: root ${roots}`);
    }
    visit(tick.value, ready, next);
    current = next;
  }
  return current;
}
