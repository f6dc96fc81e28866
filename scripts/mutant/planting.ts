import { availableParallelism } from "node:os";

import { build, runJobs } from "./pool.ts";
import { type Effort, makeProject, removeProject } from "./project.ts";
import type { Edit, Sources } from "./types.ts";
import type { Job, Verdict } from "./worker.ts";

/** Seconds after which a job counts as hung. */
const LIMIT = 300;

/** What is planted, what is then run, and how. */
export type Planting = {
  readonly sources: Sources;
  readonly edits: readonly Edit[];
  readonly effort: Effort;
  /** All that any job runs. */
  readonly testFiles: readonly string[];
  readonly jobs: readonly Job[];
  /** Puts further files into the copy before it is built. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Whether a job ended as it should; prints a line about it. */
  readonly judge: (verdict: Verdict) => boolean;
};

/** Prints what was judged. @returns `ok` */
export function report(ok: boolean, what: string): boolean {
  process.stdout.write(`${ok ? "✔" : "✘"} ${what}\n`);
  return ok;
}

/**
 * Runs every job in one copy of the sources that holds all edits. Ends in a line
 * `N passed, N failed`, with exit code 0 only if all ended as they should.
 */
export async function runPlanting(planting: Planting): Promise<void> {
  const { sources, edits, effort, testFiles, jobs, prepare, judge } = planting;
  const folder = await makeProject(sources, edits);
  try {
    await prepare?.(folder);
    await build(folder, effort, testFiles);
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
