import { basename, dirname } from "node:path";
import type { Random } from "../../../keeper/base/random.ts";
import type { Disk, OpenFile } from "../../../keeper/store/disk.ts";

type Inode = { current: Buffer; durable: Buffer };

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

/** A file system in memory that forgets what was not synced. */
export function createSimulatedDisk(random: Random): SimulatedDisk {
  let names = new Map<string, Inode>();
  let durableNames = new Map<string, Inode>();
  let calls = 0;
  let cutAt = Infinity;
  let isOff = false;
  let failure: { readonly call: "write" | "sync"; readonly code: string } | null = null;

  /** Runs before each change; `torn` is what of it happens when the power fails in its middle. */
  function change(call: string, torn: () => void = () => undefined): void {
    if (isOff) throw new PowerCut("no power");
    calls += 1;
    if (calls >= cutAt) {
      isOff = true;
      torn();
      throw new PowerCut("the power fails");
    }
    if (failure?.call === call) {
      torn();
      throw Object.assign(new Error(failure.code), { code: failure.code });
    }
  }

  function openInode(inode: Inode): OpenFile {
    const put = (bytes: Uint8Array, position: number) => {
      const size = Math.max(inode.current.length, position + bytes.length);
      const grown = Buffer.alloc(size);
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
        change("write", () => put(bytes.subarray(0, random.below(bytes.length + 1)), position));
        put(bytes, position);
      },
      async truncate(size) {
        change("truncate");
        inode.current = Buffer.from(inode.current.subarray(0, size));
      },
      async sync() {
        change("sync");
        inode.durable = Buffer.from(inode.current);
      },
      close: async () => undefined,
    };
  }

  return {
    async makeFolder() {},
    list: async (folder) =>
      [...names.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path)),
    async open(path, mode) {
      const known = names.get(path);
      if (mode === "create") {
        change("create");
        if (known !== undefined) throw Object.assign(new Error(path), { code: "EEXIST" });
        const inode = { current: Buffer.alloc(0), durable: Buffer.alloc(0) };
        names.set(path, inode);
        return openInode(inode);
      }
      if (known === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
      return openInode(known);
    },
    async remove(path) {
      change("remove");
      names.delete(path);
    },
    async syncFolder(folder) {
      change("syncFolder");
      for (const path of new Set([...names.keys(), ...durableNames.keys()])) {
        if (dirname(path) !== folder) continue;
        const inode = names.get(path);
        if (inode === undefined) durableNames.delete(path);
        else durableNames.set(path, inode);
      }
    },
    file: (path) => names.get(path) as Inode,
    paths: () => [...names.keys()].sort(),
    calls: () => calls,
    cutAfter(count) {
      cutAt = calls + count;
    },
    fail(next) {
      failure = next;
    },
    restart(chance) {
      isOff = false;
      cutAt = Infinity;
      // A name that was not synced may be there after all.
      const kept = new Map(durableNames);
      for (const [path, inode] of names) if (chance.chance(1, 2)) kept.set(path, inode);
      for (const path of durableNames.keys()) {
        if (!names.has(path) && chance.chance(1, 2)) kept.delete(path);
      }
      for (const inode of new Set(kept.values())) settle(inode, chance);
      names = kept;
      durableNames = new Map(kept);
    },
  };
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
