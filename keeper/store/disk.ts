import { mkdir, open, readdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Bytes } from "../base/bytes.ts";

/** One open file. Positions and sizes are bytes. */
export type OpenFile = {
  readonly size: () => Promise<number>;
  /** Fills `into` from `position`; returns how much there was, less than asked only at the end. */
  readonly read: (into: Bytes, position: number) => Promise<number>;
  /** Writes all of it, or throws with any part of it written. */
  readonly write: (bytes: Bytes, position: number) => Promise<void>;
  readonly truncate: (size: number) => Promise<void>;
  /** `fdatasync`: contents and size survive a power cut; the name needs `syncFolder`. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * What the store asks of a file system, so that a test can stand in for it and cut the power at
 * any call. Errors are those of Node, with a `code`.
 */
export type Disk = {
  /** Makes the folder and its parents, durably. */
  readonly makeFolder: (path: string) => Promise<void>;
  /** Names in the folder, in no order. */
  readonly list: (folder: string) => Promise<readonly string[]>;
  /** `create` fails where the file exists, the others where it does not. */
  readonly open: (path: string, mode: "read" | "write" | "create") => Promise<OpenFile>;
  readonly remove: (path: string) => Promise<void>;
  /** Makes names that were created or removed in the folder durable. */
  readonly syncFolder: (folder: string) => Promise<void>;
};

const FLAGS = { read: "r", write: "r+", create: "wx+" } as const;

/** The disk of this machine. */
export const machineDisk: Disk = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Each folder that was made is a new name in its parent.
    for (let made = path; made.length >= first.length; made = dirname(made)) {
      await syncFolder(dirname(made));
    }
  },
  list: (folder) => readdir(folder),
  async open(path, mode) {
    const handle = await open(path, FLAGS[mode], 0o600);
    return {
      size: async () => (await handle.stat()).size,
      async read(into, position) {
        let filled = 0;
        while (filled < into.length) {
          const rest = into.length - filled;
          const { bytesRead } = await handle.read(into, filled, rest, position + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled;
      },
      async write(bytes, position) {
        let written = 0;
        while (written < bytes.length) {
          const rest = bytes.length - written;
          written += (await handle.write(bytes, written, rest, position + written)).bytesWritten;
        }
      },
      truncate: (size) => handle.truncate(size),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  remove: (path) => unlink(path),
  syncFolder,
};

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
