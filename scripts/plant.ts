import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { type Fault, faults } from "./plant/fault.ts";

// Shows that each invariant of the contracts can fail. All faults are planted in a copy of the
// sources, never in the tree itself, each behind a condition that only its own tests arm; so one
// compilation serves them all, and the unarmed invariants show that the copy is sound. Ends in a
// line `N passed, N failed`, with exit code 0 only if every fault turned its own invariant red.

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const tests = join("test", "contract", "solidity");

/** Built as the project is: tests in a tenth of the time that the contracts' settings take. */
const config = `import { defineConfig } from "hardhat/config";
import { builds } from "${pathToFileURL(join(root, "scripts/build/hook.ts")).href}";
import { solidityConfig } from "${pathToFileURL(join(root, "scripts/build/solidity.ts")).href}";
export default defineConfig({
  plugins: [builds],
  solidity: solidityConfig("contracts"),
  paths: { tests: { solidity: "./test/contract/solidity" } },
  test: {
    solidity: {
      fuzz: { seed: "0x584c4e" },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
    },
  },
});
`;

async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "xln-plant-"));
  await cp(join(root, "contracts"), join(folder, "contracts"), { recursive: true });
  await mkdir(join(folder, tests), { recursive: true });
  for (const file of [
    "Test.sol",
    "Fixture.sol",
    "Token.sol",
    "Reentrant.sol",
    "Handler.sol",
    "Invariant.t.sol",
  ]) {
    await cp(join(root, tests, file), join(folder, tests, file));
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await cp(join(root, "package.json"), join(folder, "package.json"));
  await writeFile(join(folder, "hardhat.config.ts"), config);
  return folder;
}

/** Where code lies if the fault is armed. */
function switchOf(index: number): string {
  return `address(uint160(0xFA0000 + ${index}))`;
}

async function plant(folder: string, fault: Fault, index: number): Promise<void> {
  const path = join(folder, fault.file);
  const source = await readFile(path, "utf8");
  if (source.split(fault.find).length !== 2) {
    throw new Error(`${fault.file} no longer has the one line to change for "${fault.name}"`);
  }
  const armed = `(${switchOf(index)}.code.length != 0)`;
  await writeFile(path, source.replace(fault.find, fault.replace.replaceAll("ARMED", armed)));
  const test = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {InvariantTest} from "./Invariant.t.sol";
contract Fault${index}Test is InvariantTest {
    function setUp() public override {
        VM.etch(${switchOf(index)}, hex"00");
        super.setUp();
    }
}
`;
  await writeFile(join(folder, tests, `Fault${index}.t.sol`), test);
}

async function runTests(folder: string): Promise<string> {
  const hardhat = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const args = [hardhat, "test", "solidity", "--grep", "invariant_"];
  return new Promise((done) => {
    const options = { cwd: folder, maxBuffer: 1 << 26 };
    execFile(process.execPath, args, options, (_error, stdout, stderr) => done(stdout + stderr));
  });
}

/** The invariants of each test contract that ran, and whether each held. */
function readResults(output: string): ReadonlyMap<string, ReadonlyMap<string, boolean>> {
  const results = new Map<string, Map<string, boolean>>();
  let held = new Map<string, boolean>();
  for (const line of output.split("\n")) {
    const contract = /\.t\.sol:(\w+)\s*$/.exec(line)?.[1];
    if (contract !== undefined) {
      held = new Map();
      results.set(contract, held);
    }
    const [, mark, name] = /^\s+(✔|\d+\)) (invariant_\w+)\(\)/.exec(line) ?? [];
    if (name !== undefined) held.set(name, mark === "✔");
  }
  return results;
}

function report(ok: boolean, what: string): boolean {
  process.stdout.write(`${ok ? "✔" : "✘"} ${what}\n`);
  return ok;
}

/** One verdict for the sources with no fault armed, and one for each fault. */
function judge(output: string): readonly boolean[] {
  const results = readResults(output);
  const sound = results.get("InvariantTest") ?? new Map<string, boolean>();
  const expected = new Set(faults.map((fault) => fault.red));
  const all = sound.size === expected.size && [...expected].every((name) => sound.get(name));
  const verdicts = [report(all, `no fault armed: ${sound.size} invariants hold`)];
  for (const [index, fault] of faults.entries()) {
    const held = results.get(`Fault${index}Test`) ?? new Map<string, boolean>();
    const red = [...held].flatMap(([name, holds]) => (holds ? [] : [name]));
    const seen = held.get(fault.red) === false;
    verdicts.push(report(seen, `${fault.name}: red ${red.join(", ") || "nowhere"}`));
  }
  return verdicts;
}

async function main(): Promise<void> {
  const folder = await copyProject();
  try {
    for (const [index, fault] of faults.entries()) await plant(folder, fault, index);
    const output = await runTests(folder);
    const verdicts = judge(output);
    const passed = verdicts.filter((ok) => ok).length;
    if (passed !== verdicts.length) process.stderr.write(output);
    process.stdout.write(`${passed} passed, ${verdicts.length - passed} failed\n`);
    process.exitCode = passed === verdicts.length ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
