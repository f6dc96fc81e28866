import type { Command } from "commander";

/** `xln chaos`: the demonstration of `up` while its keepers are killed. */
export function registerChaos(program: Command): void {
  program
    .command("chaos")
    .description("run the demonstration of `up` while kill -9 ends one keeper after the other")
    .option("--seed <N>", "what dies when; the same seed draws the same (default: a new one)")
    .option("--kills <K>", "how many kills; the first five are at moments of the loop", "20")
    .option("--ledger <FILE>", "ledger CSV of at most 2,000 accounts (default ledger/sample.csv)")
    .option("--data <DIR>", "keep state there instead of in a temporary folder")
    .option("--limit <SECONDS>", "a run that takes longer has hung (default 180 and 20 a kill)")
    .option("--json", "print one JSON document")
    .action(async (options: ChaosWords) => {
      const { runChaosCommand } = await import("./chaos/command.ts");
      await runChaosCommand(options);
    });
}

export type ChaosWords = {
  readonly seed?: string;
  readonly kills: string;
  readonly ledger?: string;
  readonly data?: string;
  readonly limit?: string;
  readonly json?: boolean;
};
