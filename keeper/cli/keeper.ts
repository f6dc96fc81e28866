import type { Command } from "commander";

type KeeperWords = {
  readonly config: string;
  readonly log?: string;
  readonly dropBadTail?: boolean;
  readonly takeOver?: boolean;
};

/** `xln keeper`: runs one keeper from a configuration file until it is told to stop. */
export function registerKeeper(program: Command): void {
  program
    .command("keeper")
    .description("run one keeper from a configuration file until SIGINT or SIGTERM")
    .requiredOption("--config <FILE>", "configuration, JSON; keeper/config.ts describes it")
    .option("--log <FILE>", "write the log there instead of to standard error")
    .option(
      "--drop-bad-tail",
      "cut off a bad end of the log, which may have been durable: last resort",
    )
    .option("--take-over", "take the data folder from a process on another machine that is gone")
    .action(async (options: KeeperWords) => {
      const { runKeeper } = await import("./keeper-run.ts");
      const { config, log = null, dropBadTail = false, takeOver = false } = options;
      await runKeeper(config, log, { dropBadTail, takeOver });
    });
}
