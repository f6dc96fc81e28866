/**
 * The independent judge: netting written as a linear program straight from the rules, without the
 * solver's bounds or pieces, and handed to HiGHS. Only for amounts far below 2^53.
 */

import { createRequire } from "node:module";
import type { LegacyHighs } from "highs";
import type { Network, Objective, Position } from "../../../../keeper/netting/types.ts";

export type Judgement = { readonly cleared: number; readonly moved: number };

// The package is CommonJS and its types describe a module.
const loadHighs = createRequire(import.meta.url)("highs") as () => Promise<LegacyHighs>;
const highs = await loadHighs();

/** The best that any netting can clear, and the least that must move for it (*excess* only). */
export function judge(network: Network, objective: Objective): Judgement {
  const rows = [...conservation(network), ...network.positions.flatMap(exposureRows(objective))];
  const limits = network.positions.map((position, index) => range(position, index, objective));
  const counted = network.positions.flatMap((_, index) => [`l${index}`, `r${index}`]).join(" + ");
  const moves = network.positions.flatMap((_, index) => [`p${index}`, `q${index}`]).join(" + ");
  const least = minimum(counted, rows, limits);
  const before = network.positions.reduce((sum, position) => sum + counts(position, objective), 0);
  const fixed = `cap: ${counted} <= ${least}`;
  const moved = objective === "value" ? 0 : minimum(moves, [...rows, fixed], limits);
  return { cleared: before - least, moved };
}

function minimum(target: string, rows: readonly string[], limits: readonly string[]): number {
  const lines = ["Minimize", ` obj: ${target}`, "Subject To", ...rows, "Bounds", ...limits, "End"];
  const { Status, ObjectiveValue } = highs.solve(wrap(lines.join("\n")));
  if (Status !== "Optimal") {
    throw new Error(`HiGHS answered ${Status}`);
  }
  return Math.round(ObjectiveValue);
}

/** The format has a limit on the length of a line. */
function wrap(text: string): string {
  return text.replace(/((?:[^\n]{200,}?) )\+ /g, "$1\n + ");
}

/** `p − q` is the change of a position's delta; each entity's changes sum to zero. */
function conservation({ entities, positions }: Network): string[] {
  const sums: string[][] = Array.from({ length: entities }, () => []);
  for (const [index, { left, right }] of positions.entries()) {
    sums[left]?.push(`+ p${index} - q${index}`);
    sums[right]?.push(`- p${index} + q${index}`);
  }
  return sums
    .map((terms, entity) => `n${entity}: ${terms.join(" ")} = 0`)
    .filter((row) => !row.includes(":  ="));
}

/** `r` and `l` are at least what right and left owe, above soft limits where those count. */
function exposureRows(objective: Objective) {
  return (position: Position, index: number): string[] => {
    const { delta, collateral, leftSoftLimit, rightSoftLimit } = position;
    const right = collateral - delta + (objective === "excess" ? leftSoftLimit : 0n);
    const left = delta + (objective === "excess" ? rightSoftLimit : 0n);
    return [
      `a${index}: r${index} - p${index} + q${index} >= ${-right}`,
      `b${index}: l${index} + p${index} - q${index} >= ${-left}`,
    ];
  };
}

function counts(position: Position, objective: Objective): number {
  const { delta, collateral, leftSoftLimit, rightSoftLimit } = position;
  const right = delta - collateral - (objective === "excess" ? leftSoftLimit : 0n);
  const left = -delta - (objective === "excess" ? rightSoftLimit : 0n);
  return Math.max(Number(right), 0) + Math.max(Number(left), 0);
}

/** How far `p` (rise) and `q` (fall) may go. */
function range(position: Position, index: number, objective: Objective): string {
  const { delta, collateral, leftLimit, rightLimit, leftSoftLimit, rightSoftLimit } = position;
  let low = delta;
  let high = delta;
  if (position.consent && objective === "value") {
    low = delta > collateral ? collateral : delta;
    high = delta < 0n ? 0n : delta;
  } else if (position.consent) {
    const left = Number(delta < 0n ? -delta : 0n);
    const right = Number(delta > collateral ? delta - collateral : 0n);
    low = BigInt(-Math.min(Number(leftLimit), Math.max(left, Number(rightSoftLimit))));
    high =
      collateral + BigInt(Math.min(Number(rightLimit), Math.max(right, Number(leftSoftLimit))));
  }
  return `0 <= p${index} <= ${high - delta}\n0 <= q${index} <= ${delta - low}`;
}
