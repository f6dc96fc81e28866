/**
 * Runs the Solidity tests of a copy of the project, again and again, each time with another mutant
 * armed: `node scripts/mutant/worker.ts FOLDER`, started by the pool, which sends it jobs.
 */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { overrideTask } from "hardhat/config";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { TaskArguments } from "hardhat/types/tasks";

import { coinbaseOf } from "./arm.ts";
import { configOf, type Effort } from "./project.ts";

/** Which tests to run, and under which mutant; -1 is none. */
export type Job = {
  readonly index: number;
  readonly effort: Effort;
  /** From the project's folder; empty for all. */
  readonly testFiles: readonly string[];
  readonly grep?: string;
};

/** Each test that ran, and whether it passed. */
export type Verdict = { readonly index: number; readonly tests: Readonly<Record<string, boolean>> };

type Suites = readonly {
  readonly id: { readonly name: string };
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}[];

const folder = folderOf(process.argv[2]);
process.chdir(folder);

function folderOf(word: string | undefined): string {
  if (word === undefined) throw new Error("the folder is missing");
  return word;
}

/** The test files that a run asks for: the pool built them, and other workers are reading. */
async function findTests({ files }: TaskArguments) {
  const tests = join(folder, "test", "contract", "solidity");
  const all = (await readdir(tests)).filter((name) => name.endsWith(".t.sol"));
  const asked = (files as readonly string[]).map((file) => resolve(folder, file));
  const testRootPaths = asked.length > 0 ? asked : all.map((name) => join(tests, name));
  return { contractRootPaths: [], testRootPaths };
}

const built: HardhatPlugin = {
  id: "xln-built",
  tasks: [
    overrideTask("build")
      .setAction(async () => ({ default: findTests }))
      .build(),
  ],
};

async function run(job: Job): Promise<Verdict> {
  const { plugins, ...rest } = configOf(coinbaseOf(job.index), job.effort);
  const config = { ...rest, plugins: [...plugins, built] };
  const environment = await createHardhatRuntimeEnvironment(config, {}, folder);
  const result = await environment.tasks.getTask(["test", "solidity"]).run({
    noCompile: true,
    testFiles: [...job.testFiles],
    ...(job.grep === undefined ? {} : { grep: job.grep }),
  });
  const { value, error } = result as Record<
    "value" | "error",
    { suiteResults: Suites } | undefined
  >;
  const suites = (value ?? error)?.suiteResults ?? [];
  const tests = suites.flatMap(({ id, testResults }) =>
    testResults.map(({ name, status }) => [`${id.name}.${name}`, status === "Success"] as const),
  );
  return { index: job.index, tests: Object.fromEntries(tests) };
}

process.on("message", (job: Job) => {
  void run(job).then((verdict) => process.send?.(verdict));
});
process.on("disconnect", () => process.exit());
