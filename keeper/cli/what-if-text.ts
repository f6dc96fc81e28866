import { maxBigint } from "../base/amount.ts";
import { leftExposure, rightExposure } from "../netting/bound.ts";
import type { Ledger, TokenLedger } from "../netting/ledger/types.ts";
import { participantsOf } from "../netting/report/participant.ts";
import { topologyOf } from "../netting/report/topology.ts";
import type { TokenReport, TokenTopology, TopologyReport } from "../netting/report/types.ts";
import { totals } from "../netting/total.ts";
import { type Column, tableText } from "./output.ts";
import {
  amountText,
  changeText,
  scaledText,
  scaleOf,
  scaleText,
  shareText,
  stepsOf,
} from "./quantity.ts";
import type { WhatIf } from "./what-if.ts";

const BARS = 12;
const BAR_WIDTH = 24;
const MAX_LABEL = 20;
const RIGHT = (title: string): Column => ({ title, right: true });

/** The what-if report as text: the network first, then each token's sums and largest accounts. */
export function whatIfText(whatIf: WhatIf, details: boolean): string {
  const { ledger, netting, flows } = whatIf;
  const topology = topologyOf(ledger);
  const parts = [headText(whatIf, topology)];
  for (const [index, token] of ledger.tokens.entries()) {
    const found = flows[index] ?? [];
    parts.push(
      tokenText(
        token,
        netting.tokens[token.name] as TokenReport,
        topology.tokens[token.name] as TokenTopology,
        found,
      ),
      barsText(ledger, token, found),
    );
  }
  if (details) parts.push(participantsText(whatIf));
  const moved = flows.flat().filter((amount) => amount !== 0n).length;
  const hint = moved === 0 ? "" : "; --json lists them with exact amounts";
  parts.push(`${count(moved, "flow")}, solved in ${whatIf.solveMs} ms${hint}`);
  return parts.join("\n\n");
}

function headText({ file, sha256, ledger, netting }: WhatIf, topology: TopologyReport): string {
  const aim =
    netting.objective === "value"
      ? "value: the most exposure cancelled; an exposure only shrinks"
      : "excess: the least exposure above soft limits, then the least sum moved";
  const limits =
    ledger.kind === "obligations"
      ? "none stated; credit limits are what is owed"
      : ledger.softLimit === "file"
        ? "the file's"
        : `${ledger.softLimit} of each credit limit`;
  const hubs = topology.hubs
    .map((hub) => `${label(hub.entity)} (${plain(hub.accounts)})`)
    .join(", ");
  const size = [
    count(topology.entities, "entity", "entities"),
    count(topology.accounts, "account"),
    count(ledger.tokens.length, "token"),
  ].join(", ");
  return [
    `${file}  ${ledger.kind}, sha256 ${sha256.slice(0, 16)}…`,
    `network      ${size}`,
    `most joined  ${hubs}`,
    `objective    ${aim}`,
    `soft limits  ${limits}`,
  ].join("\n");
}

function tokenText(
  { name, network }: TokenLedger,
  report: TokenReport,
  topology: TokenTopology,
  flows: readonly bigint[],
): string {
  const before = totals(network);
  const after = totals(network, flows);
  const scale = scaleOf(before.gross);
  const money = (amount: bigint) => scaledText(amount, scale);
  const row = (title: string, from: bigint, to: bigint, show = money) => [
    title,
    show(from),
    show(to),
    changeText(from, to),
  ];
  const titles = [
    `${label(name)}${scaleText(scale)}`,
    RIGHT("before"),
    RIGHT("after"),
    RIGHT("change"),
  ];
  const limits = [
    row("exposure above soft limits", before.excess, after.excess),
    row("accounts over limit", BigInt(before.overLimit), BigInt(after.overLimit), amountText),
  ];
  const table = tableText(titles, [
    row("exposure, gross", before.gross, after.gross),
    ...(report.bilateral === undefined ? limits : []),
    row("net internal debt", before.netInternalDebt, after.netInternalDebt),
  ]);
  const gap = report.gap === 0n ? "all that can go" : `${money(report.gap)} short of what can go`;
  const lines = [table, `cleared ${money(report.cleared)}, ${gap}`];
  if (report.bilateral !== undefined) {
    lines.push(`each pair's own debts had cancelled ${money(report.bilateral)} before that`);
  }
  return [...lines, networkText(topology, before.gross)].join("\n");
}

