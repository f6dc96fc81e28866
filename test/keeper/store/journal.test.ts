import { expect } from "chai";
import { describe, it } from "mocha";
import type { Bytes } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { StoreError } from "../../../keeper/store/fault.ts";
import { openJournal } from "../../../keeper/store/journal.ts";
import { recordSize } from "../../../keeper/store/record.ts";
import type { JournalOptions } from "../../../keeper/store/recovery.ts";
import { SEGMENT_HEADER } from "../../../keeper/store/segment.ts";
import type { Journal } from "../../../keeper/store/types.ts";
import { createSimulatedDisk, PowerCut, type SimulatedDisk } from "./simulated-disk.ts";

const FOLDER = "/data/log";

function optionsFor(disk: SimulatedDisk, more: Partial<JournalOptions> = {}): JournalOptions {
  return { disk, folder: FOLDER, kind: "log", protocol: 1, ...more };
}

/** Payloads of all sizes around words and sectors, some of them with sectors of zeros. */
function payloadOf(random: Random): Bytes {
  const size = random.pick([0, 1, 7, 8, 40, 300, 511, 512, 513, 1500, 3000]);
  const payload = random.bytes(size);
  if (size > 1200 && random.chance(1, 3)) payload.fill(0, 100, size - random.below(90));
  return payload;
}

async function readAll(journal: Journal, after = 0): Promise<{ height: number; text: string }[]> {
  const found = [];
  for await (const { height, payload } of journal.read(after)) {
    found.push({ height, text: Buffer.from(payload).toString("hex") });
  }
  return found;
}

function expectedOf(payloads: readonly Bytes[], after = 0): { height: number; text: string }[] {
  return payloads
    .map((payload, index) => ({ height: index + 1, text: Buffer.from(payload).toString("hex") }))
    .slice(after);
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

/** Opens and reads everything; undefined when that succeeds. */
async function faultOf(options: JournalOptions): Promise<StoreError | undefined> {
  try {
    await readAll(await openJournal(options));
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StoreError) return thrown;
    throw thrown;
  }
}

/** A log of several segments and groups; the offsets are those of its last segment's entries. */
async function smallLog(seed: string): Promise<{
  readonly disk: SimulatedDisk;
  readonly payloads: readonly Bytes[];
}> {
  const random = createRandom(seed);
  const disk = createSimulatedDisk(random);
  const journal = await openJournal(optionsFor(disk, { segmentBytes: 400 }));
  const payloads = [40, 0, 300, 9, 200, 64, 33].map((size) => random.bytes(size));
  for (const [index, payload] of payloads.entries()) {
    await journal.append([{ height: index + 1, parts: [payload] }]);
  }
  await journal.close();
  return { disk, payloads };
}

