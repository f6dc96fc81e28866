import type { Command } from "commander";

/** `xln test [SUITE…]`: every test there is, or some suites. */
export function registerTest(program: Command): void {
  program
    .command("test")
    .description("run every test, or some suites")
    .argument("[suite...]", "names of suites; all of them unless told")
    .option("--list", "list the suites and run nothing")
    .option("--json", "print one JSON document")
    .action(async (names: readonly string[], options: { list?: boolean; json?: boolean }) => {
      const { runTest } = await import("./test-run.ts");
      process.exitCode = await runTest(names, options);
    });
}
