/**
 * Shows that each invariant of the contracts can fail: plants the faults of scripts/plant/fault.ts
 * and looks for the invariant of each under it, and for all of them under none. Ends in a line
 * `N passed, N failed`, with exit code 0 only if every fault turned its own invariant red.
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { locate } from "./mutant/arm.ts";
import { build, runJobs } from "./mutant/pool.ts";
import { type Effort, makeProject, readSources, removeProject } from "./mutant/project.ts";
import type { Job, Verdict } from "./mutant/worker.ts";
import { type Fault, faults } from "./plant/fault.ts";

const effort: Effort = { seed: "0x584c4e", fuzz: 1, runs: 32, depth: 64 };

/** Seconds after which the invariants under one fault count as hung. */
const LIMIT = 300;

const folderOfTests = join("test", "contract", "solidity");
const random = join(folderOfTests, "Invariant.t.sol");
const walks = [...new Set(faults.flatMap(({ walk }) => (walk === undefined ? [] : [walk])))];
const fileOf = (name: string): string => join(folderOfTests, `${name}.t.sol`);

/**
 * Tests of single invariants, each after a walk that is always the same: what random calls reach
 * seldom, they reach every time.
 */
function walkTests(walk: string): string {
  const names = new Set(faults.flatMap((fault) => (fault.walk === walk ? [fault.red] : [])));
  const tests = [...names].map(
    (name) => `    function test_${name}() public {
        ${walk}Test walker = new ${walk}Test();
        walker.setUp();
        walker.walk();
        walker.${name}();
    }
`,
  );
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {${walk}Test} from "./${walk}.t.sol";
import {Test} from "./Test.sol";
contract ${walk}WalkTest is Test {
${tests.join("")}}
`;
}

function jobOf(fault: Fault, index: number): Job {
  const { red, walk } = fault;
  return walk === undefined
    ? { index, effort, testFiles: [random], grep: "invariant_" }
    : { index, effort, testFiles: [fileOf(`${walk}Walk`)], grep: `test_${red}\\(` };
}

function report(ok: boolean, what: string): boolean {
  process.stdout.write(`${ok ? "✔" : "✘"} ${what}\n`);
  return ok;
}

/** The invariants that held, or that did not. */
function named(tests: Verdict["tests"], held: boolean): readonly string[] {
  const names = Object.keys(tests).filter((test) => tests[test] === held);
  return [...new Set(names.map((test) => test.replace(/^.*\.(test_)?(\w+)\(\)$/, "$2")))].sort();
}

/** The sources with no fault armed hold every invariant that a fault names; each fault breaks its. */
function judge({ index, tests }: Verdict): boolean {
  const fault = faults[index];
  const red = named(tests, false);
  if (fault !== undefined) {
    return report(red.includes(fault.red), `${fault.name}: red ${red.join(", ") || "nowhere"}`);
  }
  const held = named(tests, true);
  const expected = [...new Set(faults.map((each) => each.red))].sort();
  const all = red.length === 0 && held.join() === expected.join();
  return report(all, `no fault armed: ${held.length} invariants hold`);
}

async function main(): Promise<void> {
  const sources = await readSources();
  const edits = faults.map((fault) => locate(sources, fault));
  const folder = await makeProject(sources, edits);
  try {
    for (const walk of walks) {
      await writeFile(join(folder, fileOf(`${walk}Walk`)), walkTests(walk));
    }
    const testFiles = [random, ...walks.flatMap((walk) => [fileOf(walk), fileOf(`${walk}Walk`)])];
    await build(folder, effort, testFiles);
    const jobs = [{ index: -1, effort, testFiles, grep: "invariant_" }, ...faults.map(jobOf)];
    const verdicts: boolean[] = [];
    await runJobs(folder, jobs, availableParallelism(), LIMIT, (verdict) => {
      verdicts.push(judge(verdict));
    });
    const passed = verdicts.filter((ok) => ok).length;
    process.stdout.write(`${passed} passed, ${verdicts.length - passed} failed\n`);
    process.exitCode = passed === verdicts.length ? 0 : 1;
  } finally {
    await removeProject(folder);
  }
}

await main();
