/**
 * Shows that each invariant of the contracts can fail: plants the faults of scripts/plant/fault.ts,
 * each behind a condition of its own in one copy of the sources, and takes the invariants' walks,
 * whose calls look random and are always the same. Ends in a line `N passed, N failed`, with exit
 * code 0 only if every fault turned its own invariant red, and all hold with no fault armed.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { locate } from "./mutant/arm.ts";
import { report, runPlanting } from "./mutant/planting.ts";
import { type Effort, readSources } from "./mutant/project.ts";
import type { Job, Verdict } from "./mutant/worker.ts";
import { type Fault, faults, type Walk, walks } from "./plant/fault.ts";

const effort: Effort = { seed: "0x584c4e", fuzz: 1, runs: 1, depth: 1 };

/** How many steps a walk takes from one look at the invariant to the next. */
const STRIDE = 10;

const names = Object.keys(walks) as readonly Walk[];
const fileOf = (walk: Walk): string => join("test", "contract", "solidity", `${walk}Walk.t.sol`);

/** A test for each invariant. What a fault makes the model refuse is one step less, no more. */
function walkTests(walk: Walk): string {
  const invariants = new Set(faults.flatMap((fault) => (fault.walk === walk ? [fault.red] : [])));
  const tests = [...invariants].map(
    (name) => `    function test_${name}() public {
        ${walk}Test walker = new ${walk}Test();
        walker.setUp();
        for (uint256 i = 0; i < ${walks[walk]}; ++i) {
            try walker.step(i) {} catch {}
            if (i % ${STRIDE} == ${STRIDE - 1}) walker.${name}();
        }
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

function jobOf({ red, walk }: Fault, index: number): Job {
  return { index, effort, testFiles: [fileOf(walk)], grep: `test_${red}\\(` };
}

/** The invariants that held, or that did not. */
function named(tests: Verdict["tests"], held: boolean): readonly string[] {
  const found = Object.keys(tests).filter((test) => tests[test] === held);
  return found.map((test) => test.replace(/^.*\.test_(\w+)\(\)$/, "$1")).sort();
}

/** With no fault armed every invariant that a fault names holds; each fault breaks its own. */
function judge({ index, tests }: Verdict): boolean {
  const fault = faults[index];
  const red = named(tests, false);
  if (fault !== undefined) {
    return report(red.includes(fault.red), `${fault.name}: red ${red.join(", ") || "nowhere"}`);
  }
  const held = named(tests, true);
  const expected = [...new Set(faults.map((each) => each.red))].sort();
  const all = held.join() === expected.join();
  return report(all, `no fault armed: ${held.length} invariants of ${expected.length} hold`);
}

async function writeWalks(folder: string): Promise<void> {
  for (const walk of names) await writeFile(join(folder, fileOf(walk)), walkTests(walk));
}

async function main(): Promise<void> {
  const sources = await readSources();
  const testFiles = names.map(fileOf);
  await runPlanting({
    sources,
    edits: faults.map((fault) => locate(sources, fault)),
    effort,
    testFiles,
    jobs: [{ index: -1, effort, testFiles }, ...faults.map(jobOf)],
    prepare: writeWalks,
    judge,
  });
}

await main();
