/** `xln net FILE --execute`: the netting done by keepers on a local chain, and reported. */
import { writeFileSync } from "node:fs";
import { type LedgerFile, readLedgerFile } from "../ledger-file.ts";
import type { NetOptions } from "../net.ts";
import { note, print, printDocument } from "../output.ts";
import { pictureOf } from "../picture.ts";
import { checkDrawable, checkObjective, documentOf, type WhatIf } from "../what-if.ts";
import { whatIfText } from "../what-if-text.ts";
import { exitCodeOf, runOrTell, tellFaults } from "./command.ts";
import { catchInterrupt } from "./interrupt.ts";
import type { Up } from "./run.ts";

/** Exit 0 when all checks are true and the optimum went, 1 when not. */
export async function runExecute(file: string, options: NetOptions): Promise<void> {
  const { objective, softLimit } = options;
  const limits = softLimit === undefined ? {} : { softLimitPercent: softLimit };
  const read = readLedgerFile(file, limits);
  checkObjective(read, objective);
  if (options.svg !== undefined) checkDrawable(read);
  const interrupt = catchInterrupt();
  const { signal } = interrupt;
  try {
    const up = await runOrTell(
      { file, ...limits, objective, settles: false, signal },
      options.json,
    );
    if (up === null) return;
    await up.stop();
    tell(read, options, up);
  } finally {
    interrupt.release();
  }
}

function tell(read: LedgerFile, options: NetOptions, up: Up): void {
  const { flows, solveMs, report, plans } = up;
  const done: WhatIf = { ...read, netting: report.netting, flows, solveMs };
  tellFaults(up);
  if (options.svg !== undefined) writeFileSync(options.svg, pictureOf(done));
  if (options.json === true) printDocument(documentOf(done, options.details === true));
  else {
    print(whatIfText(done, options.details === true));
    const committed = plans.filter((plan) => plan.committed).length;
    print(`executed by ${report.keepers} keepers: ${committed} of ${plans.length} plans committed`);
    note(`everything was started and stopped in ${report.seconds} s`);
  }
  process.exitCode = exitCodeOf(up);
}
