import type { Command } from "commander";

/** `xln audit`: a keeper's log replayed and compared with what its peers signed. */
export function registerAudit(program: Command): void {
  program
    .command("audit")
    .description("replay a keeper's log and compare every account with what the peer signed")
    .requiredOption("--config <file>", "the keeper's configuration")
    .option("--data <folder>", "another data folder than the configuration's, such as a copy")
    .option("--json", "print one JSON document with every account and reserve")
    .action(async (options: { config: string; data?: string; json?: boolean }) => {
      const { runAudit } = await import("./audit-answer.ts");
      await runAudit(options);
    });
}
