import { PARTS } from "./breakdown.ts";
import type { StoryCost } from "./measure.ts";

// The table of contracts/GAS.md, which lies between two lines that mark it.

const START = "<!-- measured: node scripts/gas.ts --update -->";
const END = "<!-- end -->";

/** A row for each story: its goal, what it costs, and each part, for each item. */
export function gasTable(costs: readonly StoryCost[]): string {
  const heads = ["story", "goal", "measured", ...PARTS];
  const lines = [heads, heads.map((_, column) => (column === 0 ? "---" : "---:"))];
  for (const { work, goal, gas, items, parts } of costs) {
    const missed = goal !== null && gas > goal;
    const cells = PARTS.map((part) => count(Math.round(parts[part] / items)));
    const measured = missed ? `**${count(gas)}**` : count(gas);
    lines.push([`\`${work}\``, goal === null ? "" : count(goal), measured, ...cells]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The document with this table in the place of the one that it has. */
export function withTable(document: string, table: string): string {
  const [before, rest = ""] = document.split(`${START}\n`);
  const [, after] = rest.split(`${END}\n`);
  if (after === undefined) throw new Error("the document has no place for the table");
  return `${before}${START}\n\n${table}\n\n${END}\n${after}`;
}

/** What the document's table says that each story costs. */
export function measuredIn(document: string): Readonly<Record<string, number>> {
  const rows = document.matchAll(/^\| `([\w-]+)` \| [\d ]* \| \**([\d ]+?)\** \|/gm);
  return Object.fromEntries(
    [...rows].map(([, work, gas]) => [work, Number(gas?.replaceAll(" ", ""))]),
  );
}

/** With spaces between thousands; nothing for nothing. */
function count(value: number): string {
  return value === 0 ? "" : `${value}`.replace(/\B(?=(\d{3})+$)/g, " ");
}
