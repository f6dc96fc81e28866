import { basename, dirname } from "node:path";
import type { Random } from "../../../keeper/base/random.ts";
import type { Disk, OpenFile } from "../../../keeper/store/disk.ts";

type Inode = { current: Buffer; durable: Buffer };

type Failure = { readonly call: "write" | "sync"; readonly code: string };

export type SimulatedDisk = Disk & {
  /** Bytes as the running system sees them; tests change them in place. */
  readonly file: (path: string) => Inode;
  readonly paths: () => string[];
  /** Calls so far that change something. */
  readonly calls: () => number;
  /** The power fails in the so-many-th changing call from now. */
  readonly cutAfter: (calls: number) => void;
  /** Calls of this kind fail with this code from now on; null ends it. */
  readonly fail: (
    failure: { readonly call: "write" | "sync"; readonly code: string } | null,
  ) => void;
  /** Power comes back: unsynced bytes and names are there or not, sector by sector. */
  readonly restart: (random: Random) => void;
};

const SECTOR = 512;

export class PowerCut extends Error {}

type State = {
  readonly random: Random;
  names: Map<string, Inode>;
  durableNames: Map<string, Inode>;
  calls: number;
  cutAt: number;
  isOff: boolean;
  failure: Failure | null;
};

/** A file system in memory that forgets what was not synced. */
export function createSimulatedDisk(random: Random): SimulatedDisk {
  const state: State = {
    random,
    names: new Map(),
    durableNames: new Map(),
    calls: 0,
    cutAt: Infinity,
    isOff: false,
    failure: null,
  };
  return {
    makeFolder: async () => undefined,
    list: async (folder) =>
      [...state.names.keys()]
        .filter((path) => dirname(path) === folder)
        .map((path) => basename(path)),
    open: async (path, mode) => openPath(state, path, mode),
    async remove(path) {
      change(state, "remove");
      state.names.delete(path);
    },
    syncFolder: async (folder) => syncFolder(state, folder),
    file: (path) => state.names.get(path) as Inode,
    paths: () => [...state.names.keys()].sort(),
    calls: () => state.calls,
    cutAfter(count) {
      state.cutAt = state.calls + count;
    },
    fail(next) {
      state.failure = next;
    },
    restart: (chance) => restart(state, chance),
  };
}

/** Runs before each change; `torn` is what of it happens when it fails in its middle. */
function change(state: State, call: string, torn: () => void = () => undefined): void {
  if (state.isOff) throw new PowerCut("no power");
  state.calls += 1;
  if (state.calls >= state.cutAt) {
    state.isOff = true;
    torn();
    throw new PowerCut("the power fails");
  }
  if (state.failure?.call === call) {
    torn();
    throw systemError(state.failure.code);
  }
}

function openPath(state: State, path: string, mode: "read" | "write" | "create"): OpenFile {
  const known = state.names.get(path);
  if (mode !== "create") {
    if (known === undefined) throw systemError("ENOENT");
    return openInode(state, known);
  }
  change(state, "create");
  if (known !== undefined) throw systemError("EEXIST");
  const inode = { current: Buffer.alloc(0), durable: Buffer.alloc(0) };
  state.names.set(path, inode);
  return openInode(state, inode);
}

function openInode(state: State, inode: Inode): OpenFile {
  const put = (bytes: Uint8Array, position: number) => {
    const grown = Buffer.alloc(Math.max(inode.current.length, position + bytes.length));
    inode.current.copy(grown);
    grown.set(bytes, position);
    inode.current = grown;
  };
  return {
    size: async () => inode.current.length,
    async read(into, position) {
      const there = inode.current.subarray(position, position + into.length);
      into.set(there);
      return there.length;
    },
    async write(bytes, position) {
      const some = () => bytes.subarray(0, state.random.below(bytes.length + 1));
      change(state, "write", () => put(some(), position));
      put(bytes, position);
    },
    async truncate(size) {
      change(state, "truncate");
      inode.current = Buffer.from(inode.current.subarray(0, size));
    },
    async sync() {
      change(state, "sync");
      inode.durable = Buffer.from(inode.current);
    },
    close: async () => undefined,
  };
}

function syncFolder(state: State, folder: string): void {
  change(state, "syncFolder");
  const { names, durableNames } = state;
  for (const path of new Set([...names.keys(), ...durableNames.keys()])) {
    if (dirname(path) !== folder) continue;
    const inode = names.get(path);
    if (inode === undefined) durableNames.delete(path);
    else durableNames.set(path, inode);
  }
}

/** A name that was not synced may be there after all. */
function restart(state: State, random: Random): void {
  state.isOff = false;
  state.cutAt = Infinity;
  const kept = new Map(state.durableNames);
  for (const [path, inode] of state.names) if (random.chance(1, 2)) kept.set(path, inode);
  for (const path of state.durableNames.keys()) {
    if (!state.names.has(path) && random.chance(1, 2)) kept.delete(path);
  }
  for (const inode of new Set(kept.values())) settle(inode, random);
  state.names = kept;
  state.durableNames = new Map(kept);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Each sector is as it was synced or as it was written last; a hole reads as zeros. */
function settle(inode: Inode, random: Random): void {
  const { current, durable } = inode;
  const size = random.chance(1, 2)
    ? current.length
    : Math.min(current.length, durable.length) +
      random.below(Math.abs(current.length - durable.length) + 1);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += SECTOR) {
    const source = random.chance(1, 2) ? current : durable;
    if (at < source.length) source.copy(bytes, at, at, Math.min(at + SECTOR, size));
  }
  inode.current = bytes;
  inode.durable = Buffer.from(bytes);
}
