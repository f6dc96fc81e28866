import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { asBytes32, type Bytes } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { StoreError } from "../../../keeper/store/fault.ts";
import { inspectFolder } from "../../../keeper/store/inspect.ts";
import { takeOwnership } from "../../../keeper/store/ownership.ts";
import { openStateFile } from "../../../keeper/store/state.ts";
import { openStore, type StoreOptions } from "../../../keeper/store/store.ts";
import type { Checkpoint, LogRecord, PageChange, Store } from "../../../keeper/store/types.ts";

const STORE = new URL("../../../keeper/store/store.ts", import.meta.url).href;

let folder: string;
let opened: Store[] = [];

async function openHere(more: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ folder, ...more });
  opened.push(store);
  return store;
}

async function closeAll(): Promise<void> {
  for (const store of opened) await store.close();
  opened = [];
}

function ticks(from: number, to: number): LogRecord[] {
  const random = createRandom("ticks");
  const all = Array.from({ length: to }, (_, index) => ({
    height: index + 1,
    root: asBytes32(random.bytes(32)),
    record: random.bytes(100 + index),
  }));
  return all.slice(from - 1);
}

async function readAll(store: Store, after: number): Promise<LogRecord[]> {
  const found = [];
  for await (const { height, root, record } of store.read(after)) {
    found.push({ height, root: asBytes32(root.slice()), record: record.slice() });
  }
  return found.map(plain) as unknown as LogRecord[];
}

function plain(record: LogRecord): unknown {
  const { height, root } = record;
  return {
    height,
    root: Buffer.from(root).toString("hex"),
    record: Buffer.from(record.record).toString("hex"),
  };
}

function textOf(checkpoint: Checkpoint | null): unknown {
  if (checkpoint === null) return null;
  const pages = [...checkpoint.pages].map(({ key, value }) => [`${key}`, `${value}`]);
  return { height: checkpoint.height, root: checkpoint.root[0], pages };
}

function page(key: string, value: string | null): PageChange {
  return { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) };
}

