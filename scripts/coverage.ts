/**
 * Which lines of the contracts their tests run, from inside and from outside:
 *
 *     node scripts/coverage.ts [--least PERCENT]
 *
 * Prints each file with the lines that no test reached, and exits with 1 if fewer than 98 % of all
 * lines are reached. What is compiled for it and the report lie in coverage/.
 *
 * Each statement carries a call that costs gas and empties the return data, so the few tests that
 * measure gas fail here, and are named; their own suites judge them.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

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

/** Runs both suites of Hardhat with statements that count, and returns what they printed. */
function measure(): Promise<string> {
  const hardhat = join("node_modules", "hardhat", "dist", "src", "cli.js");
  const words = ["--config", "scripts/reach/config.ts", "--coverage", "--no-typechain", "test"];
  const child = spawn(process.execPath, [hardhat, ...words], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (bytes) => {
    output += bytes;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", () => resolve(output));
  });
}

async function main(): Promise<void> {
  const output = await measure();
  process.stdout.write(output.replace(/^(?!\s*\d+\) |.*\b(passing|failing)\b).*\n/gm, ""));
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
