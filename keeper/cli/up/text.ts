/** The report of a run for people. */
import { createHash } from "node:crypto";
import { SAMPLE_SEED, sampleLedger } from "../../../scripts/sample.ts";
import { topologyOf } from "../../netting/report/topology.ts";
import type { TokenReport } from "../../netting/report/types.ts";
import { type Column, tableText } from "../output.ts";
import { amountText, changeText, scaledText, scaleOf, scaleText, shareText } from "../quantity.ts";
import type { Up } from "./run.ts";
import type { PlanOutcome } from "./stage.ts";

const RIGHT = (title: string): Column => ({ title, right: true });
/** Refused legs of one token that are listed. */
const SHOWN = 10;

export function upText(up: Up, details: boolean): string {
  const { report, payments, plans } = up;
  const parts = [headText(up), tokensText(up), costText(up)];
  const refused = Object.entries(report.netting.tokens).flatMap(([name, token]) =>
    refusedLines(name, token),
  );
  if (refused.length > 0) parts.push(refused.join("\n"));
  parts.push(
    `money conserved, chain, keepers and both sides of every account agree: ` +
      `${report.conserved ? "yes" : "NO"}\n` +
      `replay of every log equals what the peers signed: ${report.replayRootsEqual ? "yes" : "NO"}`,
  );
  if (details) parts.push(plansText(plans), timesText(up));
  const committed = plans.filter((plan) => plan.committed).length;
  parts.push(
    `${payments} payments, ${committed} of ${plans.length} plans committed, ${report.seconds} s` +
      (details ? "" : "; --details shows the plans and where the time went"),
  );
  return parts.join("\n\n");
}

function headText({ report, system }: Up): string {
  const { ledger, netting, keepers, queue } = report;
  const { cast } = system;
  const where = queue === "redis" ? "processes, a Redis" : "in one process, no Redis";
  const goal =
    netting.objective === "value"
      ? "value: the most exposure cancelled"
      : "excess: the least exposure above soft limits";
  const lines = [
    `${ledger.file}  sha256 ${ledger.sha256.slice(0, 16)}…${seedText(ledger.sha256)}`,
    `network    ${ledger.entities} entities, ${ledger.accounts} accounts, ` +
      `${cast.crossing} of them between two keepers`,
    `keepers    ${keepers} ${where}`,
    `objective  ${goal}`,
  ];
  const { tokens } = topologyOf(cast.ledger);
  for (const [name, { valueOnCycles, valueOnChains }] of Object.entries(tokens)) {
    const gross = netting.tokens[name]?.gross ?? 0n;
    const share = (part: bigint) => shareText(part, gross);
    lines.push(
      `${name.padEnd(9)}  of the value ${share(valueOnCycles)} lies on cycles, ` +
        `${share(valueOnChains)} on chains`,
    );
  }
  return lines.join("\n");
}

/** The sample is known by its bytes. */
function seedText(sha256: string): string {
  const sample = createHash("sha256").update(sampleLedger(SAMPLE_SEED)).digest("hex");
  return sha256 === sample ? `, the sample of seed ${SAMPLE_SEED}` : "";
}

function tokensText({ report }: Up): string {
  const cleared = report.netting.objective === "value" ? "exposure that went" : "excess that went";
  const titles = ["token", ...["over limit before", "after", cleared, "gap"].map(RIGHT)];
  const rows = Object.entries(report.netting.tokens).map(([name, token]) => {
    const scale = scaleOf(token.gross);
    const money = (amount: bigint) => scaledText(amount, scale);
    const { overLimitBefore, overLimitAfter, gap } = token;
    return [
      `${name}${scaleText(scale)}`,
      overLimitBefore,
      overLimitAfter,
      money(token.cleared),
      money(gap),
    ];
  });
  return tableText(titles, rows);
}

function costText({ report: { settlements, gas } }: Up): string {
  const change = (before: number, after: number) => changeText(BigInt(before), BigInt(after));
  const plain = (amount: number) => amountText(BigInt(amount));
  return tableText(
    ["on chain", RIGHT("settlements"), RIGHT("gas")],
    [
      ["without netting", plain(settlements.before), plain(gas.before)],
      ["with netting", plain(settlements.after), plain(gas.after)],
      ["change", change(settlements.before, settlements.after), change(gas.before, gas.after)],
    ],
  );
}

function refusedLines(name: string, { refused }: TokenReport): string[] {
  if (refused.length === 0) return [];
  const legs = refused.slice(0, SHOWN).map((leg) => `  ${leg.left} – ${leg.right}: ${leg.code}`);
  const more = refused.length - legs.length;
  const rest = more > 0 ? [`  and ${more} more; --json lists them all`] : [];
  return [`${name}: ${refused.length} legs did not move, for somebody refused`, ...legs, ...rest];
}

/** Plans by how they ended: hundreds of them, each of a few legs. */
function plansText(plans: readonly PlanOutcome[]): string {
  const kinds = Map.groupBy(plans, ({ token, committed, refusals }) => {
    const state = committed ? "committed" : (refusals[0]?.code ?? "dropped");
    return `${token} ${state}`;
  });
  const rows = [...kinds].map(([kind, some]) => {
    const [token = "", state = ""] = kind.split(" ");
    const legs = some.map((plan) => plan.legs.length);
    return [state, token, some.length, Math.min(...legs), Math.max(...legs)];
  });
  const titles = ["state", ...["token number", "plans", "fewest legs", "most"].map(RIGHT)];
  return tableText(titles, rows);
}

function timesText({ times }: Up): string {
  const rows = times.map(({ words, seconds }) => [words, seconds.toFixed(1)]);
  return tableText(["stage", RIGHT("seconds")], rows);
}
