import { writeFileSync } from "node:fs";
import type { Ledger } from "../netting/ledger/types.ts";
import { participantsOf } from "../netting/report/participant.ts";
import { flowsOf, reportOf } from "../netting/report/report.ts";
import { topologyOf } from "../netting/report/topology.ts";
import type { NettingReport } from "../netting/report/types.ts";
import { solve } from "../netting/solve.ts";
import type { Objective, Solution } from "../netting/types.ts";
import { exit, Failure } from "./failure.ts";
import { type LedgerFile, readLedgerFile } from "./ledger-file.ts";
import type { NetOptions } from "./net.ts";
import { clearProgress, print, printDocument, progress } from "./output.ts";
import { MAX_DRAWN, pictureOf } from "./picture.ts";
import { whatIfText } from "./what-if-text.ts";

/** A netting that was solved and not executed. */
export type WhatIf = LedgerFile & {
  readonly netting: NettingReport;
  /** By token and position. */
  readonly flows: readonly (readonly bigint[])[];
  /** The solver alone, all tokens, in milliseconds. */
  readonly solveMs: number;
};

/** Above this many accounts reading and solving may take a second, so progress is shown. */
const SILENT_ACCOUNTS = 20_000;

/**
 * Answers `xln net`, on standard output.
 * @returns the exit code: 0 when the proved optimum was cleared, else 1
 * @throws Failure for a bad file or option
 */
export function runNet(file: string, options: NetOptions): number {
  const { softLimit, objective } = options;
  const read = readLedgerFile(file, softLimit === undefined ? {} : { softLimitPercent: softLimit });
  checkObjective(read, objective);
  if (options.svg !== undefined) checkDrawable(read);
  const { whatIf, proved } = solveLedger(read, objective);
  if (options.svg !== undefined) writeFileSync(options.svg, pictureOf(whatIf));
  if (options.json === true) printDocument(documentOf(whatIf, options.details === true));
  else print(whatIfText(whatIf, options.details === true));
  return exitCodeOf(whatIf.netting.tokens, proved);
}

/** Done when every token's proved optimum was cleared, else a check has failed. */
export function exitCodeOf(tokens: NettingReport["tokens"], proved: boolean): number {
  const hasGap = Object.values(tokens).some(({ gap }) => gap !== 0n);
  return proved && !hasGap ? exit.done : exit.checkFailed;
}

/** The fixed document of `net --json` without its schema; `details` adds two keys at its end. */
export function documentOf(whatIf: WhatIf, details: boolean): object {
  const { file, sha256, ledger, netting, flows, solveMs } = whatIf;
  return {
    ledger: { file, sha256, entities: ledger.names.length, accounts: ledger.accounts },
    netting,
    flows: flowsOf(ledger, flows),
    solveMs,
    ...(details
      ? { topology: topologyOf(ledger), participants: participantsOf(ledger, flows) }
      : {}),
  };
}

function solveLedger(
  read: LedgerFile,
  objective: Objective,
): { readonly whatIf: WhatIf; readonly proved: boolean } {
  const { ledger } = read;
  const isLarge = ledger.accounts > SILENT_ACCOUNTS;
  let solveMs = 0;
  const solutions = ledger.tokens.map((token): Solution => {
    if (isLarge) progress(`solving ${token.name}: ${token.network.positions.length} positions`);
    const start = performance.now();
    const solution = solve(token.network, objective);
    solveMs += performance.now() - start;
    return solution;
  });
  clearProgress();
  const flows = solutions.map((solution) => solution.flows);
  const outcomes = solutions.map(({ cleared, flows: found }) => ({
    optimum: cleared,
    flows: found,
  }));
  return {
    whatIf: {
      ...read,
      netting: reportOf(ledger, objective, outcomes),
      flows,
      solveMs: Math.round(solveMs * 1000) / 1000,
    },
    proved: solutions.every((solution) => solution.proved),
  };
}

/** @throws Failure for an objective that the file's kind does not have */
export function checkObjective(
  { file, ledger }: { file: string; ledger: Ledger },
  wish: Objective,
): void {
  if (ledger.kind === "ledger" || wish === "value") return;
  throw new Failure(
    "objective-unsupported",
    "--objective excess: expected a ledger, found obligations, which have no soft limits to exceed",
    "leave --objective out, or write the accounts as a ledger with their limits",
    { file },
  );
}

/** @throws Failure for a network too large to be seen */
export function checkDrawable({ file, ledger }: LedgerFile): void {
  if (ledger.names.length <= MAX_DRAWN) return;
  throw new Failure(
    "picture-too-large",
    `--svg: expected at most ${MAX_DRAWN} entities, found ${ledger.names.length}`,
    "leave --svg out, or draw a part of the ledger",
    { file },
  );
}
