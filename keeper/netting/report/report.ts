import { assert } from "../../base/assert.ts";
import type { Ledger, TokenLedger } from "../ledger/types.ts";
import { totals } from "../total.ts";
import type { Objective } from "../types.ts";
import type { Flow, NettingReport, RefusedLeg, TokenReport } from "./types.ts";

/** What became of one token: the solver's answer, and what was done with it. */
export type Outcome = {
  /** The objective's sum that the solver found could go, all consenting. */
  readonly optimum: bigint;
  /** Change of each position's delta: the solver's, or what participants really executed. */
  readonly flows: readonly bigint[];
  readonly refused?: readonly RefusedLeg[];
};

/**
 * The report N of a netting (NET-8). `outcomes[i]` belongs to `ledger.tokens[i]`. What was cleared
 * is computed anew from the deltas before and after, never taken from the solver.
 */
export function reportOf(
  ledger: Ledger,
  objective: Objective,
  outcomes: readonly Outcome[],
): NettingReport {
  const tokens = ledger.tokens.map((token, index): [string, TokenReport] => {
    const outcome = outcomes[index];
    assert(outcome !== undefined, "every token has an outcome", { token: token.name });
    const report = reportToken(token, objective, outcome);
    const isSummed = ledger.kind === "obligations";
    return [token.name, isSummed ? { ...report, bilateral: token.bilateral } : report];
  });
  // Not by assignment: a token may be called "__proto__".
  return { objective, softLimit: ledger.softLimit, tokens: Object.fromEntries(tokens) };
}

/** Flows that are not zero, over all tokens, in the order of the file's lines. */
export function flowsOf(ledger: Ledger, flows: readonly (readonly bigint[])[]): readonly Flow[] {
  const found: { readonly line: number; readonly flow: Flow }[] = [];
  for (const [index, token] of ledger.tokens.entries()) {
    for (const [position, amount] of (flows[index] ?? []).entries()) {
      if (amount === 0n) continue;
      const { left, right } = token.network.positions[position] as { left: number; right: number };
      const names = { left: nameOf(ledger, left), right: nameOf(ledger, right) };
      const line = token.lines[position] as number;
      found.push({ line, flow: { ...names, token: token.name, amount } });
    }
  }
  return found.sort((a, b) => a.line - b.line).map(({ flow }) => flow);
}

function reportToken(token: TokenLedger, objective: Objective, outcome: Outcome): TokenReport {
  const before = totals(token.network);
  const after = totals(token.network, outcome.flows);
  const cleared = objective === "value" ? before.gross - after.gross : before.excess - after.excess;
  return {
    gross: before.gross,
    netInternalDebt: before.netInternalDebt,
    optimum: outcome.optimum,
    cleared,
    gap: outcome.optimum - cleared,
    overLimitBefore: before.overLimit,
    overLimitAfter: after.overLimit,
    refused: outcome.refused ?? [],
  };
}

function nameOf(ledger: Ledger, entity: number): string {
  return ledger.names[entity] as string;
}
