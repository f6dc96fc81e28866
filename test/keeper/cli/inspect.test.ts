import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { asBytes32 } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { encodeTick } from "../../../keeper/runtime/codec.ts";
import { openStore } from "../../../keeper/store/store.ts";

const MAIN = fileURLToPath(new URL("../../../keeper/cli/main.ts", import.meta.url));

describe("xln inspect", () => {
  let folder: string;
  let segment: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "xln-inspect-"));
    const store = await openStore({ folder });
    const random = createRandom("inspect");
    for (const height of [1, 2, 3]) {
      const record = encodeTick({ now: 1_700_000_000 + height, inputs: [{ kind: "start" }] });
      await store.append([{ height, root: asBytes32(random.bytes(32)), record }]);
    }
    await store.checkpoint(2, asBytes32(random.bytes(32)), []);
    await store.close();
    segment = join(folder, "log", readdirSync(join(folder, "log"))[0] as string);
  });

  after(() => rmSync(folder, { recursive: true }));

  function run(...words: readonly string[]) {
    const ran = spawnSync(process.execPath, [MAIN, "inspect", "--data", folder, ...words], {
      encoding: "utf8",
    });
    return { status: ran.status, out: ran.stdout, err: ran.stderr };
  }

  it("STO-2: shows the folder as text and as a document", () => {
    const text = run();
    expect(text.status, text.err).to.equal(0);
    expect(text.out).to.contain("whole").and.to.contain("checkpoint of height 2");
    const document = JSON.parse(run("--json").out);
    expect(document).to.deep.include({ schema: 1, whole: true, fence: 1, owner: null });
    expect(document.log[0]).to.deep.include({ firstHeight: 1, lastHeight: 3, state: "whole" });
  });

  it("STO-2: shows what one tick took in", () => {
    const document = JSON.parse(run("--height", "2", "--json").out);
    expect(document).to.deep.include({
      schema: 1,
      height: 2,
      now: 1_700_000_002,
      inputs: [{ kind: "start" }],
    });
    expect(run("--height", "2").out).to.contain("2023-11-14").and.to.contain('"start"');
  });

  it("STO-2: bad words are told as documents with exit 2", () => {
    const missing = run("--height", "9", "--json");
    expect([missing.status, JSON.parse(missing.out).error.code]).to.deep.equal([
      2,
      "no-such-height",
    ]);
    expect(JSON.parse(run("--height", "x", "--json").out).error.code).to.equal("bad-height");
    const nothing = spawnSync(process.execPath, [MAIN, "inspect", "--data", "none", "--json"], {
      encoding: "utf8",
    });
    expect(JSON.parse(nothing.stdout).error.code).to.equal("not-a-data-folder");
  });

  it("STO-1: a torn end is told and readable, a flipped byte is named with exit 1", () => {
    const whole = readFileSync(segment);
    truncateSync(segment, whole.length - 3);
    const torn = run("--json");
    expect([torn.status, JSON.parse(torn.out).log[0].state]).to.deep.equal([0, "torn"]);
    expect(run("--height", "2").status).to.equal(0);
    expect(JSON.parse(run("--height", "3", "--json").out).error.code).to.equal("no-such-height");
    const flipped = Buffer.from(whole);
    flipped[90] = (flipped[90] as number) ^ 1;
    writeFileSync(segment, flipped);
    const bad = run();
    expect(bad.status).to.equal(1);
    expect(bad.out)
      .to.contain(segment)
      .and.to.match(/offset \d+ \(height 1\)/);
    writeFileSync(segment, whole);
  }).timeout(30_000);
});
