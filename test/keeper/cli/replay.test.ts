import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type Bytes32, toHex } from "../../../keeper/base/bytes.ts";
import { readConfig } from "../../../keeper/config.ts";
import { genesisOf, jurisdictionOf } from "../../../keeper/genesis.ts";
import { step } from "../../../keeper/runtime/step.ts";
import { openStore } from "../../../keeper/store/store.ts";
import { alice } from "../signer/fixture.ts";

const MAIN = fileURLToPath(new URL("../../../keeper/cli/main.ts", import.meta.url));
const TICKS = 4;

describe("xln replay", () => {
  let folder: string;
  let config: string;
  let root: Bytes32;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "xln-replay-"));
    config = writeConfig(folder);
    root = await writeLog(readConfig(config, {}), join(folder, "data"), (one) => one);
    await writeLog(readConfig(config, {}), join(folder, "other"), (one, height) => {
      const changed = one.slice() as Bytes32;
      if (height === 3) changed[0] = (changed[0] as number) ^ 1;
      return changed;
    });
  });

  after(() => rmSync(folder, { recursive: true }));

  function run(...words: readonly string[]) {
    const line = [MAIN, "replay", "--config", config, "--json", ...words];
    const ran = spawnSync(process.execPath, line, { encoding: "utf8" });
    return { status: ran.status, document: JSON.parse(ran.stdout || "{}"), err: ran.stderr };
  }

  it("STO-2: steps the log anew in a new process and finds the same roots", () => {
    const { status, document, err } = run();
    expect(status, err).to.equal(0);
    const { height, rootsEqual, fault } = document;
    expect({ height, rootsEqual, fault }).to.deep.equal({
      height: TICKS,
      rootsEqual: true,
      fault: null,
    });
    expect(document.root).to.equal(toHex(root));
  }).timeout(30_000);

  it("STO-2: stops at a height and tells what its tick took in", () => {
    const { document } = run("--to", "2");
    expect(document).to.deep.include({ height: 2, now: 1_700_000_002 });
    expect(document.inputs).to.deep.equal([{ kind: "start" }]);
  }).timeout(30_000);

  it("ARC-4: a root that differs is told with its height and exit 1", () => {
    const { status, document } = run("--data", join(folder, "other"));
    expect([status, document.rootsEqual, document.height]).to.deep.equal([1, false, 2]);
    expect(document.fault).to.contain("tick 3");
  }).timeout(30_000);
});

async function writeLog(
  config: ReturnType<typeof readConfig>,
  data: string,
  change: (root: Bytes32, height: number) => Bytes32,
): Promise<Bytes32> {
  const store = await openStore({ folder: data });
  let runtime = genesisOf(jurisdictionOf(config), [alice.key]);
  for (let height = 1; height <= TICKS; height++) {
    const stepped = step(runtime, { now: 1_700_000_000 + height, inputs: [{ kind: "start" }] });
    runtime = stepped.runtime;
    const { record, root } = stepped.ready;
    await store.append([{ height, record, root: change(root, height) }]);
  }
  await store.close();
  return runtime.root;
}

function writeConfig(folder: string): string {
  const keys = join(folder, "keys");
  writeFileSync(keys, toHex(alice.privateKey), { mode: 0o600 });
  const file = join(folder, "config.json");
  const address = { host: "127.0.0.1", port: 0 };
  const config = {
    name: "replayed",
    data: join(folder, "data"),
    keys,
    gasKey: keys,
    listen: address,
    dial: [],
    chain: {
      rpc: ["http://127.0.0.1:1"],
      chainId: 31337,
      depository: `0x${"11".repeat(20)}`,
      entityProvider: `0x${"22".repeat(20)}`,
      deployedAt: 0,
      finalityDepth: 2,
      inclusionMargin: 10,
      responseTime: 60,
      pollMs: 100,
    },
    redis: null,
    prefix: "xln",
    health: address,
    record: null,
    checkpointTicks: 1000,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
