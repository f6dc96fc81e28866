/** What a run came to: the deltas that it must end in, and the figures of the report. */
import { toHex } from "../../base/bytes.ts";
import type { Outcome } from "../../netting/report/report.ts";
import type { RefusedLeg } from "../../netting/report/types.ts";
import { solve } from "../../netting/solve.ts";
import type { Objective } from "../../netting/types.ts";
import { type Cast, fileDelta } from "./cast.ts";
import { pairKey } from "./chain-state.ts";
import type { Deployment } from "./deployment.ts";
import { isOverLimit, type RowState } from "./settle.ts";
import type { NettingOutcome } from "./stage.ts";

/** Deltas as committed plans change them. */
export function nettedStates(
  paid: readonly RowState[],
  netting: NettingOutcome,
  { tokens }: Deployment,
): readonly RowState[] {
  const changes = new Map<string, bigint>();
  for (const { token, committed, legs } of netting.plans) {
    if (!committed) continue;
    for (const { left, right, amount } of legs) {
      const key = `${left}${right}${token}`;
      changes.set(key, (changes.get(key) ?? 0n) + BigInt(amount));
    }
  }
  return paid.map(({ row, delta }) => {
    const key = `${pairKey(row)}${tokens[row.market]?.token}`;
    return { row, delta: delta + (changes.get(key) ?? 0n) };
  });
}

/** What is over its limit is settled to zero exposure. */
export function settledState(state: RowState): RowState {
  if (!isOverLimit(state)) return state;
  const { row, delta } = state;
  return { row, delta: delta < 0n ? 0n : row.collateral };
}

export type Figures = {
  readonly outcomes: readonly Outcome[];
  /** False when a token's optimum was not proved to be one. */
  readonly proved: boolean;
  /** The solver alone, all tokens. */
  readonly solveMs: number;
};

/** By token, in the file's orientation: the solver's optimum, and what was really executed. */
export function figuresOf(
  cast: Cast,
  objective: Objective,
  paid: readonly RowState[],
  netted: readonly RowState[],
  netting: NettingOutcome,
  { tokens }: Deployment,
): Figures {
  let solveMs = 0;
  let proved = true;
  const outcomes = cast.ledger.tokens.map(({ network }, market) => {
    const flows = new Array<bigint>(network.positions.length).fill(0n);
    for (const [index, { row, delta }] of paid.entries()) {
      if (row.market !== market) continue;
      const after = netted[index]?.delta ?? delta;
      flows[row.position] =
        fileDelta(row, after, row.collateral) - fileDelta(row, delta, row.collateral);
    }
    const since = performance.now();
    const solution = solve(network, objective);
    solveMs += performance.now() - since;
    proved &&= solution.proved;
    const refused = refusedLegs(cast, tokens[market]?.token, netting);
    return { optimum: solution.cleared, flows, refused };
  });
  return { outcomes, proved, solveMs: Math.round(solveMs * 1_000) / 1_000 };
}

/** Every leg of a plan that somebody refused: none of them moved (NET-5). */
function refusedLegs(
  cast: Cast,
  token: number | undefined,
  { plans }: NettingOutcome,
): RefusedLeg[] {
  const fileOrder = new Map(
    cast.rows.map(({ left, right, flipped }) => [`${toHex(left.id)}${toHex(right.id)}`, flipped]),
  );
  return plans.flatMap((plan) => {
    if (plan.committed || plan.token !== token) return [];
    const code = plan.refusals[0]?.code ?? "dropped";
    return plan.legs.map(({ left, right }) => {
      const [first, second] = fileOrder.get(`${left}${right}`) ? [right, left] : [left, right];
      const name = (id: string) => cast.byId.get(id)?.name ?? id;
      return { left: name(first), right: name(second), code };
    });
  });
}
