import { crash, sum } from "./child.ts";
import type { Context, Count, Outcome, Suite } from "./types.ts";

/**
 * Runs suites one after the other. One that throws, or that runs no test, counts as failed: a
 * green total always means that every suite did its work.
 * @param onEnd is told of each suite when it has ended
 */
export async function runSuites(
  suites: readonly Suite[],
  root: string,
  report: (line: string) => void,
  onEnd: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    const start = performance.now();
    report(`${suite.name}: ${suite.what}`);
    const context: Context = { root, report: (line) => report(`${suite.name}: ${line}`) };
    const count = await runOne(suite, context);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const outcome = { name: suite.name, seconds, ...count };
    outcomes.push(outcome);
    onEnd(outcome);
  }
  return outcomes;
}

/** The one line that stands for all suites. */
export function totalText(outcomes: readonly Outcome[]): string {
  const { passed, failed } = sum(outcomes);
  return `${passed} passed, ${failed} failed`;
}

/** Whether everything passed, and there was something to pass. */
export function isGreen(outcomes: readonly Outcome[]): boolean {
  const { passed, failed } = sum(outcomes);
  return failed === 0 && passed > 0;
}

async function runOne(suite: Suite, context: Context): Promise<Count> {
  try {
    const count = await suite.run(context);
    return count.passed + count.failed === 0 ? crash("the suite ran no test") : count;
  } catch (error) {
    return crash(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
