import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { open } from "lmdb";
import { afterEach, beforeEach, describe, it } from "mocha";
import { toHex } from "../../keeper/base/bytes.ts";
import { createCheckpointWriter } from "../../keeper/checkpointing.ts";
import type { Level } from "../../keeper/observe/types.ts";
import { CheckpointError, ReplayError, recover, replay } from "../../keeper/recovery.ts";
import type { Checkpoints, PageDraft } from "../../keeper/runtime/checkpoint.ts";
import { createRuntime } from "../../keeper/runtime/runtime.ts";
import type { Runtime } from "../../keeper/runtime/types.ts";
import { StoreError } from "../../keeper/store/fault.ts";
import { openStore } from "../../keeper/store/store.ts";
import type { PageChange, Store } from "../../keeper/store/types.ts";
import { driveStory, silent, storyLog } from "./recovery-drive.ts";
import { jurisdiction } from "./runtime/chain.ts";
import { personOf } from "./runtime/world.ts";

const SEED = 5;
const TICKS = 60;
const { genesis, log } = storyLog(SEED);
const rootAt = (height: number) => toHex((log[height - 1] as (typeof log)[number]).root);

let folder: string;
let opened: Store[] = [];

async function openHere(): Promise<Store> {
  const store = await openStore({ folder });
  opened.push(store);
  return store;
}

async function closeAll(): Promise<void> {
  for (const store of opened) await store.close();
  opened = [];
}

/** A folder with so many ticks, and checkpoints every so many. */
async function fill(ticks: number, everyTicks: number): Promise<void> {
  await driveStory(await openHere(), SEED, ticks, { everyTicks, waits: true });
  await closeAll();
}

/** The same store, with a note of each record that is read. */
function watched(store: Store): { readonly store: Store; readonly read: number[] } {
  const read: number[] = [];
  async function* readFrom(after: number) {
    for await (const record of store.read(after)) {
      read.push(record.height);
      yield record;
    }
  }
  return { store: { ...store, read: readFrom }, read };
}

