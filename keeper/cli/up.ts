import type { Command } from "commander";

/** `xln up`: a whole network on this machine, a ledger netted and settled on it. */
export function registerUp(program: Command): void {
  program
    .command("up")
    .description("run chain, queue and three keepers; net and settle a ledger on them")
    .option("--ledger <FILE>", "ledger or obligations CSV (default ledger/sample.csv)")
    .option("--once", "stop everything when the demonstration is over")
    .option("--data <DIR>", "keep all state in this new or empty folder, not in a temporary one")
    .option("--refuse <NAME...>", "entities that refuse every plan")
    .option("--fork <URL>", "begin the chain as a copy of the one at that node")
    .option("--deployment <FILE>", "with --fork: carry on with the contracts that stand there")
    .option("--details", "add how long each stage took, and the plans")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (options: UpWords) => {
      const { runUpCommand } = await import("./up/command.ts");
      await runUpCommand(options);
    });
}

const HELP = `
Without --once the system stays up until Ctrl-C (or SIGTERM). A local chain ends with it, so a
folder serves one run; its logs can be looked at afterwards with inspect, replay and audit, and
its deployment.json lets another run carry on from that chain while it is up:
  ./xln up --fork URL --deployment DIR/deployment.json

A ledger may have at most 2,000 accounts. Obligations are netted by value, ledgers by excess.
Exit: 0 all checks true, 1 a check failed or a leg was refused, 2 a bad file or option.`;

export type UpWords = {
  readonly ledger?: string;
  readonly once?: boolean;
  readonly data?: string;
  readonly refuse?: string[];
  readonly fork?: string;
  readonly deployment?: string;
  readonly details?: boolean;
  readonly json?: boolean;
};