describe("journal", () => {
  it("STO-1: gives back what was appended, over segments and reopenings", async () => {
    const random = createRandom("round trip");
    const disk = createSimulatedDisk(random);
    const payloads: Bytes[] = [];
    for (let round = 0; round < 5; round++) {
      const journal = await openJournal(optionsFor(disk, { segmentBytes: 4000 }));
      expect(journal.height()).to.equal(payloads.length);
      for (let group = 0; group < 6; group++) {
        const entries = Array.from({ length: 1 + random.below(4) }, () => {
          const payload = payloadOf(random);
          payloads.push(payload);
          const cut = random.below(payload.length + 1);
          const parts = [payload.subarray(0, cut), payload.subarray(cut)];
          return { height: payloads.length, parts };
        });
        await journal.append(entries);
      }
      expect(await readAll(journal)).to.deep.equal(expectedOf(payloads));
      expect(await readAll(journal, 7)).to.deep.equal(expectedOf(payloads, 7));
      expect(await readAll(journal, payloads.length)).to.deep.equal([]);
      await journal.close();
    }
    expect(disk.paths().length).to.be.greaterThan(3);
  });

  it("RUN-1: all that waits while a sync runs shares the next one", async () => {
    const disk = createSimulatedDisk(createRandom(1));
    const journal = await openJournal(optionsFor(disk));
    await journal.append([{ height: 1, parts: [] }]);
    const before = disk.calls();
    const entries = Array.from({ length: 50 }, (_, i) => [{ height: i + 2, parts: [] }]);
    await Promise.all(entries.map((entry) => journal.append(entry)));
    expect(disk.calls() - before, "one write and one sync").to.equal(2);
    expect(journal.height()).to.equal(51);
  });

  it("STO-1: cut at any byte of its last entry, a log loses that one, with a notice", async () => {
    const { disk, payloads } = await smallLog("torn");
    const path = disk.paths().at(-1) as string;
    const whole = Buffer.from(disk.file(path).current);
    const last = whole.length - recordSize((payloads.at(-1) as Bytes).length);
    for (let size = last; size < whole.length; size++) {
      disk.file(path).current = Buffer.from(whole.subarray(0, size));
      const notices: string[] = [];
      const notice = (text: string) => notices.push(text);
      const journal = await openJournal(optionsFor(disk, { notice }));
      expect(await readAll(journal)).to.deep.equal(expectedOf(payloads.slice(0, -1)));
      expect(notices.length, `${size}`).to.equal(size === last ? 0 : 1);
      await journal.append([{ height: payloads.length, parts: [payloads.at(-1) as Bytes] }]);
      expect(Buffer.compare(disk.file(path).current, whole)).to.equal(0);
    }
  });

  it("STO-1: every flipped byte is found and named by file, offset and height", async () => {
    const { disk, payloads } = await smallLog("flipped");
    const ends = await entryEnds(disk, payloads);
    let flips = 0;
    for (const path of disk.paths()) {
      const { current } = disk.file(path);
      for (let at = 0; at < current.length; at++) {
        for (const mask of [0x01, 0xff, current[at] as number]) {
          if (mask === 0) continue;
          current[at] = (current[at] as number) ^ mask;
          const fault = await faultOf(optionsFor(disk));
          current[at] = (current[at] as number) ^ mask;
          const message = `${path} byte ${at} mask ${mask}`;
          expect(fault?.code, message).to.equal("corrupt");
          expect(fault?.place.file, message).to.equal(path);
          const entry = ends.find((end) => end.path === path && at < end.end);
          expect(fault?.place.height, message).to.equal(entry?.height);
          expect(fault?.place.offset, message).to.equal(at < SEGMENT_HEADER ? 0 : entry?.offset);
          flips += 1;
        }
      }
    }
    expect(flips).to.be.greaterThan(2000);
    expect(await faultOf(optionsFor(disk))).to.equal(undefined);
  });

  it("STO-1: a flipped byte inside a sector of zeros is no torn write", async () => {
    const disk = createSimulatedDisk(createRandom(2));
    const journal = await openJournal(optionsFor(disk));
    const payload = Buffer.alloc(3000);
    payload[1600] = 7;
    await journal.append([{ height: 1, parts: [payload] }]);
    const path = disk.paths()[0] as string;
    const { current } = disk.file(path);
    for (const at of [900, SEGMENT_HEADER + 24 + 1600]) {
      const kept = current[at] as number;
      current[at] = kept === 0 ? 1 : 0;
      expect((await faultOf(optionsFor(disk)))?.code).to.equal("corrupt");
      current[at] = kept;
    }
  });

  it("STO-1: a bad last entry stops the start until the operator gives it up", async () => {
    const { disk, payloads } = await smallLog("given up");
    const { current } = disk.file(disk.paths().at(-1) as string);
    current[current.length - 12] = (current[current.length - 12] as number) ^ 1;
    const fault = await errorOf(openJournal(optionsFor(disk)));
    expect(fault.message).to.contain("--drop-bad-tail");
    expect(fault.retryable).to.equal(false);
    const notices: string[] = [];
    const notice = (text: string) => notices.push(text);
    const journal = await openJournal(optionsFor(disk, { dropBadTail: true, notice }));
    expect(await readAll(journal)).to.deep.equal(expectedOf(payloads.slice(0, -1)));
    expect(notices.join()).to.contain("as told");
  });

  it("STO-1: what is synced after a bad entry is never given up", async () => {
    const disk = createSimulatedDisk(createRandom(3));
    const journal = await openJournal(optionsFor(disk));
    for (const height of [1, 2, 3]) {
      await journal.append([{ height, parts: [Buffer.alloc(2000, 1)] }]);
    }
    const { current } = disk.file(disk.paths()[0] as string);
    current.fill(0, 2600, 3600);
    const fault = await errorOf(openJournal(optionsFor(disk, { dropBadTail: true })));
    expect(fault.place.height).to.equal(2);
  });

  it("STO-1: missing and exchanged segments are named", async () => {
    const { disk } = await smallLog("missing");
    const other = await smallLog("another log");
    const [, second] = disk.paths();
    const kept = disk.file(second as string).current;
    disk.file(second as string).current = other.disk.file(second as string).current;
    const exchanged = await faultOf(optionsFor(disk));
    expect(exchanged?.code).to.equal("corrupt");
    disk.file(second as string).current = kept;
    expect(await faultOf(optionsFor(disk))).to.equal(undefined);
    await disk.remove(second as string);
    expect((await faultOf(optionsFor(disk)))?.code).to.equal("corrupt");
  });

  it("ARC-4: another kind or a newer protocol is refused, an older one ended", async () => {
    const { disk, payloads } = await smallLog("protocol");
    expect((await errorOf(openJournal(optionsFor(disk, { kind: "guard" })))).code).to.equal(
      "foreign",
    );
    expect((await errorOf(openJournal(optionsFor(disk, { protocol: 0 })))).code).to.equal(
      "foreign",
    );
    const before = disk.paths().length;
    const journal = await openJournal(optionsFor(disk, { protocol: 2 }));
    await journal.append([{ height: payloads.length + 1, parts: [] }]);
    expect(disk.paths().length).to.equal(before + 1);
    const protocols = [];
    for await (const entry of journal.read(payloads.length - 1)) protocols.push(entry.protocol);
    expect(protocols).to.deep.equal([1, 2]);
  });

  it("STO-1: segments below a height can be dropped, and are missed by name", async () => {
    const { disk, payloads } = await smallLog("retention");
    const journal = await openJournal(optionsFor(disk, { segmentBytes: 600 }));
    await journal.drop(5);
    expect(await readAll(journal, 4)).to.deep.equal(expectedOf(payloads, 4));
    const gap = await errorOf(readAll(journal, 0));
    expect(gap.code).to.equal("gap");
    await journal.drop(1000);
    expect(journal.height()).to.equal(payloads.length);
    expect(disk.paths().length).to.equal(1);
  });
});