async function errorOf(action: Promise<unknown>): Promise<StoreError> {
  try {
    await action;
  } catch (thrown) {
    if (thrown instanceof StoreError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

const root = (first: number) => asBytes32(Uint8Array.from({ length: 32 }, () => first));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xln-store-"));
});

afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

describe("store", () => {
  it("STO-1: recovers as checkpoint and the log after it", async () => {
    const store = await openHere({ segmentBytes: 1000 });
    await store.append(ticks(1, 12));
    await store.checkpoint(9, root(9), [page("a", "1"), page("b", "2"), page("c", "3")]);
    await store.append(ticks(13, 20));
    await store.checkpoint(15, root(15), [page("b", null), page("c", "33"), page("d", "4")]);
    await closeAll();
    const again = await openHere();
    expect(again.notices).to.deep.equal([]);
    expect(again.height()).to.equal(20);
    const pages = [
      ["a", "1"],
      ["c", "33"],
      ["d", "4"],
    ];
    expect(textOf(await again.newestCheckpoint())).to.deep.equal({ height: 15, root: 15, pages });
    expect(await readAll(again, 15)).to.deep.equal(ticks(16, 20).map(plain));
    expect(await readAll(again, 0), "time travel").to.deep.equal(ticks(1, 20).map(plain));
  });

  it("STO-1: an acknowledged checkpoint is whole in a copy of its file", async () => {
    const store = await openHere();
    await store.append(ticks(1, 1));
    const changes = Array.from({ length: 2000 }, (_, i) =>
      page(`key ${i}`, "value".repeat(i % 99)),
    );
    await store.checkpoint(1, root(1), changes);
    const copy = mkdtempSync(join(tmpdir(), "xln-copy-"));
    try {
      cpSync(join(folder, "log"), join(copy, "log"), { recursive: true });
      cpSync(join(folder, "state", "data.mdb"), join(copy, "state", "data.mdb"));
      const locked = await errorOf(openHere({ folder: copy }));
      expect(locked.code, "the copy names an owner that still runs").to.equal("locked");
      const { checkpoint } = await inspectFolder(copy);
      expect(checkpoint).to.include({ height: 1, pages: 2000 });
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it("STO-1: a checkpoint is of a durable tick and never goes back", async () => {
    const store = await openHere();
    await store.append(ticks(1, 5));
    expect((await store.checkpoint(6, root(6), []).catch((e: Error) => e))?.message).to.contain(
      "not durable",
    );
    await store.checkpoint(4, root(4), []);
    expect((await store.checkpoint(3, root(3), []).catch((e: Error) => e))?.message).to.contain(
      "older",
    );
  });

  it("STO-1: a log that lost what its checkpoint holds is refused", async () => {
    const store = await openHere();
    await store.append(ticks(1, 5));
    await store.checkpoint(5, root(5), []);
    await closeAll();
    for (const name of readdirSync(join(folder, "log"))) rmSync(join(folder, "log", name));
    const fault = await errorOf(openHere());
    expect(fault.code).to.equal("gap");
    expect(fault.place.height).to.equal(5);
  });

  it("STO-1: an older copy of the folder opens as the log that it was", async () => {
    const store = await openHere();
    await store.append(ticks(1, 5));
    await closeAll();
    const copy = mkdtempSync(join(tmpdir(), "xln-copy-"));
    try {
      cpSync(folder, copy, { recursive: true });
      const later = await openHere();
      await later.append(ticks(6, 9));
      await closeAll();
      const restored = await openHere({ folder: copy });
      expect(restored.height()).to.equal(5);
      await restored.append(ticks(6, 7));
      expect(await readAll(restored, 0)).to.deep.equal(ticks(1, 7).map(plain));
    } finally {
      await closeAll();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it("STO-1: with a bound on ticks kept, older segments go with the checkpoint", async () => {
    const store = await openHere({ segmentBytes: 500, keepTicks: 4 });
    for (const tick of ticks(1, 20)) await store.append([tick]);
    await store.checkpoint(18, root(18), []);
    expect(await readAll(store, 14)).to.deep.equal(ticks(15, 20).map(plain));
    expect((await errorOf(readAll(store, 0))).code).to.equal("gap");
  });

  it("STO-2: an inspection shows segments, owner and checkpoint, and names a fault", async () => {
    const store = await openHere({ segmentBytes: 1000 });
    await store.append(ticks(1, 9));
    await store.append(ticks(10, 12));
    await store.checkpoint(7, root(7), [page("a", "1")]);
    const live = await inspectFolder(folder);
    expect(live.owner).to.include({ pid: process.pid, alive: true });
    expect(live.fence).to.equal(store.fence);
    expect(live.checkpoint).to.include({ height: 7, pages: 1 });
    expect(live.log.map((one) => [one.firstHeight, one.lastHeight, one.state])).to.deep.equal([
      [1, 9, "whole"],
      [10, 12, "whole"],
    ]);
    await closeAll();
    const name = readdirSync(join(folder, "log"))[0] as string;
    const bytes = readFileSync(join(folder, "log", name));
    bytes[400] = (bytes[400] as number) ^ 4;
    writeFileSync(join(folder, "log", name), bytes);
    const broken = await inspectFolder(folder);
    expect(broken.log[0]).to.include({ state: "corrupt", lastHeight: 2 });
    expect(broken.log[0]?.fault).to.contain("offset").and.to.contain("height 3");
    expect(broken.log[1]?.state).to.equal("whole");
  });
});

describe("ownership of a data folder", () => {
  it("QUE-2: a second keeper is refused with the process id of the first", async () => {
    const store = await openHere();
    const fault = await errorOf(openHere());
    expect(fault.code).to.equal("locked");
    expect(fault.message).to.contain(`process ${process.pid}`);
    expect(store.isCurrent()).to.equal(true);
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", openScript("")], {
      encoding: "utf8",
    });
    expect(child.stderr).to.contain(`process ${process.pid}`);
  });

  it("QUE-2: the mark of a killed keeper is taken over, and the fence only rises", async () => {
    const first = await openHere();
    await closeAll();
    await killedWhileOpen();
    const next = await openHere();
    expect(next.fence).to.equal(first.fence + 2);
    expect(next.notices.join()).to.contain("had left without closing");
    await closeAll();
    expect((await openHere()).notices).to.deep.equal([]);
  });

  it("QUE-2: a process id that was given again does not hold the folder", async () => {
    await openHere();
    await closeAll();
    const state = openStateFile(join(folder, "state"));
    takeOwnership(state, folder);
    state.change("owner", (value) => {
      const owner = JSON.parse(Buffer.from(value as Bytes).toString());
      return { value: Buffer.from(JSON.stringify({ ...owner, start: "1" })), result: null };
    });
    await state.close();
    expect((await openHere()).notices.join()).to.contain("had left");
  });
});

/** A program that opens the folder and then does `next`. */
function openScript(next: string): string {
  return `import { openStore } from ${JSON.stringify(STORE)};
    const store = await openStore({ folder: ${JSON.stringify(folder)} });
    ${next}`;
}

/** Opens the folder in another process and kills it. */
async function killedWhileOpen(): Promise<void> {
  const script = openScript(`process.stdout.write("open"); setInterval(() => store, 1000);`);
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
}
