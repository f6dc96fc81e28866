import { join } from "node:path";
import type { Bytes32 } from "../base/bytes.ts";
import { PROTOCOL_VERSION } from "../runtime/types.ts";
import { machineDisk } from "./disk.ts";
import { StoreError } from "./fault.ts";
import { type Owner, readOwnership } from "./ownership.ts";
import { listSegments, openToRead } from "./recovery.ts";
import {
  flippedError,
  isChained,
  judgeFault,
  type SegmentEnd,
  scanSegment,
  segmentName,
} from "./segment.ts";
import { openStateFile } from "./state.ts";
import { PARTS } from "./store.ts";
import type { Fence } from "./types.ts";

/** What a look at one segment found; every byte was read. */
export type SegmentReport = {
  readonly file: string;
  readonly bytes: number;
  readonly firstHeight: number;
  /** Below the first when there is no whole entry. */
  readonly lastHeight: number;
  /** Of the last whole entry of the log; null in other journals. */
  readonly lastRoot: Bytes32 | null;
  readonly payloadBytes: number;
  /** `torn`: the end was never synced; the next start cuts it off. */
  readonly state: "whole" | "torn" | "corrupt";
  readonly fault: string | null;
};

export type FolderReport = {
  readonly folder: string;
  readonly log: readonly SegmentReport[];
  readonly guard: readonly SegmentReport[];
  readonly checkpoint: {
    readonly height: number;
    readonly root: Bytes32;
    readonly pages: number;
    readonly bytes: number;
  } | null;
  readonly fence: Fence;
  readonly owner: (Owner & { readonly alive: boolean }) | null;
};

/**
 * Looks at a data folder, running or not, and changes nothing. What a running keeper is just
 * writing may show as torn.
 * @throws StoreError when there is no such folder.
 */
export async function inspectFolder(folder: string): Promise<FolderReport> {
  const state = openStateFile(join(folder, PARTS.state), true);
  try {
    const newest = state.newest();
    let pages = 0;
    let bytes = 0;
    for (const { key, value } of newest?.pages ?? []) {
      pages += 1;
      bytes += key.length + value.length;
    }
    const checkpoint =
      newest === null ? null : { height: newest.height, root: newest.root, pages, bytes };
    return {
      folder,
      log: await inspectJournal(join(folder, PARTS.log), "log"),
      guard: await inspectJournal(join(folder, PARTS.guard), "guard"),
      checkpoint,
      ...readOwnership(state),
    };
  } finally {
    await state.close();
  }
}

async function inspectJournal(folder: string, kind: string): Promise<readonly SegmentReport[]> {
  const reports: SegmentReport[] = [];
  const starts = await listOrNone(folder);
  let before: SegmentEnd | null = null;
  for (const [index, start] of starts.entries()) {
    const isLast = index === starts.length - 1;
    const { report, end } = await inspectSegment(folder, kind, start, before, isLast);
    reports.push(report);
    before = end;
  }
  return reports;
}

async function listOrNone(folder: string): Promise<readonly number[]> {
  try {
    return await listSegments(machineDisk, folder);
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    if (isMissing) return [];
    throw thrown;
  }
}

type Inspected = { readonly report: SegmentReport; readonly end: SegmentEnd | null };

/** @param before end of the segment before; null when it is unknown or there is none */
async function inspectSegment(
  folder: string,
  kind: string,
  start: number,
  before: SegmentEnd | null,
  isLast: boolean,
): Promise<Inspected> {
  const file = join(folder, segmentName(start));
  const empty = { file, bytes: 0, firstHeight: start, lastHeight: start - 1, lastRoot: null };
  try {
    const options = { disk: machineDisk, folder, kind, protocol: PROTOCOL_VERSION };
    const opened = await openToRead(options, start);
    try {
      if (before !== null && !isChained(opened.header, before)) {
        throw flippedError({ file, offset: 0, height: start }, false);
      }
      return await scanWhole(opened, kind, isLast);
    } finally {
      await opened.file.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    const report = { ...empty, payloadBytes: 0, state: "corrupt", fault: thrown.message } as const;
    return { report, end: null };
  }
}

async function scanWhole(
  opened: Awaited<ReturnType<typeof openToRead>>,
  kind: string,
  isLast: boolean,
): Promise<Inspected> {
  const { file, path, bytes: header } = opened;
  const size = await file.size();
  const scan = scanSegment(file, path, size, header);
  let lastHeight = opened.header.firstHeight - 1;
  let lastRoot: Bytes32 | null = null;
  let payloadBytes = 0;
  let scanned = await scan.next();
  for (; scanned.kind === "entry"; scanned = await scan.next()) {
    lastHeight = scanned.entry.height;
    payloadBytes += scanned.entry.payload.length;
    if (kind === PARTS.log) lastRoot = scanned.entry.payload.slice(0, 32) as Bytes32;
  }
  const { firstHeight } = opened.header;
  const report = { file: path, bytes: size, firstHeight, lastHeight, lastRoot, payloadBytes };
  if (scanned.kind === "end") {
    const end = { header, size, last: scanned.last };
    return { report: { ...report, state: "whole", fault: null }, end };
  }
  const { offset, height } = scanned;
  const verdict = await judgeFault(file, path, size, header, scanned);
  if (isLast && verdict.kind === "torn") {
    const fault = `offset ${offset} (height ${height}): never synced, cut off at the next start`;
    return { report: { ...report, state: "torn", fault }, end: null };
  }
  const fault = flippedError({ file: path, offset, height }, verdict.isLastGroup).message;
  return { report: { ...report, state: "corrupt", fault }, end: null };
}
