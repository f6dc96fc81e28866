import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { suites } from "../../scripts/suite/registry.ts";
import { isGreen, runSuites, totalText } from "../../scripts/suite/run.ts";
import type { Outcome, Suite } from "../../scripts/suite/types.ts";
import { exit, Failure } from "./failure.ts";
import { clearProgress, note, print, printDocument, printTable, progress } from "./output.ts";

/** How many suites run at a time: not more than there are lanes to run them in. */
const WIDTH = Math.min(availableParallelism(), 3);

/**
 * Runs the suites of the given names, begun in the registry's order, and prints
 * `N passed, N failed` over all of them as the last line.
 * @throws Failure `suite-unknown`
 */
export async function runTest(
  names: readonly string[],
  options: { readonly list?: boolean; readonly json?: boolean },
): Promise<number> {
  const chosen = choose(names);
  if (options.list === true) {
    const rows = chosen.map(({ name, what }) => ({ name, what }));
    if (options.json === true) printDocument({ suites: rows });
    else
      printTable(
        ["suite", "what must hold"],
        rows.map(({ name, what }) => [name, what]),
      );
    return exit.done;
  }
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const outcomes = await runSuites(chosen, root, throttled(), showOutcome, WIDTH);
  clearProgress();
  if (options.json === true) {
    const passed = outcomes.reduce((total, outcome) => total + outcome.passed, 0);
    const failed = outcomes.reduce((total, outcome) => total + outcome.failed, 0);
    printDocument({ passed, failed, suites: outcomes });
    note(totalText(outcomes));
  } else print(totalText(outcomes));
  return isGreen(outcomes) ? exit.done : exit.checkFailed;
}

function choose(names: readonly string[]): readonly Suite[] {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const known = suites.map((suite) => suite.name).join(", ");
    throw new Failure("suite-unknown", `there is no suite ${unknown}`, `one of ${known}`);
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
}

function showOutcome({ name, passed, failed, seconds, failures }: Outcome): void {
  const sign = failed === 0 ? "✔" : "✘";
  note(`${sign} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
  for (const failure of failures) note(`${failure}\n`.replaceAll(/^/gm, "    ").trimEnd());
}

/** A terminal may be rewritten often; a log gets a line every few seconds. */
function throttled(): (line: string) => void {
  const pause = process.stderr.isTTY ? 50 : 5_000;
  const last = new Map<string, number>();
  return (line) => {
    const suite = line.slice(0, line.indexOf(":"));
    const now = performance.now();
    if (now - (last.get(suite) ?? Number.NEGATIVE_INFINITY) < pause) return;
    last.set(suite, now);
    progress(line);
  };
}
