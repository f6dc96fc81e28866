/**
 * Shows that the tests of attacks can fail: what stops each attack is taken away, as
 * scripts/plant/attack.ts says, each time in one place of one copy of the sources. Ends in a line
 * `N passed, N failed`, with exit code 0 only if every test went red, and all hold as it is.
 */
import { join } from "node:path";

import { locate } from "./mutant/arm.ts";
import { report, runPlanting } from "./mutant/planting.ts";
import { type Effort, readSources } from "./mutant/project.ts";
import type { Job, Verdict } from "./mutant/worker.ts";
import { type Opening, openings } from "./plant/attack.ts";

const effort: Effort = { seed: "0x584c4e", fuzz: 64, runs: 1, depth: 1 };

const fileOf = ({ test }: Opening): string => join("test", "contract", "solidity", `${test}.t.sol`);

function jobOf(opening: Opening, index: number): Job {
  return { index, effort, testFiles: [fileOf(opening)], grep: `${opening.red}\\(` };
}

/** Whether the opening's test held; nothing if it did not run. */
function heldIn({ tests }: Verdict, { test, red }: Opening): boolean | undefined {
  const name = Object.keys(tests).find((one) => one.startsWith(`${test}Test.${red}(`));
  return name === undefined ? undefined : tests[name];
}

function judge(verdict: Verdict): boolean {
  const opening = openings[verdict.index];
  if (opening !== undefined) {
    const held = heldIn(verdict, opening);
    const what = held === undefined ? "did not run" : held ? "held" : "red";
    return report(held === false, `${opening.name}: ${opening.red} ${what}`);
  }
  const broken = openings.filter((one) => heldIn(verdict, one) !== true);
  const names = broken.map(({ red }) => red).join(", ");
  return report(broken.length === 0, `as it is: ${names === "" ? "all hold" : names}`);
}

async function main(): Promise<void> {
  const sources = await readSources();
  const testFiles = [...new Set(openings.map(fileOf))];
  const grep = openings.map(({ red }) => `${red}\\(`).join("|");
  await runPlanting({
    sources,
    edits: openings.map((opening) => locate(sources, opening)),
    effort,
    testFiles,
    jobs: [{ index: -1, effort, testFiles, grep }, ...openings.map(jobOf)],
    judge,
  });
}

await main();
