/** `xln up` as people and scripts see it. */
import { fileURLToPath } from "node:url";
import { Failure } from "../failure.ts";
import { clearProgress, note, print, printDocument, printTable } from "../output.ts";
import type { UpWords } from "../up.ts";
import { runUp, type Up } from "./run.ts";

const SAMPLE = fileURLToPath(new URL("../../../ledger/sample.csv", import.meta.url));

/** Exit 0 when all checks are true, 1 when one is not or a leg was refused. */
export async function runUpCommand(words: UpWords): Promise<void> {
  const up = await runUp({
    file: words.ledger ?? SAMPLE,
    objective: "excess",
    ...(words.data === undefined ? {} : { data: words.data }),
    ...(words.refuse === undefined ? {} : { refuse: words.refuse }),
    ...(words.fork === undefined ? {} : { fork: checkUrl(words.fork) }),
  });
  clearProgress();
  for (const fault of up.faults.slice(0, 20)) note(`check failed: ${fault}`);
  if (words.json === true) printDocument(up.report);
  else printReport(up);
  process.exitCode = exitCodeOf(up);
  if (words.once !== true) await linger(up);
  await up.stop();
}

function exitCodeOf({ report }: Up): number {
  const { conserved, replayRootsEqual, netting } = report;
  const whole = Object.values(netting.tokens).every(
    ({ gap, refused }) => gap === 0n && refused.length === 0,
  );
  return conserved && replayRootsEqual && whole ? 0 : 1;
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  const message = `--fork: expected the URL of a node, found ${JSON.stringify(url)}`;
  throw new Failure("fork-url", message, "write --fork http://127.0.0.1:8545");
}

/** Leaves the system running until it is told to stop. */
async function linger({ system }: Up): Promise<void> {
  note(`running: chain at ${system.chain.url}, state in ${system.data}; Ctrl-C stops it`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}

function printReport({ report, payments, plans }: Up): void {
  const { ledger, netting, settlements, gas, keepers, queue } = report;
  print(`${ledger.entities} entities, ${ledger.accounts} accounts, ${payments} payments`);
  print(`${keepers} keepers, queue: ${queue}, ${plans.length} plans, ${report.seconds} s`);
  print();
  printTable(
    ["token", "over limit before", "after", "excess cleared", "gap"],
    Object.entries(netting.tokens).map(([name, token]) => [
      name,
      token.overLimitBefore,
      token.overLimitAfter,
      token.cleared,
      token.gap,
    ]),
  );
  print();
  printTable(
    ["on chain", "settlements", "gas"],
    [
      ["without netting", settlements.before, gas.before],
      ["with netting", settlements.after, gas.after],
    ],
  );
  print();
  print(`money conserved: ${report.conserved ? "yes" : "NO"}`);
  print(`replay equals what peers signed: ${report.replayRootsEqual ? "yes" : "NO"}`);
}
