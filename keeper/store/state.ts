import { crc32 } from "node:zlib";
import { open, type RootDatabase } from "lmdb";
import { assert } from "../base/assert.ts";
import { asBytes32, type Bytes, type Bytes32 } from "../base/bytes.ts";
import { diskError, StoreError } from "./fault.ts";
import type { Checkpoint, Page, PageChange } from "./types.ts";

/** LMDB's own limit of a key. */
const MAX_KEY = 1978;

/** The folder's database: pages of the newest checkpoint, and who owns the folder. */
export type StateFile = {
  readonly checkpoint: (
    height: number,
    root: Bytes32,
    pages: Iterable<PageChange>,
  ) => Promise<void>;
  readonly newest: () => Checkpoint | null;
  /** Runs a change of one named value alone among all processes, durably. */
  readonly change: <T>(
    name: string,
    change: (value: Bytes | undefined) => { readonly value: Bytes | null; readonly result: T },
  ) => T;
  readonly get: (name: string) => Bytes | undefined;
  readonly close: () => Promise<void>;
};

/**
 * Opens the database of a folder. With LMDB's default on Linux (`overlappingSync`) a resolved
 * write is visible but not durable: it is off here. `readOnly` fails where there is none.
 * @throws StoreError
 */
export function openStateFile(path: string, readOnly = false): StateFile {
  const root = guarded("open the checkpoint", path, () =>
    open({ path, overlappingSync: false, encoding: "binary", maxDbs: 4, readOnly }),
  );
  const pages = openPart(root, "pages");
  const names = openPart(root, "names");

  function get(name: string): Bytes | undefined {
    return names.get(Buffer.from(name));
  }

  return {
    get,
    async checkpoint(height, at, changes) {
      // All of them are made before any is written: a batch that has begun cannot be taken back.
      const all = [...changes];
      for (const { key } of all) {
        const fits = key.length > 0 && key.length <= MAX_KEY;
        assert(fits, "page key of broken length", { length: key.length });
      }
      try {
        const writes = new Set<Promise<unknown>>();
        const done = root.batch(() => {
          for (const { key, value } of all) {
            if (value === null) writes.add(pages.remove(asBuffer(key)));
            else writes.add(pages.put(asBuffer(key), seal(key, value)));
          }
          writes.add(names.put(Buffer.from("checkpoint"), encodePoint(height, at)));
        });
        await Promise.all([done, ...writes]);
        await root.flushed;
      } catch (thrown) {
        throw storeError(thrown, "write a checkpoint", path, height);
      }
    },
    newest() {
      const point = get("checkpoint");
      return point === undefined ? null : { ...decodePoint(point), pages: pagesOf(pages, path) };
    },
    change(name, change) {
      return guarded("write", path, () =>
        root.transactionSync(() => {
          const key = Buffer.from(name);
          const { value, result } = change(names.get(key));
          if (value === null) names.removeSync(key);
          else names.putSync(key, asBuffer(value));
          return result;
        }),
      );
    },
    close: () => root.close(),
  };
}

type Part = ReturnType<typeof openPart>;

function openPart(root: RootDatabase, name: string) {
  const options = { name, keyEncoding: "binary", encoding: "binary" } as const;
  return root.openDB<Buffer, Buffer>(options);
}

function* pagesOf(pages: Part, path: string): Generator<Page> {
  for (const { key, value } of pages.getRange()) yield { key, value: unseal(key, value, path) };
}

const CHECK_BYTES = 4;

/** CRC-32 over key and value before the value: LMDB itself would not notice a changed byte. */
function seal(key: Bytes, value: Bytes): Buffer {
  const sealed = Buffer.allocUnsafe(CHECK_BYTES + value.length);
  sealed.writeUInt32BE(crc32(value, crc32(key)));
  sealed.set(value, CHECK_BYTES);
  return sealed;
}

function unseal(key: Bytes, sealed: Buffer, path: string): Bytes {
  const value = sealed.subarray(CHECK_BYTES);
  const isWhole =
    sealed.length >= CHECK_BYTES && crc32(value, crc32(key)) === sealed.readUInt32BE();
  if (isWhole) return value;
  const name = Buffer.from(key).toString("hex");
  const message = `page ${name} of the checkpoint is not what was written`;
  throw new StoreError("corrupt", message, CORRUPT_FIX, { file: path });
}

/** The log is whole without its checkpoint, and so is the guard. */
const CORRUPT_FIX =
  "restore the whole folder from a copy, or stop every keeper of it and move `state` away: " +
  "the log alone leads to the same state";

const POINT_BYTES = 40;

function encodePoint(height: number, root: Bytes32): Buffer {
  const bytes = Buffer.alloc(POINT_BYTES);
  bytes.writeBigUInt64BE(BigInt(height));
  bytes.set(root, 8);
  return bytes;
}

function decodePoint(bytes: Bytes): { readonly height: number; readonly root: Bytes32 } {
  assert(bytes.length === POINT_BYTES, "checkpoint of broken length", { length: bytes.length });
  const buffer = asBuffer(bytes);
  return { height: Number(buffer.readBigUInt64BE()), root: asBytes32(bytes.slice(8)) };
}

function asBuffer(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function guarded<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw storeError(thrown, action, path);
  }
}

/** LMDB tells a full disk in words only. */
function storeError(thrown: unknown, action: string, file: string, height?: number): unknown {
  if (thrown instanceof StoreError) return thrown;
  const place = height === undefined ? { file } : { file, height };
  const isFull = thrown instanceof Error && /no space|MDB_MAP_FULL|quota/i.test(thrown.message);
  const known = isFull ? Object.assign(new Error(thrown.message), { code: "ENOSPC" }) : thrown;
  return thrown instanceof Error && thrown.name === "InvariantError"
    ? thrown
    : diskError(known, action, place);
}
