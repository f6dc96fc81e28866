import { join } from "node:path";
import { toHex } from "../base/bytes.ts";
import { readConfig } from "../config.ts";
import { genesisOf, jurisdictionOf } from "../genesis.ts";
import { ReplayError, replay } from "../recovery.ts";
import type { Tick } from "../runtime/input.ts";
import type { Ready } from "../runtime/types.ts";
import { readKeys } from "../signer/keys.ts";
import { machineDisk } from "../store/disk.ts";
import { StoreError } from "../store/fault.ts";
import { readFolder } from "../store/reading.ts";
import { PARTS } from "../store/store.ts";
import type { StoredRecord } from "../store/types.ts";
import { exit } from "./failure.ts";
import { parseHeight } from "./height.ts";
import { print, printDocument } from "./output.ts";
import { readable } from "./readable.ts";
import type { ReplayOptions } from "./replay.ts";

type Last = { readonly tick: Tick; readonly ready: Ready };

/** Prints how far the log leads. Exit 1 when a root differs or a byte is not what was written. */
export async function runReplay(options: ReplayOptions): Promise<void> {
  const config = readConfig(options.config, process.env);
  const folder = options.data ?? config.data;
  const to = options.to === undefined ? Infinity : parseHeight(options.to, "--to");
  const keys = await readKeys(config.keys);
  const log = readFolder(machineDisk, join(folder, PARTS.log), 0);
  let last: Last | null = null;
  let fault: string | null = null;
  try {
    await replay(genesisOf(jurisdictionOf(config), keys), upTo(log, to), (tick, ready) => {
      last = { tick, ready };
    });
  } catch (thrown) {
    if (!(thrown instanceof ReplayError) && !(thrown instanceof StoreError)) throw thrown;
    fault = thrown.message;
  }
  const document = {
    folder,
    ...summaryOf(last, to !== Infinity),
    rootsEqual: fault === null,
    fault,
  };
  if (options.json === true) printDocument(document);
  else printReplay(document);
  process.exitCode = fault === null ? exit.done : exit.checkFailed;
}

async function* upTo(
  log: AsyncIterable<StoredRecord>,
  height: number,
): AsyncGenerator<StoredRecord> {
  for await (const record of log) {
    yield record;
    if (record.height >= height) return;
  }
}

type Summary = {
  readonly height: number;
  readonly root: string | null;
  readonly now: number | null;
  /** Of the last tick, when one was asked for. */
  readonly inputs?: unknown;
  readonly notices?: unknown;
  readonly signatures?: unknown;
};

function summaryOf(last: Last | null, isWanted: boolean): Summary {
  if (last === null) return { height: 0, root: null, now: null };
  const { tick, ready } = last;
  const summary = { height: ready.height, root: toHex(ready.root), now: tick.now };
  if (!isWanted) return summary;
  return {
    ...summary,
    inputs: readable(tick.inputs),
    notices: readable(ready.notices),
    signatures: readable(ready.signatures),
  };
}

function printReplay(document: Summary & { readonly fault: string | null }): void {
  const { height, root, fault, inputs, notices, signatures } = document;
  print(`replayed to height ${height}${root === null ? "" : `, root ${root}`}`);
  for (const [title, value] of Object.entries({ inputs, notices, signatures })) {
    if (value !== undefined) print(`${title}: ${JSON.stringify(value, undefined, 2)}`);
  }
  print(fault === null ? "every root is the log's" : fault);
}
