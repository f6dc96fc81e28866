import { join } from "node:path";
import { assert } from "../base/assert.ts";
import type { OpenFile } from "./disk.ts";
import { diskError, StoreError } from "./fault.ts";
import { readJournal } from "./reading.ts";
import { recordSize, writeRecord } from "./record.ts";
import { type JournalOptions, openTail, type Tail } from "./recovery.ts";
import {
  chainAfter,
  encodeSegmentHeader,
  SEGMENT_HEADER,
  type SegmentEnd,
  seedOf,
  segmentName,
} from "./segment.ts";
import type { Journal, JournalEntry } from "./types.ts";

/** A segment is closed before it grows beyond this; one larger group has one of its own. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;
const FIRST_BUFFER = 64 * 1024;
/** The buffer of groups is kept up to this size. */
const KEPT_BUFFER = 4 * 1024 * 1024;

type Waiting = {
  readonly entries: readonly JournalEntry[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

type State = {
  readonly options: JournalOptions;
  /** By first height. */
  readonly sizes: Map<number, number>;
  file: OpenFile | null;
  end: SegmentEnd | null;
  current: number;
  durable: number;
  /** Number of the last entry that somebody asked to append. */
  asked: number;
  rotating: boolean;
  stopped: StoreError | null;
  waiting: Waiting[];
  running: Promise<void> | null;
  buffer: Buffer;
};

/**
 * Opens the journal of a folder, which is made if it is not there. The last segment is checked
 * byte by byte: a torn tail is cut off with a notice.
 * @throws StoreError `corrupt` for a changed byte, with file, offset and height.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const state = stateAfter(options, await openTail(options));
  return {
    height: () => state.durable,
    bytes: () => [...state.sizes.values()].reduce((sum, size) => sum + size, 0),
    append: (entries) => append(state, entries),
    read: (after) => readJournal(options, after, [...state.sizes]),
    rotate() {
      state.rotating = state.end !== null && state.end.size > SEGMENT_HEADER;
    },
    drop: (height) => drop(state, height),
    async close() {
      await state.running;
      state.stopped ??= new StoreError("stopped", "the journal is closed", "open it again");
      await state.file?.close();
      state.file = null;
    },
  };
}

function stateAfter(options: JournalOptions, tail: Tail): State {
  return {
    options,
    sizes: new Map(tail.sizes),
    file: tail.file,
    end: tail.end,
    current: tail.current,
    durable: tail.height,
    asked: tail.height,
    // Entries of a newer protocol do not go into an older one's segment (ARC-4).
    rotating: tail.isOlderProtocol,
    stopped: null,
    waiting: [],
    running: null,
    buffer: Buffer.alloc(FIRST_BUFFER),
  };
}

function append(state: State, entries: readonly JournalEntry[]): Promise<void> {
  const first = entries[0];
  if (first === undefined) return Promise.resolve();
  if (state.stopped !== null) return Promise.reject(state.stopped);
  if (state.sizes.size === 0 && state.waiting.length === 0 && state.running === null) {
    state.asked = first.height - 1;
  }
  for (const entry of entries) {
    const { height } = entry;
    const after = state.asked;
    assert(height === after + 1, "entries are numbered one by one", { height, after });
    state.asked = height;
  }
  return new Promise((resolve, reject) => {
    state.waiting.push({ entries, resolve, reject });
    state.running ??= drain(state);
  });
}

async function drain(state: State): Promise<void> {
  // The callers of one turn of the event loop share the first sync, too.
  await Promise.resolve();
  while (state.waiting.length > 0) {
    const group = state.waiting;
    state.waiting = [];
    try {
      await commit(
        state,
        group.flatMap((one) => one.entries),
      );
      for (const one of group) one.resolve();
    } catch (error) {
      // What came behind them cannot be numbered on; all is as if it had never been asked.
      const all = [...group, ...state.waiting];
      state.waiting = [];
      state.asked = state.durable;
      for (const one of all) one.reject(error);
    }
  }
  state.running = null;
}

async function commit(state: State, entries: readonly JournalEntry[]): Promise<void> {
  if (state.stopped !== null) throw state.stopped;
  const size = entries.reduce((sum, entry) => sum + recordSize(lengthOf(entry)), 0);
  const limit = state.options.segmentBytes ?? SEGMENT_BYTES;
  const { file, end } = state;
  if (file === null || end === null || state.rotating || isFull(end, size, limit)) {
    await beginSegment(state, entries, size);
  } else {
    await extendSegment(state, file, end, entries, size);
  }
  state.durable = (entries[entries.length - 1] as JournalEntry).height;
}

function isFull(end: SegmentEnd, size: number, limit: number): boolean {
  return end.size > SEGMENT_HEADER && end.size + size > limit;
}

async function beginSegment(
  state: State,
  entries: readonly JournalEntry[],
  size: number,
): Promise<void> {
  const { disk, folder, kind, protocol } = state.options;
  const height = (entries[0] as JournalEntry).height;
  const path = join(folder, segmentName(height));
  const chain = chainAfter(state.end);
  const header = encodeSegmentHeader({ kind, protocol, firstHeight: height, chain });
  const group = encodeGroup(state, SEGMENT_HEADER + size, 0, header, entries);
  const made = await createWith(state, path, group, height);
  await sync(state, made, path, height);
  try {
    await disk.syncFolder(folder);
  } catch (thrown) {
    throw stop(state, diskError(thrown, "sync the folder", { file: folder, height }));
  }
  await state.file?.close();
  state.file = made;
  state.current = height;
  state.rotating = false;
  settle(state, header, group);
}

/** A file that holds the bytes, or none. */
async function createWith(
  state: State,
  path: string,
  bytes: Buffer,
  height: number,
): Promise<OpenFile> {
  const { disk } = state.options;
  let made: OpenFile | undefined;
  try {
    made = await disk.open(path, "create");
    await made.write(bytes, 0);
    return made;
  } catch (thrown) {
    if (made !== undefined) {
      await undo(state, path, async () => {
        await made?.close();
        await disk.remove(path);
      });
    }
    throw diskError(thrown, "begin a segment", { file: path, height });
  }
}

async function extendSegment(
  state: State,
  file: OpenFile,
  end: SegmentEnd,
  entries: readonly JournalEntry[],
  size: number,
): Promise<void> {
  const path = join(state.options.folder, segmentName(state.current));
  const height = (entries[0] as JournalEntry).height;
  const group = encodeGroup(state, size, end.size, end.header, entries);
  try {
    await file.write(group, end.size);
  } catch (thrown) {
    await undo(state, path, () => file.truncate(end.size));
    throw diskError(thrown, "append", { file: path, offset: end.size, height });
  }
  await sync(state, file, path, height);
  settle(state, end.header, group);
}

/** After a failed sync nobody knows what the disk holds, and asking again proves nothing. */
async function sync(state: State, file: OpenFile, path: string, height: number): Promise<void> {
  try {
    await file.sync();
  } catch (thrown) {
    throw stop(state, diskError(thrown, "sync", { file: path, height }));
  }
}

async function undo(state: State, path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    stop(state, diskError(thrown, "take back a failed write", { file: path }));
  }
}

function stop(state: State, error: StoreError): StoreError {
  const fix = "start the keeper again: it reads back what is durable";
  state.stopped = new StoreError("stopped", "an earlier write failed", fix, error.place, error);
  return error;
}

function settle(state: State, header: Buffer, group: Buffer): void {
  const size = (state.sizes.get(state.current) ?? 0) + group.length;
  state.sizes.set(state.current, size);
  state.end = { header, size, last: group.slice(group.length - 8) };
  if (state.buffer.length > KEPT_BUFFER) state.buffer = Buffer.alloc(FIRST_BUFFER);
}

/** All entries of one sync, behind the segment's header where the segment is new. */
function encodeGroup(
  state: State,
  size: number,
  position: number,
  header: Buffer,
  entries: readonly JournalEntry[],
): Buffer {
  if (state.buffer.length < size) state.buffer = Buffer.alloc(size * 2);
  const { buffer } = state;
  const seed = seedOf(header);
  let at = position === 0 ? header.copy(buffer) : 0;
  const start = at;
  for (const entry of entries) {
    const place = { at, offset: position + at, back: at - start, seed };
    at = writeRecord(buffer, place, entry.height, entry.parts);
  }
  return buffer.subarray(0, at);
}

async function drop(state: State, height: number): Promise<void> {
  const { disk, folder } = state.options;
  const starts = [...state.sizes.keys()].sort((a, b) => a - b);
  const gone = starts.filter((_, index) => (starts[index + 1] ?? Infinity) <= height);
  for (const start of gone) {
    await disk.remove(join(folder, segmentName(start)));
    state.sizes.delete(start);
  }
  if (gone.length > 0) await disk.syncFolder(folder);
}

function lengthOf(entry: JournalEntry): number {
  return entry.parts.reduce((sum, part) => sum + part.length, 0);
}