type EntryEnd = { path: string; height: number; offset: number; end: number };

async function entryEnds(disk: SimulatedDisk, payloads: readonly Bytes[]): Promise<EntryEnd[]> {
  const ends: EntryEnd[] = [];
  let height = 0;
  for (const path of disk.paths()) {
    let offset = SEGMENT_HEADER;
    while (offset < disk.file(path).current.length) {
      const end = offset + recordSize((payloads[height] as Bytes).length);
      height += 1;
      ends.push({ path, height, offset, end });
      offset = end;
    }
  }
  return ends;
}

describe("journal on a failing disk", () => {
  it("ARC-2: a full disk is a retryable error, and nothing of the append counts", async () => {
    const disk = createSimulatedDisk(createRandom(4));
    const journal = await openJournal(optionsFor(disk, { segmentBytes: 500 }));
    await journal.append([{ height: 1, parts: [Buffer.from("first")] }]);
    disk.fail({ call: "write", code: "ENOSPC" });
    for (const size of [100, 600]) {
      const full = await errorOf(journal.append([{ height: 2, parts: [Buffer.alloc(size, 1)] }]));
      expect(full.code).to.equal("diskFull");
      expect(full.retryable).to.equal(true);
      expect(full.message).to.contain("ENOSPC");
    }
    expect(journal.height()).to.equal(1);
    disk.fail(null);
    await journal.append([{ height: 2, parts: [Buffer.from("second")] }]);
    const again = await openJournal(optionsFor(disk));
    expect((await readAll(again)).length).to.equal(2);
  });

  it("ARC-2: after a failed sync nothing more is written until the next start", async () => {
    const disk = createSimulatedDisk(createRandom(5));
    const journal = await openJournal(optionsFor(disk));
    await journal.append([{ height: 1, parts: [] }]);
    disk.fail({ call: "sync", code: "EIO" });
    expect((await errorOf(journal.append([{ height: 2, parts: [] }]))).code).to.equal("io");
    disk.fail(null);
    const stopped = await errorOf(journal.append([{ height: 2, parts: [] }]));
    expect(stopped.code).to.equal("stopped");
    expect(journal.height()).to.equal(1);
  });

  it("TST-4: whatever call the power fails in, what was acknowledged is there", async () => {
    for (let seed = 1; seed <= 200; seed++) await runThroughCuts(seed);
  }).timeout(60_000);
});

/** Four lives of one log, each ended by a power cut at a random call. */
async function runThroughCuts(seed: number): Promise<void> {
  const random = createRandom(`cut/${seed}`);
  const disk = createSimulatedDisk(random.fork("disk"));
  const asked: Bytes[] = [];
  let acknowledged = 0;
  for (let life = 0; life < 4; life++) {
    disk.cutAfter(random.between(1, 40));
    try {
      const journal = await openJournal(optionsFor(disk, { segmentBytes: 3000 }));
      asked.length = journal.height();
      for (;;) {
        const entries = Array.from({ length: random.between(1, 4) }, () => {
          const payload = payloadOf(random);
          asked.push(payload);
          return { height: asked.length, parts: [payload] };
        });
        await journal.append(entries);
        acknowledged = asked.length;
        if (random.chance(1, 8)) journal.rotate();
      }
    } catch (thrown) {
      const isCut = thrown instanceof PowerCut || (thrown as Error).cause instanceof PowerCut;
      if (!isCut) throw new Error(`seed ${seed}, life ${life}`, { cause: thrown });
    }
    disk.restart(random.fork(`restart ${life}`));
    const journal = await openJournal(optionsFor(disk));
    expect(journal.height(), `seed ${seed}`).to.be.within(acknowledged, asked.length);
    const found = await readAll(journal);
    expect(found, `seed ${seed}`).to.deep.equal(expectedOf(asked.slice(0, journal.height())));
    acknowledged = journal.height();
    await journal.close();
  }
}
