import type { Command } from "commander";
import type { Objective } from "../netting/types.ts";
import { Failure } from "./failure.ts";

export type NetOptions = {
  readonly objective: Objective;
  /** Undefined: the file's soft limits, or 50 % where it has none. */
  readonly softLimit?: number;
  /** Do it on a local chain instead of only reporting. */
  readonly execute?: boolean;
  readonly svg?: string;
  readonly details?: boolean;
  readonly json?: boolean;
};

/** `xln net FILE`: what netting would save on a ledger or on obligations. */
export function registerNet(program: Command): void {
  program
    .command("net")
    .description("what netting would save on a ledger: a what-if report, or --execute to do it")
    .argument("<file>", "ledger CSV or obligations CSV; its header tells which")
    .option(
      "--objective <value|excess>",
      "cancel most exposure (the default), or most above soft limits",
    )
    .option(
      "--soft-limit <P%>",
      "soft limits as a share of credit limits, instead of the file's (else 50%)",
    )
    .option("--execute", "do it with three keepers on a local chain (at most 2,000 accounts)")
    .option("--svg <OUT>", "draw the network before and after (at most 300 entities)")
    .option("--details", "add the topology and every participant before and after")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (file: string, options: Record<string, string | boolean | undefined>) => {
      const checked = checkOptions(options);
      if (checked.execute === true) {
        const { runExecute } = await import("./up/execute.ts");
        await runExecute(file, checked);
        return;
      }
      const { runNet } = await import("./what-if.ts");
      process.exitCode = runNet(file, checked);
    });
}

/**
 * Checks the options' words.
 * @throws Failure `objective-unknown` or `soft-limit-invalid`
 */
export function checkOptions(
  options: Readonly<Record<string, string | boolean | undefined>>,
): NetOptions {
  const { objective = "value", softLimit, execute, svg, details, json } = options;
  if (objective !== "value" && objective !== "excess") {
    throw new Failure(
      "objective-unknown",
      `--objective: expected value or excess, found ${JSON.stringify(objective)}`,
      "write --objective value, or --objective excess",
    );
  }
  return {
    objective,
    ...(softLimit === undefined ? {} : { softLimit: percentOf(softLimit) }),
    ...(execute === true ? { execute } : {}),
    ...(typeof svg === "string" ? { svg } : {}),
    ...(details === true ? { details } : {}),
    ...(json === true ? { json } : {}),
  };
}

function percentOf(text: string | boolean): number {
  if (typeof text === "string" && /^(?:100|[1-9]?[0-9])%$/.test(text)) {
    return Number(text.slice(0, -1));
  }
  throw new Failure(
    "soft-limit-invalid",
    `--soft-limit: expected a whole percentage from 0% to 100%, found ${JSON.stringify(text)}`,
    "write it with its sign, such as --soft-limit 50%",
  );
}

const HELP = `
  ledger       left,right,token,delta,collateral,creditLeft,creditRight
               [,softLimitLeft,softLimitRight]
               integers in the token's smallest unit; creditLeft is what left may owe;
               softLimitLeft is left's wish about what right owes it
  obligations  debtor,creditor,amount[,token]
               rows of a pair are summed; --objective value only

  --execute runs chain, queue and keepers as up does, up to the netting and the checks after it,
  and stops them; what it prints is then computed from the accounts, not from the solver.

  exit 0: the optimum was found and cleared; 1: less than that; 2: a bad file or option.
  In errors "column" is the number of the cell in its line, from 1.`;
