import type { Command } from "commander";

export type ReplayOptions = {
  readonly config: string;
  readonly data?: string;
  readonly to?: string;
  readonly json?: boolean;
};

/** `xln replay`: steps a log anew, compares every root, and tells what each tick did (STO-2). */
export function registerReplay(program: Command): void {
  program
    .command("replay")
    .description("step a keeper's log anew and compare every root; time travel with --to")
    .requiredOption("--config <file>", "the keeper's configuration")
    .option("--data <folder>", "another data folder than the configuration's, such as a copy")
    .option("--to <height>", "stop after this tick and show what it took in and what it did")
    .option("--json", "print one JSON document")
    .action(async (options: ReplayOptions) => {
      const { runReplay } = await import("./replay-answer.ts");
      await runReplay(options);
    });
}
