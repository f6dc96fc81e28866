/**
 * Which lines of the contracts their tests run: `node scripts/coverage.ts [--least PERCENT]`.
 * Prints each file with the lines that no test reached, and exits with 1 if fewer than 98 % of all
 * lines are reached. What is compiled for it goes to a folder of its own; the report lies in
 * coverage/.
 *
 * Each statement carries a call that costs gas, so tests that measure gas fail here; their own
 * suite judges them.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import config from "../hardhat.config.ts";
import { solidityConfig } from "./build/solidity.ts";
import { root } from "./mutant/project.ts";

const { values: options } = parseArgs({ options: { least: { type: "string", default: "98" } } });

type FileCoverage = {
  readonly file: string;
  readonly lines: number;
  readonly reached: number;
  readonly missed: readonly number[];
};

/** Reads a report in the format of lcov. */
function readReport(text: string): readonly FileCoverage[] {
  const records = text.split("end_of_record").filter((record) => record.includes("SF:"));
  return records.map((record) => {
    const file = /^SF:(.*)$/m.exec(record)?.[1] ?? "";
    const counts = [...record.matchAll(/^DA:(\d+),(\d+)/gm)];
    const missed = counts
      .filter(([, , count]) => Number(count) === 0)
      .map((line) => Number(line[1]));
    return { file, lines: counts.length, reached: counts.length - missed.length, missed };
  });
}

function percent(reached: number, lines: number): number {
  return lines === 0 ? 100 : (100 * reached) / lines;
}

async function measure(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "xln-coverage-"));
  try {
    const environment = await createHardhatRuntimeEnvironment(
      {
        ...config,
        // The whole effort of the optimiser makes more of the counted code than solc can place.
        solidity: solidityConfig("contracts", "quick"),
        paths: { ...config.paths, cache: join(work, "cache"), artifacts: join(work, "artifacts") },
        coverage: { skipFiles: ["contracts/dev/**"] },
      },
      { coverage: true, noTypechain: true },
      root,
    );
    await environment.tasks.getTask(["test", "solidity"]).run({});
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  process.chdir(root);
  await measure();
  const files = readReport(await readFile(join(root, "coverage", "lcov.info"), "utf8"));
  for (const { file, lines, reached, missed } of files) {
    const tail = missed.length === 0 ? "" : `  missed: ${missed.join(", ")}`;
    const share = percent(reached, lines).toFixed(1).padStart(5);
    process.stdout.write(`${share} %  ${reached}/${lines}  ${file}${tail}\n`);
  }
  const sum = (count: (file: FileCoverage) => number) =>
    files.reduce((total, file) => total + count(file), 0);
  const [reached, lines] = [sum((file) => file.reached), sum((file) => file.lines)];
  const share = percent(reached, lines);
  const words = `${share.toFixed(2)} % of ${lines} lines in ${files.length} files`;
  process.stdout.write(`${words}, at least ${options.least} % wanted\n`);
  process.exitCode = lines > 0 && share >= Number(options.least) ? 0 : 1;
}

await main();
