/**
 * The long campaign of the invariants: many more random calls than `./xln test` makes.
 *
 *     node scripts/campaign.ts [--seed HEX] [--runs N] [--depth N] [--only WORDS]
 *
 * Without a seed it draws one and says which: the same seed makes the same calls. Exits with 1 if
 * an invariant breaks; Hardhat then prints the shortest sequence of calls that it found.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import config from "../hardhat.config.ts";
import { root } from "./mutant/project.ts";

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: `0x${randomInt(2 ** 47).toString(16)}` },
    runs: { type: "string", default: "1000" },
    depth: { type: "string", default: "100" },
    only: { type: "string", default: "invariant_" },
  },
});

async function main(): Promise<void> {
  process.chdir(root);
  const { seed, only } = options;
  const [runs, depth] = [Number(options.runs), Number(options.depth)];
  process.stdout.write(`seed ${seed}, ${runs} runs of ${depth} calls each\n`);
  const solidity = {
    fuzz: { seed, runs },
    invariant: { runs, depth, failOnRevert: false, shrinkRunLimit: 5_000 },
  };
  const environment = await createHardhatRuntimeEnvironment(
    { ...config, test: { solidity } },
    { noTypechain: true },
    root,
  );
  const result = await environment.tasks.getTask(["test", "solidity"]).run({ grep: only });
  // The summary that comes with it stays empty unless Hardhat prints one of all runners.
  const { success, value } = result as {
    readonly success: boolean;
    readonly value?: { readonly suiteResults: readonly { readonly testResults: object[] }[] };
  };
  const held = success && value?.suiteResults.some(({ testResults }) => testResults.length > 0);
  process.stdout.write(
    held ? `all held, seed ${seed}\n` : `broken, or nothing ran: seed ${seed}\n`,
  );
  process.exitCode = held ? 0 : 1;
}

await main();
