import { crash, runNode, tail } from "./child.ts";
import type { Context, Count, Suite } from "./types.ts";

/**
 * A suite of tests that Hardhat runs: `solidity` or `mocha`. Bindings are left alone, since other
 * suites may be reading them.
 */
export function hardhatSuite(name: string, what: string, runner: "solidity" | "mocha"): Suite {
  return {
    name,
    what,
    lane: "contracts",
    run: async (context) => {
      let done = 0;
      const { code, output } = await runHardhat(
        context,
        ["--no-typechain", "test", runner],
        (line) => {
          if (/^\s*[✔✓]/.test(line)) done += 1;
          context.report(`${done} passed`);
        },
      );
      return countHardhat(code, output);
    },
  };
}

/** Runs a task of Hardhat. */
export function runHardhat(
  context: Context,
  words: readonly string[],
  onLine?: (line: string) => void,
): ReturnType<typeof runNode> {
  return runNode(context, "node_modules/hardhat/dist/src/cli.js", words, onLine);
}

/** Reads the sums that Hardhat prints at the end; a run without them broke off. */
export function countHardhat(code: number | null, output: string): Count {
  const total = (word: string) =>
    Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, "m").exec(output)?.[1] ?? 0);
  const passed = total("passing");
  const failed = total("failing") + total("pending") + total("skipped");
  if (passed + failed === 0) return crash(`Hardhat ran no test (exit ${code})\n${tail(output)}`);
  if (code !== 0 && failed === 0) return crash(`Hardhat exited with ${code}\n${tail(output)}`);
  return { passed, failed, failures: failed === 0 ? [] : [tail(output)] };
}
