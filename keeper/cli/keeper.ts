import type { Command } from "commander";

/** `xln keeper`: runs one keeper from a configuration file until it is told to stop. */
export function registerKeeper(program: Command): void {
  program
    .command("keeper")
    .description("run one keeper from a configuration file until SIGINT or SIGTERM")
    .requiredOption("--config <FILE>", "configuration, JSON; keeper/config.ts describes it")
    .option("--log <FILE>", "write the log there instead of to standard error")
    .action(async (options: { config: string; log?: string }) => {
      const { runKeeper } = await import("./keeper-run.ts");
      await runKeeper(options.config, options.log ?? null);
    });
}
