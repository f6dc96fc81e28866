import { bindingSuite } from "./binding.ts";
import { runCheck, sum } from "./child.ts";
import { hardhatSuite } from "./hardhat.ts";
import { mochaSuite } from "./mocha.ts";
import { programSuite } from "./program.ts";
import { tidySuite } from "./tidy.ts";
import type { Context, Count, Suite } from "./types.ts";

const solidity = ["contracts/**/*.sol", "test/**/*.sol"];

const formatSuite: Suite = {
  name: "format",
  what: "Biome, Solhint and Prettier find nothing",
  run: async (context) => {
    const biome = ["check", "--error-on-warnings", "--no-errors-on-unmatched"];
    const solhint = ["--max-warnings", "0", "--noPoster", "--disc", ...solidity];
    const prettier = ["--check", "--no-error-on-unmatched-pattern", ...solidity];
    return sum([
      await runCheck(context, "biome", "node_modules/@biomejs/biome/bin/biome", biome),
      await runCheck(context, "solhint", "node_modules/solhint/solhint.js", solhint),
      await runCheck(context, "prettier", "node_modules/prettier/bin/prettier.cjs", prettier),
    ]);
  },
};

const typeSuite: Suite = {
  name: "types",
  what: "TypeScript finds nothing",
  run: checkTypes,
};

async function checkTypes(context: Context): Promise<Count> {
  return runCheck(context, "tsc", "node_modules/typescript/bin/tsc", ["--noEmit", "-p", "."]);
}

/**
 * Every suite of `./xln test`, in the order in which they begin: the quickest answers first, then
 * the lane that takes longest, beside which all others have time.
 */
export const suites: readonly Suite[] = [
  formatSuite,
  typeSuite,
  tidySuite,
  bindingSuite,
  hardhatSuite("solidity", "unit, fuzz and invariant tests of the contracts", "solidity"),
  programSuite(
    "plant",
    "a fault planted for each invariant turns it red",
    "scripts/plant.ts",
    "contracts",
  ),
  hardhatSuite("contract", "the contracts from outside, through Ignition", "mocha"),
  mochaSuite("up", "whole runs on local chains, and what they notice", ["test/up/**/*.test.ts"], {
    limit: 180,
    lane: "processes",
  }),
  mochaSuite("keeper", "the keeper's floors, the command line and the scripts", [
    "test/keeper/**/*.test.ts",
    "test/scripts/**/*.test.ts",
  ]),
  mochaSuite(
    "chaos",
    "three keepers are killed in a whole run, and nothing is lost",
    ["test/chaos/**/*.test.ts"],
    { lane: "processes" },
  ),
];
