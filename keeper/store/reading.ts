import { join } from "node:path";
import type { Bytes32 } from "../base/bytes.ts";
import { PROTOCOL_VERSION } from "../runtime/types.ts";
import type { Disk, OpenFile } from "./disk.ts";
import { StoreError } from "./fault.ts";
import { type JournalOptions, listWritten, openToRead } from "./recovery.ts";
import {
  flippedError,
  isChained,
  judgeFault,
  type SegmentEnd,
  type SegmentHeader,
  scanSegment,
  segmentName,
} from "./segment.ts";
import type { Read, StoredRecord } from "./types.ts";

export const ROOT_BYTES = 32;

type Opened = {
  readonly path: string;
  readonly file: OpenFile;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
};

/**
 * Reads entries above `after`, checking every byte of every segment that it passes.
 * @param sizes first height and durable size of each segment, as of when the reading begins
 * @param mayBeTorn the last segment's size is not known to be durable: a torn end is the end
 */
export async function* readJournal(
  options: JournalOptions,
  after: number,
  sizes: readonly (readonly [number, number])[],
  mayBeTorn = false,
): AsyncGenerator<Read> {
  const sorted = sizes.toSorted((a, b) => a[0] - b[0]);
  const oldest = sorted[0];
  if (oldest === undefined) return;
  const begin = sorted.findLastIndex(([start]) => start <= after + 1);
  if (begin < 0) {
    throw new StoreError(
      "gap",
      `entries from ${after + 1} on were asked for, the oldest kept is ${oldest[0]}`,
      "restore the older segments, or begin from a newer checkpoint",
      { file: join(options.folder, segmentName(oldest[0])), height: after + 1 },
    );
  }
  let before: SegmentEnd | null = null;
  for (const [start, size] of sorted.slice(begin)) {
    const opened = await openToRead(options, start);
    try {
      if (before !== null && !isChained(opened.header, before)) {
        throw flippedError({ file: opened.path, offset: 0, height: start }, false);
      }
      const isLast = start === sorted.at(-1)?.[0];
      before = yield* readSegment(opened, size, after, mayBeTorn && isLast);
    } finally {
      await opened.file.close();
    }
  }
}

/**
 * Reads the log of ticks of a folder that somebody else may be writing: nothing is locked, cut or
 * changed, and a torn end is the end.
 * @throws StoreError
 */
export async function* readFolder(
  disk: Disk,
  folder: string,
  after: number,
): AsyncGenerator<StoredRecord> {
  const options = { disk, folder, kind: "log", protocol: PROTOCOL_VERSION };
  const sizes: [number, number][] = [];
  for (const start of await listWritten(options)) {
    const { file } = await openToRead(options, start);
    sizes.push([start, await file.size()]);
    await file.close();
  }
  yield* readRecords(readJournal(options, after, sizes, true));
}

/** Splits each entry of the log into root and record. */
export async function* readRecords(entries: AsyncIterable<Read>): AsyncGenerator<StoredRecord> {
  for await (const { height, payload, protocol } of entries) {
    const root = payload.subarray(0, ROOT_BYTES) as Bytes32;
    yield { height, root, record: payload.subarray(ROOT_BYTES), protocol };
  }
}

async function* readSegment(
  opened: Opened,
  size: number,
  after: number,
  mayBeTorn: boolean,
): AsyncGenerator<Read, SegmentEnd | null> {
  const { path, file, header, bytes } = opened;
  const scan = scanSegment(file, path, size, bytes);
  for (;;) {
    const scanned = await scan.next();
    if (scanned.kind === "end") return { header: bytes, size, last: scanned.last };
    if (scanned.kind === "fault") {
      const isTorn =
        mayBeTorn && (await judgeFault(file, path, size, bytes, scanned)).kind === "torn";
      if (isTorn) return null;
      const place = { file: path, offset: scanned.offset, height: scanned.height };
      throw flippedError(place, false);
    }
    const { height, payload } = scanned.entry;
    if (height > after) yield { height, payload, protocol: header.protocol };
  }
}
