/**
 * Shows that the tests of attacks can fail: what stops each attack is taken away, as
 * scripts/plant/attack.ts says, each time in one place of one copy of the sources. Ends in a line
 * `N passed, N failed`, with exit code 0 only if every test went red, and all hold as it is.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { locate } from "./mutant/arm.ts";
import { build, runJobs } from "./mutant/pool.ts";
import { type Effort, makeProject, readSources, removeProject } from "./mutant/project.ts";
import type { Job, Verdict } from "./mutant/worker.ts";
import { type Opening, openings } from "./plant/attack.ts";

const effort: Effort = { seed: "0x584c4e", fuzz: 64, runs: 1, depth: 1 };

/** Seconds after which a job counts as hung. */
const LIMIT = 300;

const fileOf = ({ test }: Opening): string => join("test", "contract", "solidity", `${test}.t.sol`);

function jobOf(opening: Opening, index: number): Job {
  return { index, effort, testFiles: [fileOf(opening)], grep: `${opening.red}\\(` };
}

/** Whether the opening's test held; nothing if it did not run. */
function heldIn({ tests }: Verdict, { test, red }: Opening): boolean | undefined {
  const name = Object.keys(tests).find((one) => one.startsWith(`${test}Test.${red}(`));
  return name === undefined ? undefined : tests[name];
}

function report(ok: boolean, what: string): boolean {
  process.stdout.write(`${ok ? "✔" : "✘"} ${what}\n`);
  return ok;
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
  const folder = await makeProject(
    sources,
    openings.map((opening) => locate(sources, opening)),
  );
  try {
    const testFiles = [...new Set(openings.map(fileOf))];
    await build(folder, effort, testFiles);
    const grep = openings.map(({ red }) => `${red}\\(`).join("|");
    const jobs: readonly Job[] = [{ index: -1, effort, testFiles, grep }, ...openings.map(jobOf)];
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
