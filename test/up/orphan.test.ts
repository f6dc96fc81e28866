/** What a run has started ends with it, even when the run itself can do nothing about it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { smallLedger } from "./ledger.ts";
import { marked } from "./marked.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = "keeper/cli/main.ts";
/** Milliseconds after which what is left will stay. */
const PATIENCE_MS = 30_000;

describe("a run that is killed", () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "xln-orphan-")));
  });

  afterEach(async () => {
    for (const { pid } of await marked(folder)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true });
  });

  function start(...words: readonly string[]): ChildProcess {
    const file = join(folder, "ledger.csv");
    writeFileSync(file, smallLedger(2));
    const all = words.map((word) => (word === "LEDGER" ? file : word));
    const env = { ...process.env, XLN_TEST_MARK: folder, TMPDIR: folder };
    return spawn(process.execPath, [MAIN, ...all], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async function killed(run: ChildProcess): Promise<void> {
    const gone = once(run, "exit");
    run.kill("SIGKILL");
    await gone;
  }

  /** Each look is a round trip; what is still there at the deadline is the test's answer. */
  async function left(): Promise<readonly string[]> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await marked(folder);
      if (found.length === 0 || performance.now() > deadline) return found.map(({ name }) => name);
    }
  }

  it("QUE-3: up leaves no keeper, no chain and no Redis behind", async () => {
    const run = start("up", "--ledger", "LEDGER");
    // By then all that a run starts is there.
    await said(run, /depositing \d+ reserves/);
    const names = (await marked(folder)).map(({ name }) => name);
    const count = (wanted: RegExp) => names.filter((name) => wanted.test(name)).length;
    expect(count(/main\.ts keeper /), names.join("\n")).to.equal(3);
    expect(count(/local\/node\.ts/)).to.equal(1);
    expect(count(/redis-server (127|\*)/), names.join("\n")).to.equal(1);
    await killed(run);
    expect(await left()).to.deep.equal([]);
  });

  it("QUE-3: net --execute leaves nothing behind when it is killed while it starts", async () => {
    const run = start("net", "LEDGER", "--execute");
    while ((await marked(folder)).length < 2) {
      expect(run.exitCode, "it ended by itself").to.equal(null);
    }
    await killed(run);
    expect(await left()).to.deep.equal([]);
  });

  it("QUE-3: chaos leaves nothing behind, not even whom it has just started again", async () => {
    const run = start("chaos", "--ledger", "LEDGER", "--seed", "5", "--kills", "3");
    await said(run, /killed keeper-/);
    await killed(run);
    expect(await left()).to.deep.equal([]);
  });
});

/** Resolves when a process has said this on standard error. */
function said(child: ChildProcess, wanted: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (wanted.test(text)) resolve();
    });
    child.once("exit", () => reject(new Error(`it ended before:\n${text}`)));
    child.stdout?.resume();
  });
}
