import { join } from "node:path";
import { assert } from "../base/assert.ts";
import { PROTOCOL_VERSION } from "../runtime/types.ts";
import { type Disk, machineDisk } from "./disk.ts";
import { StoreError } from "./fault.ts";
import { openJournal } from "./journal.ts";
import { takeOwnership } from "./ownership.ts";
import { ROOT_BYTES, readRecords } from "./reading.ts";
import { openStateFile, type StateFile } from "./state.ts";
import type { Journal, JournalName, Store } from "./types.ts";

export type StoreOptions = {
  /** Of this keeper alone; made if it is not there. */
  readonly folder: string;
  readonly segmentBytes?: number;
  /**
   * Ticks below the newest checkpoint that are kept, in whole segments; all when left out: time
   * travel needs them.
   */
  readonly keepTicks?: number;
  /** Cuts off a bad last group even where it may have been durable. */
  readonly dropBadTail?: boolean;
  /** Takes the folder from an owner that cannot be seen from here. */
  readonly takeOver?: boolean;
  /** Stands in for the machine's in tests; the checkpoint is always the machine's. */
  readonly disk?: Disk;
};

/** Where the parts of a data folder lie. */
export const PARTS = { log: "log", guard: "guard", state: "state" } as const;

/**
 * Opens a data folder for this process alone, and recovers: a torn tail is cut off, a changed byte
 * is an error that names file, offset and height. The caller replays what follows the checkpoint.
 * @throws StoreError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { folder } = options;
  const disk = options.disk ?? machineDisk;
  await machineDisk.makeFolder(join(folder, PARTS.state));
  const state = openStateFile(join(folder, PARTS.state));
  const notices: string[] = [];
  const opened: Journal[] = [];
  const open = async (name: keyof typeof PARTS) => {
    const journal = await openJournal({
      ...options,
      disk,
      folder: join(folder, PARTS[name]),
      kind: name,
      protocol: PROTOCOL_VERSION,
      notice: (text) => notices.push(text),
    });
    opened.push(journal);
    return journal;
  };
  const close = async () => {
    for (const journal of opened) await journal.close();
    await state.close();
  };
  try {
    const ownership = takeOwnership(state, folder, options.takeOver);
    if (ownership.notice !== null) notices.push(ownership.notice);
    const log = await open("log");
    checkEnds(state, log, folder);
    return {
      fence: ownership.fence,
      isCurrent: ownership.isCurrent,
      notices,
      ...storeOver(log, state, options),
      journal: (name: JournalName) => open(name),
      async close() {
        for (const journal of opened) await journal.close();
        ownership.release();
        await state.close();
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

type Core = Pick<Store, "height" | "append" | "read" | "checkpoint" | "newestCheckpoint">;

function storeOver(log: Journal, state: StateFile, options: StoreOptions): Core {
  return {
    height: log.height,
    append: (records) =>
      log.append(
        records.map(({ height, root, record }) => {
          assert(root.length === ROOT_BYTES, "root of broken length", { length: root.length });
          return { height, parts: [root, record] };
        }),
      ),
    read: (after) => readRecords(log.read(after)),
    async checkpoint(height, root, pages) {
      const newest = state.newest()?.height ?? 0;
      const bounds = { height, durable: log.height(), newest };
      assert(height <= bounds.durable, "checkpoint of a tick that is not durable", bounds);
      assert(height >= newest, "checkpoint older than the last one", bounds);
      await state.checkpoint(height, root, pages);
      if (options.keepTicks !== undefined) await log.drop(height + 1 - options.keepTicks);
    },
    newestCheckpoint: async () => state.newest(),
  };
}

/** A log that ends before its checkpoint has lost ticks, unless it was never begun. */
function checkEnds(state: StateFile, log: Journal, folder: string): void {
  const checkpoint = state.newest();
  if (checkpoint === null || log.height() >= checkpoint.height) return;
  const message = `the log ends at ${log.height()}, the checkpoint is of ${checkpoint.height}`;
  const fix = "restore log and checkpoint from the same copy";
  throw new StoreError("gap", message, fix, { file: folder, height: checkpoint.height });
}
