import { join } from "node:path";
import type { OpenFile } from "./disk.ts";
import { StoreError } from "./fault.ts";
import { type JournalOptions, openToRead } from "./recovery.ts";
import {
  flippedError,
  isChained,
  type SegmentEnd,
  type SegmentHeader,
  scanSegment,
  segmentName,
} from "./segment.ts";
import type { Read } from "./types.ts";

type Opened = {
  readonly path: string;
  readonly file: OpenFile;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
};

/**
 * Reads entries above `after`, checking every byte of every segment that it passes.
 * @param sizes first height and durable size of each segment, as of when the reading begins
 */
export async function* readJournal(
  options: JournalOptions,
  after: number,
  sizes: readonly (readonly [number, number])[],
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
      before = yield* readSegment(opened, size, after);
    } finally {
      await opened.file.close();
    }
  }
}

async function* readSegment(
  opened: Opened,
  size: number,
  after: number,
): AsyncGenerator<Read, SegmentEnd> {
  const { path, file, header, bytes } = opened;
  const scan = scanSegment(file, path, size, bytes);
  for (;;) {
    const scanned = await scan.next();
    if (scanned.kind === "end") return { header: bytes, size, last: scanned.last };
    if (scanned.kind === "fault") {
      const place = { file: path, offset: scanned.offset, height: scanned.height };
      throw flippedError(place, false);
    }
    const { height, payload } = scanned.entry;
    if (height > after) yield { height, payload, protocol: header.protocol };
  }
}