async function errorOf(action: Promise<unknown>): Promise<Error> {
  try {
    await action;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

/** Changes what LMDB holds, as a failing disk would. */
async function tamper(part: "pages" | "names", change: (key: string, value: Buffer) => boolean) {
  const root = open({ path: join(folder, "state"), encoding: "binary", maxDbs: 4 });
  const options = { name: part, keyEncoding: "binary", encoding: "binary" } as const;
  const database = root.openDB<Buffer, Buffer>(options);
  const all = [...database.getRange()].map(({ key, value }) => ({
    key,
    value: Buffer.from(value),
  }));
  const one = all.find(({ key, value }) => change(key.toString("hex"), value));
  if (one === undefined) throw new Error("nothing was changed");
  await database.put(one.key, one.value);
  await root.close();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xln-recovery-"));
});

afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

describe("recovery", () => {
  it("STO-1: reads the newest checkpoint and only the log after it", async () => {
    await fill(47, 10);
    const { store, read } = watched(await openHere());
    const { runtime, checkpoint, replayed } = await recover(genesis(), store);
    expect({ checkpoint, replayed }).to.deep.equal({ checkpoint: 40, replayed: 7 });
    expect(read).to.deep.equal([41, 42, 43, 44, 45, 46, 47]);
    expect(runtime.height).to.equal(47);
    expect(toHex(runtime.root)).to.equal(rootAt(47));
  });

  it("STO-1: goes on from there, again and again, as if it had never stopped", async () => {
    for (const ticks of [9, 10, 26, 27, 49, TICKS]) {
      const { recovered, runtime } = await driveStory(await openHere(), SEED, ticks, {
        everyTicks: 5,
        waits: true,
      });
      expect(recovered.replayed).to.be.below(5);
      expect(toHex(runtime.root)).to.equal(rootAt(ticks));
      await closeAll();
    }
    const whole = await replay(genesis(), (await openHere()).read(0));
    expect(toHex(whole.root)).to.equal(rootAt(TICKS));
  });

  it("STO-1: without a checkpoint the whole log is stepped", async () => {
    await fill(12, 1_000);
    const { checkpoint, replayed, runtime } = await recover(genesis(), await openHere());
    expect({ checkpoint, replayed }).to.deep.equal({ checkpoint: 0, replayed: 12 });
    expect(toHex(runtime.root)).to.equal(rootAt(12));
  });

  for (const ticks of [4, 9, 33]) {
    it(`STO-1: a process killed beside a checkpoint loses no tick, at ${ticks}`, async () => {
      const child = fileURLToPath(new URL("./recovery-child.ts", import.meta.url));
      const words = [child, folder, `${ticks}`, `${SEED}`];
      const { signal, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
      expect(signal, stderr).to.equal("SIGKILL");
      const { runtime, checkpoint } = await recover(genesis(), await openHere());
      expect(toHex(runtime.root)).to.equal(rootAt(ticks));
      expect(checkpoint).to.be.at.most(ticks);
      await closeAll();
      const on = await driveStory(await openHere(), SEED, TICKS, { everyTicks: 3, waits: true });
      expect(toHex(on.runtime.root)).to.equal(rootAt(TICKS));
    });
  }
});

describe("a checkpoint that cannot be", () => {
  it("STO-1: a changed byte is found, and its page named", async () => {
    await fill(20, 10);
    let name = "";
    await tamper("pages", (key, value) => {
      name = key;
      value[9] = (value[9] as number) ^ 1;
      return key.startsWith("0300000001");
    });
    const error = await errorOf(recover(genesis(), await openHere()));
    expect(error).to.be.instanceOf(StoreError).and.have.property("code", "corrupt");
    expect(error.message).to.include(`page ${name} of the checkpoint`).and.include("state");
  });

  it("STO-1: another root than the pages' is refused", async () => {
    await fill(20, 10);
    await tamper("names", (key, value) => {
      value[20] = (value[20] as number) ^ 1;
      return key === Buffer.from("checkpoint").toString("hex");
    });
    const error = await errorOf(recover(genesis(), await openHere()));
    expect(error).to.be.instanceOf(CheckpointError);
    expect(error.message).to.include("the checkpoint of height 20").and.include(rootAt(20));
  });

  it("STO-1: pages that are whole and give another root are refused, both named", async () => {
    await fill(20, 10);
    const store = await openHere();
    const reserves = "030000000005000000000000";
    await store.checkpoint(20, (log[19] as (typeof log)[number]).root, [
      { key: Buffer.from(reserves, "hex"), value: Uint8Array.of(0xc3, 0xc2, 0x01, 0x07) },
    ]);
    const error = await errorOf(recover(genesis(), store));
    expect(error).to.be.instanceOf(CheckpointError);
    expect(error.message).to.include("the pages give root").and.include(rootAt(20));
  });

  it("STO-1: a log that goes on from another state is refused at its first tick", async () => {
    await fill(20, 10);
    const store = await openHere();
    const { record } = log[20] as (typeof log)[number];
    const root = (log[21] as (typeof log)[number]).root;
    await store.append([{ height: 21, record, root }]);
    const error = await errorOf(recover(genesis(), store));
    expect(error).to.be.instanceOf(ReplayError);
    expect(error.message).to.include("tick 21 leads to another state");
  });

  it("STO-1: one of other keys or of another chain is refused as such", async () => {
    await fill(20, 10);
    const { id } = personOf("zoe");
    const board = { threshold: 1, members: [{ id, weight: 1 }] };
    const otherKeys = createRuntime(jurisdiction, [{ id, board }]);
    const keys = await errorOf(recover(otherKeys, await openHere()));
    expect(keys.message).to.include("is of 2 entities that are not the 1 of the keys");
    await closeAll();
    const view = { ...genesis().view, jurisdiction: { ...jurisdiction, chainId: 1 } };
    const chain = await errorOf(recover({ ...genesis(), view }, await openHere()));
    expect(chain).to.be.instanceOf(CheckpointError);
    expect(chain.message).to.include("another chain");
  });
});

describe("the checkpoint writer", () => {
  const at = (height: number) => ({ ...genesis(), height }) as Runtime;
  const draft = (name: number, value: number): PageDraft => ({
    key: Uint8Array.of(name),
    encode: () => Uint8Array.of(value),
  });

  type Written = { readonly height: number; readonly pages: readonly string[] };

  function createWriter(everyTicks: number, newest: number, failures: unknown[]) {
    const written: Written[] = [];
    const halted: string[] = [];
    const told: string[] = [];
    let taken = 0;
    const checkpoints: Checkpoints = {
      take: ({ height }) => {
        taken++;
        return [draft(0, height), draft(taken, height)];
      },
      all: () => [],
    };
    const store = {
      checkpoint: async (height: number, _: unknown, pages: Iterable<PageChange>) => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        const text = Array.from(pages, ({ key, value }) => `${key[0]}=${value?.[0]}`);
        written.push({ height, pages: text });
      },
    };
    const write = (level: Level, event: string) => void told.push(`${level} ${event}`);
    const writer = createCheckpointWriter({
      store,
      checkpoints,
      everyTicks,
      newest,
      log: { ...silent, write },
      halt: (reason) => void halted.push(reason.message),
    });
    return { writer, written, halted, told, taken: () => taken };
  }

  it("STO-1: writes when so many ticks have passed since the newest, and not sooner", async () => {
    const { writer, written } = createWriter(5, 12, []);
    for (let height = 13; height <= 30; height++) {
      writer.ring();
      writer.released(at(height));
      await writer.idle();
    }
    expect(written.map(({ height }) => height)).to.deep.equal([17, 22, 27]);
  });

  it("QUE-1: nobody rings: one is written when twice as many have passed", async () => {
    const { writer, written } = createWriter(5, 12, []);
    for (let height = 13; height <= 40; height++) {
      // Once, early in the second interval: what that ring asks for comes when it is due.
      if (height === 24) writer.ring();
      writer.released(at(height));
      await writer.idle();
    }
    expect(written.map(({ height }) => height)).to.deep.equal([22, 27, 37]);
  });

  it("STO-1: none begins while one is written, nor after stop", async () => {
    const { writer, written, taken } = createWriter(1, 0, []);
    const released = (height: number) => {
      writer.ring();
      writer.released(at(height));
    };
    released(1);
    released(2);
    expect(taken()).to.equal(1);
    await writer.idle();
    released(3);
    await writer.stop();
    released(4);
    expect(written.map(({ height }) => height)).to.deep.equal([1, 3]);
  });

  it("STO-1: what a failed checkpoint left is written with the next one", async () => {
    const full = new StoreError("diskFull", "no room", "free some space");
    const { writer, written, told, halted } = createWriter(1, 0, [full]);
    for (const height of [1, 2]) {
      writer.ring();
      writer.released(at(height));
      await writer.idle();
    }
    expect(told).to.deep.equal(["error checkpoint failed", "info checkpoint"]);
    expect(written).to.deep.equal([{ height: 2, pages: ["0=2", "1=1", "2=2"] }]);
    expect(halted).to.deep.equal([]);
  });

  it("ARC-2: a failure that is not the disk's halts", async () => {
    const { writer, halted } = createWriter(1, 0, [new Error("our own bug")]);
    writer.ring();
    writer.released(at(1));
    await writer.idle();
    expect(halted).to.deep.equal(["our own bug"]);
  });
});
