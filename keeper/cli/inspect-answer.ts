import { existsSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../base/bytes.ts";
import { decodeTick } from "../runtime/codec.ts";
import { machineDisk } from "../store/disk.ts";
import { StoreError } from "../store/fault.ts";
import { type FolderReport, inspectFolder, type SegmentReport } from "../store/inspect.ts";
import { readFolder } from "../store/reading.ts";
import { PARTS } from "../store/store.ts";
import type { StoredRecord } from "../store/types.ts";
import { exit, Failure } from "./failure.ts";
import { parseHeight } from "./height.ts";
import type { InspectOptions } from "./inspect.ts";
import { print, printDocument, printTable } from "./output.ts";
import { readable } from "./readable.ts";

/** Prints the folder, or one tick of its log. Exit 1 when a byte of it is not what was written. */
export async function runInspect(options: InspectOptions): Promise<void> {
  const folder = options.data;
  if (!existsSync(join(folder, PARTS.state))) {
    const fix = "name the --data folder of a keeper, one that holds log/ and state/";
    throw new Failure("not-a-data-folder", `no keeper's data in ${folder}`, fix, { file: folder });
  }
  if (options.height === undefined) await inspectAll(folder, options.json === true);
  else await inspectTick(folder, parseHeight(options.height, "--height"), options.json === true);
}

async function inspectAll(folder: string, json: boolean): Promise<void> {
  const report = await inspectFolder(folder);
  const isWhole = [...report.log, ...report.guard].every(({ state }) => state !== "corrupt");
  if (json) printDocument({ ...documentOf(report), whole: isWhole });
  else printReport(report);
  process.exitCode = isWhole ? exit.done : exit.checkFailed;
}

function documentOf(report: FolderReport): object {
  const segments = (list: readonly SegmentReport[]) =>
    list.map(({ lastRoot, ...rest }) => ({
      ...rest,
      lastRoot: lastRoot === null ? null : toHex(lastRoot),
    }));
  const { checkpoint, log, guard, owner, fence, folder } = report;
  return {
    folder,
    log: segments(log),
    guard: segments(guard),
    checkpoint: checkpoint === null ? null : { ...checkpoint, root: toHex(checkpoint.root) },
    fence,
    owner: owner === null ? null : { pid: owner.pid, host: owner.host, alive: owner.alive },
  };
}

function printReport(report: FolderReport): void {
  const rows = [...report.log, ...report.guard].map((one) => [
    one.file,
    one.bytes,
    one.firstHeight,
    one.lastHeight,
    one.lastRoot === null ? "" : toHex(one.lastRoot).slice(0, 18),
    one.state,
  ]);
  printTable(["segment", "bytes", "first", "last", "root after the last", "state"], rows);
  for (const { fault } of [...report.log, ...report.guard]) if (fault !== null) print(fault);
  const { checkpoint, owner, fence } = report;
  print();
  if (checkpoint === null) print("no checkpoint");
  else {
    const { height, root, pages } = checkpoint;
    print(`checkpoint of height ${height}: ${pages} pages, root ${toHex(root)}`);
  }
  const status = owner?.alive === true ? `held by process ${owner.pid}` : "held by nobody";
  print(`${status}; opened ${fence} times`);
}

async function inspectTick(folder: string, height: number, json: boolean): Promise<void> {
  const record = await findRecord(folder, height);
  const tick = decodeTick(record.record.slice());
  const root = toHex(record.root);
  const { protocol } = record;
  const inputs = tick.ok ? tick.value.inputs.map(readable) : null;
  const now = tick.ok ? tick.value.now : null;
  if (json) printDocument({ height, root, protocol, bytes: record.record.length, now, inputs });
  else {
    print(`tick ${height}, root after it ${root}, ${record.record.length} bytes`);
    if (now !== null) print(`at ${new Date(now * 1000).toISOString()}`);
    for (const input of inputs ?? []) print(JSON.stringify(input, undefined, 2));
    if (!tick.ok) print(`cannot be read: ${tick.refusal.message}`);
  }
  process.exitCode = tick.ok ? exit.done : exit.checkFailed;
}

async function findRecord(folder: string, height: number): Promise<StoredRecord> {
  const log = join(folder, PARTS.log);
  try {
    for await (const record of readFolder(machineDisk, log, height - 1)) return record;
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    const { file } = thrown.place;
    const place = file === undefined ? {} : { file };
    throw new Failure(`log-${thrown.code}`, thrown.message, thrown.fix, place);
  }
  const fix = "./xln inspect without --height lists the heights";
  throw new Failure("no-such-height", `the log does not reach height ${height}`, fix);
}
