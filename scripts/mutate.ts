/**
 * Mutation testing of the contracts: breaks them in one place at a time, and sees whether a
 * Solidity test fails.
 *
 *     node scripts/mutate.ts [--operators NAME,…] [--files FILE,…] [--only WORDS] [--list]
 *                            [--batch N] [--workers N] [--limit SECONDS] [--json FILE]
 *
 * Mutants are those of the table (scripts/mutant/table.ts) and those that the operators make
 * (scripts/mutant/operator.ts); unless told, every check is dropped once. Prints a line for each,
 * and exits with 1 if one survives that scripts/mutant/excuse.ts does not explain.
 */
import { readdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { locate } from "./mutant/arm.ts";
import { excuses } from "./mutant/excuse.ts";
import { nearTests } from "./mutant/near.ts";
import { operate, operators } from "./mutant/operator.ts";
import { build, runJobs } from "./mutant/pool.ts";
import { type Effort, makeProject, readSources, removeProject } from "./mutant/project.ts";
import { table } from "./mutant/table.ts";
import type { Edit, Sources } from "./mutant/types.ts";
import type { Verdict } from "./mutant/worker.ts";

const { values: options } = parseArgs({
  options: {
    operators: { type: "string", default: "check,table" },
    files: { type: "string" },
    only: { type: "string" },
    list: { type: "boolean", default: false },
    batch: { type: "string", default: "250" },
    workers: { type: "string", default: `${availableParallelism()}` },
    limit: { type: "string", default: "120" },
    json: { type: "string" },
  },
});

const effort: Effort = { seed: "0x584c4e", fuzz: 8, runs: 4, depth: 48 };

const TESTS = join("test", "contract", "solidity");

type Row = { readonly name: string; readonly fate: "killed" | "hung" | "excused" | "survived" };
type Result = Row & { readonly by: readonly string[] };

/** The mutants asked for. @throws Error when the table no longer fits the sources */
function choose(sources: Sources): readonly Edit[] {
  const names = options.operators === "all" ? Object.keys(operators) : options.operators.split(",");
  const unknown = names.find((name) => name !== "table" && !(name in operators));
  if (unknown !== undefined) {
    throw new Error(`no operator ${unknown}: all, table, ${Object.keys(operators).join(", ")}`);
  }
  const own = [...sources.keys()].filter((file) => !/^(dev|interface|type)\//.test(file));
  const files = options.files?.split(",") ?? own;
  const isTable = names.includes("table") || options.operators === "all";
  const tabled = isTable ? table.filter(({ file }) => files.includes(file)) : [];
  const edits = [
    ...tabled.map((mutant) => locate(sources, mutant)),
    ...operate(sources, files, names),
  ];
  return edits.filter(({ name }) => name.includes(options.only ?? ""));
}

/** Compiles a batch of mutants into one copy and runs the tests under each of them. */
async function runBatch(sources: Sources, edits: readonly Edit[]): Promise<readonly Result[]> {
  const folder = await makeProject(sources, edits);
  // Those that bound gas fail by what arms a mutant.
  const tests = (await readdir(join(folder, TESTS))).filter(
    (name) => name.endsWith(".t.sol") && !/Cost|Gas/.test(name),
  );
  const all = tests.map((name) => join(TESTS, name));
  const testsFor = ({ file }: Edit) => nearTests(file, tests).map((name) => join(TESTS, name));
  try {
    await build(folder, effort);
    const job = (index: number) => ({ index, effort, testFiles: all });
    const limit = Number(options.limit);
    let sound: Verdict["tests"] = {};
    await runJobs(folder, [job(-1)], 1, 10 * limit, ({ tests }) => {
      sound = tests;
    });
    const red = Object.keys(sound).filter((name) => !sound[name]);
    if (red.length > 0 || Object.keys(sound).length === 0) {
      throw new Error(`with no mutant armed these tests fail: ${red.join(", ") || "all"}`);
    }
    const results: Result[] = [];
    const left: number[] = [];
    const workers = Number(options.workers);
    const first = edits.map((edit, index) => ({ ...job(index), testFiles: testsFor(edit) }));
    await runJobs(folder, first, workers, limit, ({ index, tests }) => {
      const result = judge(edits[index]?.name ?? "", tests);
      if (result.fate === "killed") results.push(show(result));
      else left.push(index);
    });
    await runJobs(folder, left.map(job), workers, limit, ({ index, tests }) => {
      results.push(show(judge(edits[index]?.name ?? "", tests)));
    });
    return results;
  } finally {
    await removeProject(folder);
  }
}

function judge(name: string, tests: Verdict["tests"]): Result {
  const by = Object.keys(tests).filter((test) => !tests[test]);
  if (by.length > 0) return { name, fate: "killed", by };
  // No test ended: what a loop without end does.
  if (Object.keys(tests).length === 0) return { name, fate: "hung", by };
  return { name, fate: name in excuses ? "excused" : "survived", by };
}

function show(result: Result): Result {
  const sign = { killed: "✔", hung: "✔", excused: "~", survived: "✘" }[result.fate];
  const more = result.by.length > 1 ? ` and ${result.by.length - 1} more` : "";
  const how = result.fate === "excused" ? excuses[result.name] : `${result.by[0] ?? ""}${more}`;
  process.stdout.write(`${sign} ${result.fate} ${result.name}${how === "" ? "" : `: ${how}`}\n`);
  return result;
}

async function main(): Promise<void> {
  const sources = await readSources();
  const edits = choose(sources);
  if (options.list) {
    process.stdout.write(
      edits.map(({ name, text }) => `${name} → ${text || "nothing"}\n`).join(""),
    );
    return;
  }
  const size = Number(options.batch);
  const results: Result[] = [];
  for (let start = 0; start < edits.length; start += size) {
    results.push(...(await runBatch(sources, edits.slice(start, start + size))));
    if (options.json !== undefined) await writeFile(options.json, JSON.stringify(results, null, 2));
  }
  const count = (fate: Row["fate"]) => results.filter((result) => result.fate === fate).length;
  const sums = ["killed", "hung", "excused", "survived"] as const;
  process.stdout.write(`${sums.map((fate) => `${count(fate)} ${fate}`).join(", ")}\n`);
  process.exitCode = results.length > 0 && count("survived") === 0 ? 0 : 1;
}

await main();
