import { join } from "node:path";
import { isZeroBytes } from "../base/bytes.ts";
import type { Disk, OpenFile } from "./disk.ts";
import { diskError, StoreError } from "./fault.ts";
import {
  decodeSegmentHeader,
  flippedError,
  heightOfName,
  isChained,
  judgeFault,
  readAt,
  SEGMENT_HEADER,
  type SegmentEnd,
  type SegmentHeader,
  scanSegment,
  segmentName,
} from "./segment.ts";

export type JournalOptions = {
  readonly disk: Disk;
  readonly folder: string;
  /** At most 8 ASCII letters: what is kept here. */
  readonly kind: string;
  /** What is written now; entries of a newer version are refused (ARC-4). */
  readonly protocol: number;
  readonly segmentBytes?: number;
  /** Cuts off a bad entry of the last group even where it may have been durable. */
  readonly dropBadTail?: boolean;
  readonly notice?: (text: string) => void;
};

/** Where a journal goes on. */
export type Tail = {
  /** Null when there is no segment. */
  readonly file: OpenFile | null;
  readonly end: SegmentEnd | null;
  /** First height of the last segment. */
  readonly current: number;
  /** Of the last durable entry. */
  readonly height: number;
  readonly isOlderProtocol: boolean;
  readonly sizes: ReadonlyMap<number, number>;
};

const EMPTY = { file: null, end: null, current: 0, height: 0, isOlderProtocol: false } as const;

/**
 * Finds the durable end: checks the last segment, cuts off what a power cut tore, and syncs what
 * stays, since a killed process may have left it in memory only.
 * @throws StoreError
 */
export async function openTail(options: JournalOptions): Promise<Tail> {
  const { disk, folder } = options;
  await disk.makeFolder(folder);
  const starts = await listWritten(options);
  for (const unwritten of (await listSegments(disk, folder)).slice(starts.length)) {
    const path = join(folder, segmentName(unwritten));
    await disk.remove(path);
    options.notice?.(`${path}: removed, it was begun and nothing in it was durable`);
  }
  const sizes = new Map<number, number>();
  for (const start of starts) sizes.set(start, await sizeOf(options, start));
  const last = starts.at(-1);
  const tail = last === undefined ? EMPTY : await openLast(options, last, starts.at(-2));
  if (tail.end !== null) sizes.set(tail.current, tail.end.size);
  await disk.syncFolder(folder);
  return { ...tail, sizes };
}

/** The first heights of the segments in a folder, ascending. */
export async function listSegments(disk: Disk, folder: string): Promise<readonly number[]> {
  const names = await disk.list(folder);
  return names
    .map(heightOfName)
    .filter((height) => height !== undefined)
    .sort((a, b) => a - b);
}

/** The segments without a last one in which nothing can be durable. */
export async function listWritten(
  options: Pick<JournalOptions, "disk" | "folder">,
): Promise<readonly number[]> {
  const starts = await listSegments(options.disk, options.folder);
  const last = starts.at(-1);
  return last !== undefined && (await isUnwritten(options, last)) ? starts.slice(0, -1) : starts;
}

/** A new segment's header is written with its first group: torn, it is short or zero. */
async function isUnwritten(
  options: Pick<JournalOptions, "disk" | "folder">,
  start: number,
): Promise<boolean> {
  const path = join(options.folder, segmentName(start));
  const file = await options.disk.open(path, "read");
  try {
    const size = await file.size();
    if (size < SEGMENT_HEADER) return true;
    return isZeroBytes(await readAt(file, path, 0, SEGMENT_HEADER));
  } finally {
    await file.close();
  }
}

async function openLast(
  options: JournalOptions,
  start: number,
  before: number | undefined,
): Promise<Omit<Tail, "sizes">> {
  const path = join(options.folder, segmentName(start));
  const file = await options.disk.open(path, "write");
  try {
    const bytes = await readAt(file, path, 0, SEGMENT_HEADER);
    const header = checkHeader(options, bytes, start, path);
    if (before !== undefined) await checkChain(options, before, header);
    const size = await file.size();
    const { height, ...rest } = await findEnd(options, file, path, bytes, size);
    if (rest.size < size) await file.truncate(rest.size);
    await file.sync();
    const isOlderProtocol = header.protocol < options.protocol;
    return { file, end: { header: bytes, ...rest }, current: start, height, isOlderProtocol };
  } catch (thrown) {
    await file.close();
    throw thrown instanceof StoreError ? thrown : diskError(thrown, "recover", { file: path });
  }
}

