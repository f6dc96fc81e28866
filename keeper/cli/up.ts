import type { Command } from "commander";

/** `xln up`: a whole network on this machine, a ledger netted and settled on it. */
export function registerUp(program: Command): void {
  program
    .command("up")
    .description("run chain, queue and three keepers; net and settle a ledger on them")
    .option("--ledger <FILE>", "ledger CSV of at most 2,000 accounts (default ledger/sample.csv)")
    .option("--once", "stop everything when the demonstration is over")
    .option("--data <DIR>", "keep state there instead of in a temporary folder")
    .option("--refuse <NAME...>", "entities that refuse every plan")
    .option("--fork <URL>", "begin the chain as a copy of the one at that node")
    .option("--json", "print one JSON document")
    .action(async (options: UpWords) => {
      const { runUpCommand } = await import("./up/command.ts");
      await runUpCommand(options);
    });
}

export type UpWords = {
  readonly ledger?: string;
  readonly once?: boolean;
  readonly data?: string;
  readonly refuse?: string[];
  readonly fork?: string;
  readonly json?: boolean;
};
