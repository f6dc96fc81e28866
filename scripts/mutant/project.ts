import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { HardhatUserConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { builds } from "../build/hook.ts";
import { solidityConfig } from "../build/solidity.ts";
import { armAll } from "./arm.ts";
import type { Edit, Sources } from "./types.ts";

// The warnings are the sources' own, and that views could be pure.
const silence: HardhatPlugin = {
  id: "xln-silence",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        getCompilationJobErrors: async (context, job, output, next) => {
          const errors = await next(context, job, output);
          return errors.filter(({ severity }) => severity === "error");
        },
      }),
    }),
  },
};

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** How much tests of chance do. */
export type Effort = {
  readonly seed: string;
  readonly fuzz: number;
  readonly runs: number;
  readonly depth: number;
};

/** The contracts as they stand. */
export async function readSources(): Promise<Sources> {
  const folder = join(root, "contracts");
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.sol$/.test(name));
  const texts = files.sort().map(async (file) => {
    return [file, await readFile(join(folder, file), "latin1")] as const;
  });
  return new Map(await Promise.all(texts));
}

/**
 * A copy of the project in a temporary folder. The contracts that tests deploy are in armed/, with
 * the edits planted; what tests import is in contracts/ and as it was, so that a mutant never
 * changes what a test expects.
 */
export async function makeProject(sources: Sources, edits: readonly Edit[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "xln-mutants-"));
  const tests = join("test", "contract", "solidity");
  await cp(join(root, "contracts"), join(folder, "contracts"), { recursive: true });
  await cp(join(root, tests), join(folder, tests), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await cp(join(root, "package.json"), join(folder, "package.json"));
  for (const [file, text] of armAll(sources, edits)) {
    const path = join(folder, "armed", file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, "latin1");
  }
  return folder;
}

export async function removeProject(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/**
 * Hardhat's configuration of such a copy.
 * @param coinbase arms one mutant
 */
export function configOf(coinbase: string, effort: Effort) {
  const { seed, fuzz, runs, depth } = effort;
  return {
    plugins: [builds, silence],
    solidity: solidityConfig("armed", "quick"),
    paths: { sources: "./armed", tests: { solidity: "./test/contract/solidity" } },
    test: {
      solidity: {
        coinbase,
        // A mutant whose loop has no end must end.
        gasLimit: 2_000_000_000n,
        fuzz: { seed, runs: fuzz },
        invariant: { runs, depth, failOnRevert: false },
      },
    },
  } as const satisfies HardhatUserConfig;
}