/** Compares a segment's end with what its successor says, and finds the place if they differ. */
async function checkChain(
  options: JournalOptions,
  start: number,
  successor: SegmentHeader,
): Promise<void> {
  const { file, path, bytes } = await openToRead(options, start);
  try {
    const size = await file.size();
    const last = await readAt(file, path, size - 8, 8);
    if (isChained(successor, { header: bytes, size, last })) return;
    const scan = scanSegment(file, path, size, bytes);
    let scanned = await scan.next();
    while (scanned.kind === "entry") scanned = await scan.next();
    const { offset } = scanned;
    const height = scanned.kind === "fault" ? scanned.height : successor.firstHeight - 1;
    throw flippedError({ file: path, offset, height }, false);
  } finally {
    await file.close();
  }
}

type End = {
  readonly size: number;
  readonly last: SegmentEnd["last"];
  readonly height: number;
};

async function findEnd(
  options: JournalOptions,
  file: OpenFile,
  path: string,
  header: Buffer,
  size: number,
): Promise<End> {
  const scan = scanSegment(file, path, size, header);
  let height = Number(header.readBigUInt64BE(24)) - 1;
  for (;;) {
    const scanned = await scan.next();
    if (scanned.kind === "end") return { size, last: scanned.last, height };
    if (scanned.kind === "entry") {
      height = scanned.entry.height;
      continue;
    }
    const { offset } = scanned;
    const verdict = await judgeFault(file, path, size, header, scanned);
    if (verdict.kind === "flipped" && !(options.dropBadTail === true && verdict.isLastGroup)) {
      throw flippedError({ file: path, offset, height: scanned.height }, verdict.isLastGroup);
    }
    const why = verdict.kind === "torn" ? "a write that was never synced" : "a bad tail, as told";
    options.notice?.(
      `${path}: cut ${size - offset} bytes at offset ${offset} (height ${scanned.height}), ${why}`,
    );
    return { size: offset, last: await readAt(file, path, offset - 8, 8), height };
  }
}

async function sizeOf(options: JournalOptions, start: number): Promise<number> {
  const file = await options.disk.open(join(options.folder, segmentName(start)), "read");
  try {
    return await file.size();
  } finally {
    await file.close();
  }
}

export type OpenSegment = {
  readonly path: string;
  readonly file: OpenFile;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
};

/** Opens a segment whose header must be good. @throws StoreError */
export async function openToRead(
  options: Pick<JournalOptions, "disk" | "folder" | "kind" | "protocol">,
  start: number,
): Promise<OpenSegment> {
  const path = join(options.folder, segmentName(start));
  let file: OpenFile;
  try {
    file = await options.disk.open(path, "read");
  } catch (thrown) {
    throw diskError(thrown, "open", { file: path });
  }
  try {
    const bytes = await readAt(file, path, 0, SEGMENT_HEADER);
    return { path, file, header: checkHeader(options, bytes, start, path), bytes };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

function checkHeader(
  options: Pick<JournalOptions, "kind" | "protocol">,
  bytes: Buffer,
  start: number,
  path: string,
): SegmentHeader {
  const header = decodeSegmentHeader(bytes);
  if (header === undefined) throw flippedError({ file: path, offset: 0, height: start }, false);
  if (header.firstHeight !== start) {
    const message = `the segment begins with ${header.firstHeight}, its name says ${start}`;
    throw new StoreError("foreign", message, "give the file its name back", { file: path });
  }
  if (header.kind !== options.kind || header.protocol > options.protocol) {
    throw new StoreError(
      "foreign",
      `written as ${header.kind} ${header.protocol}, read as ${options.kind} ${options.protocol}`,
      "use the version of the keeper that wrote it",
      { file: path },
    );
  }
  return header;
}
