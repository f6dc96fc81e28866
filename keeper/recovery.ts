/** Recovery and replay: the runtime after each tick of a log, compared with the log's roots. */
import { equalBytes, toHex } from "./base/bytes.ts";
import { decodeTick } from "./runtime/codec.ts";
import type { Tick } from "./runtime/input.ts";
import { step } from "./runtime/step.ts";
import { PROTOCOL_VERSION, type Ready, type Runtime } from "./runtime/types.ts";
import type { StoredRecord } from "./store/types.ts";

/** The log and this program disagree: going on would be signing from a state nobody agreed to. */
export class ReplayError extends Error {}

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