/** A percentage means nothing without the network that it belongs to (NET-8). */
function networkText(topology: TokenTopology, gross: bigint): string {
  const { exposed, positions, onCycles, onChains, cores, payers, receivers } = topology;
  const share = (part: number) => shareText(BigInt(part), BigInt(exposed));
  return [
    `of ${count(positions, "account")} ${plain(exposed)} carry an exposure; ` +
      `net payers ${plain(payers)}, net receivers ${plain(receivers)}`,
    `on cycles ${plain(onCycles)} (${share(onCycles)}) with ` +
      `${shareText(topology.valueOnCycles, gross)} of the value, in ${count(cores, "core")}; ` +
      `on chains ${plain(onChains)} with ${shareText(topology.valueOnChains, gross)}`,
  ].join("\n");
}

/** The largest exposures before and after: what stays, what went (░), what was added (▒). */
function barsText(ledger: Ledger, { network }: TokenLedger, flows: readonly bigint[]): string {
  const accounts = network.positions.map((position, index) => {
    const { delta, collateral } = position;
    const end = delta + (flows[index] ?? 0n);
    const before = leftExposure(delta) + rightExposure(delta, collateral);
    const after = leftExposure(end) + rightExposure(end, collateral);
    const leftOwes = (before === 0n ? end : delta) < 0n;
    const limit = leftOwes ? position.rightSoftLimit : position.leftSoftLimit;
    const ends = leftOwes ? [position.left, position.right] : [position.right, position.left];
    return { index, ends, before, after, limit, peak: maxBigint(before, after) };
  });
  const largest = accounts
    .filter(({ peak }) => peak > 0n)
    .sort((a, b) => (a.peak === b.peak ? a.index - b.index : a.peak > b.peak ? -1 : 1))
    .slice(0, BARS);
  const most = largest[0]?.peak ?? 0n;
  if (most === 0n) return "nobody owes anything";
  const scale = scaleOf(totals(network).gross);
  // Obligations state none: theirs only follow from what is owed.
  const hasLimits = ledger.kind === "ledger";
  const rows = largest.map(({ ends, before, after, limit }) => [
    `${label(ledger.names[ends[0] as number] as string)} owes ` +
      label(ledger.names[ends[1] as number] as string),
    bar(before, after, most),
    scaledText(before, scale),
    scaledText(after, scale),
    ...(hasLimits ? [scaledText(limit, scale), after > limit ? "over" : "within"] : []),
  ]);
  const titles = ["largest exposures", "█ stays ░ went ▒ new", ...["before", "after"].map(RIGHT)];
  return tableText(hasLimits ? [...titles, RIGHT("soft limit"), "state"] : titles, rows);
}

function bar(before: bigint, after: bigint, most: bigint): string {
  const from = stepsOf(before, most, BAR_WIDTH);
  const to = stepsOf(after, most, BAR_WIDTH);
  const stays = "█".repeat(Math.min(from, to));
  return stays + (to < from ? "░".repeat(from - to) : "▒".repeat(to - from));
}

function participantsText({ ledger, flows }: WhatIf): string {
  const rows = participantsOf(ledger, flows).map((one) => [
    label(one.entity),
    label(one.token),
    amountText(one.owesBefore),
    amountText(one.owesAfter),
    amountText(one.owedBefore),
    amountText(one.owedAfter),
    one.legs,
  ]);
  const sums = ["owes before", "after", "is owed before", "after", "legs"].map(RIGHT);
  return tableText(["participant", "token", ...sums], rows);
}

/** A name cut to a width that tables can bear. */
function label(name: string): string {
  const letters = [...name];
  return letters.length <= MAX_LABEL ? name : `${letters.slice(0, MAX_LABEL - 1).join("")}…`;
}

function plain(amount: number): string {
  return amountText(BigInt(amount));
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${plain(amount)} ${amount === 1 ? one : many}`;
}
