import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import { coinbaseOf } from "./arm.ts";
import { configOf, type Effort, root } from "./project.ts";
import type { Job, Verdict } from "./worker.ts";

/** The contracts that tests deploy. */
const DEPLOYED = ["Depository", "Enforcement", "EntityProvider", "dev/DigestHarness"];

/**
 * Compiles a copy: the contracts that tests deploy, and tests.
 * @param testFiles from the project's folder; empty for all
 * @throws Error when something does not compile
 */
export async function build(
  folder: string,
  effort: Effort,
  testFiles: readonly string[] = [],
): Promise<void> {
  const config = configOf(coinbaseOf(-1), effort);
  const environment = await createHardhatRuntimeEnvironment(config, {}, folder);
  const task = environment.tasks.getTask("build");
  const contracts = DEPLOYED.map((name) => join(folder, "armed", `${name}.sol`));
  await task.run({ quiet: true, noTests: true, files: contracts });
  const tests = testFiles.map((file) => join(folder, file));
  await task.run({ quiet: true, noContracts: true, files: tests });
}

/**
 * Runs jobs in processes of their own.
 * @param limit seconds after which a job counts as hung; time in which this process is held does
 * not count
 * @param onVerdict is told of each job as it ends, in any order; a hung one has no tests
 */
export async function runJobs(
  folder: string,
  jobs: readonly Job[],
  workers: number,
  limit: number,
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      child ??= fork(join(root, "scripts", "mutant", "worker.ts"), [folder], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      const verdict = await ask(child, job, limit);
      if (verdict === undefined) {
        child.kill("SIGKILL");
        child = undefined;
      }
      onVerdict(verdict ?? { index: job.index, tests: {} });
    }
    child?.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
}

/** The worker's answer; nothing if it takes too long or dies. */
function ask(child: ChildProcess, job: Job, limit: number): Promise<Verdict | undefined> {
  return new Promise((resolve) => {
    let seconds = 0;
    const end = (verdict: Verdict | undefined) => {
      clearInterval(timer);
      child.off("message", hear).off("exit", die);
      resolve(verdict);
    };
    const hear = (verdict: unknown) => end(verdict as Verdict);
    const die = () => end(undefined);
    const timer = setInterval(() => {
      seconds += 1;
      if (seconds >= limit) die();
    }, 1_000);
    child.on("message", hear).on("exit", die);
    child.send(job);
  });
}
