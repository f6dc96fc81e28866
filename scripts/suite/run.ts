import { crash, sum } from "./child.ts";
import type { Context, Count, Outcome, Suite } from "./types.ts";

/**
 * Runs suites, so many at a time, begun in their order; those of one lane one after the other. One
 * that throws, or that runs no test, counts as failed: a green total always means that every suite
 * did its work.
 * @param onEnd is told of each suite when it has ended
 * @param width how many run at a time
 * @returns the outcomes in the order of the suites
 */
export async function runSuites(
  suites: readonly Suite[],
  root: string,
  report: (line: string) => void,
  onEnd: (outcome: Outcome) => void,
  width = 1,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Suite, Outcome>();
  const running = new Map<Suite, Promise<void>>();
  const waiting = [...suites];
  const begin = async (suite: Suite): Promise<void> => {
    const outcome = await timed(suite, root, report);
    outcomes.set(suite, outcome);
    running.delete(suite);
    onEnd(outcome);
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < width ? waiting.findIndex((suite) => isFree(suite, running)) : -1;
    const [suite] = next === -1 ? [] : waiting.splice(next, 1);
    if (suite === undefined) await Promise.race(running.values());
    else running.set(suite, begin(suite));
  }
  return suites.flatMap((suite) => outcomes.get(suite) ?? []);
}

function isFree(suite: Suite, running: ReadonlyMap<Suite, unknown>): boolean {
  return suite.lane === undefined || ![...running.keys()].some(({ lane }) => lane === suite.lane);
}

async function timed(suite: Suite, root: string, report: (line: string) => void): Promise<Outcome> {
  const start = performance.now();
  report(`${suite.name}: ${suite.what}`);
  const count = await runOne(suite, { root, report: (line) => report(`${suite.name}: ${line}`) });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { name: suite.name, seconds, ...count };
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
