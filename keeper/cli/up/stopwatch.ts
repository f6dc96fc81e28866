/** How long each stage took: the report of a run shows it, and a terminal sees it as it goes. */
import { note, progress } from "../output.ts";

export type StageTime = { readonly words: string; readonly seconds: number };

export type Stopwatch = {
  /** Ends the stage under way and begins another. */
  readonly begin: (words: string) => void;
  /** More about the stage under way. */
  readonly tell: (words: string) => void;
  /** Ends the last stage and returns all. */
  readonly end: () => readonly StageTime[];
  /** Seconds since the beginning, to a tenth. */
  readonly seconds: () => number;
};

export function createStopwatch(): Stopwatch {
  const started = performance.now();
  const times: StageTime[] = [];
  let current: { readonly words: string; readonly since: number } | null = null;

  const tenths = (since: number) => Math.round((performance.now() - since) / 100) / 10;

  function finish(): void {
    if (current === null) return;
    const { words, since } = current;
    const seconds = tenths(since);
    times.push({ words, seconds });
    // A line each has been printed already where nothing is rewritten in place.
    if (process.stderr.isTTY) note(`${seconds.toFixed(1).padStart(6)} s  ${words}`);
    current = null;
  }

  return {
    begin: (words) => {
      finish();
      current = { words, since: performance.now() };
      progress(line(tenths(started), words));
    },
    tell: (words) => progress(line(tenths(started), words)),
    end: () => {
      finish();
      return times;
    },
    seconds: () => tenths(started),
  };
}

function line(seconds: number, words: string): string {
  return process.stderr.isTTY
    ? `          ${words} …`
    : `${seconds.toFixed(1).padStart(6)} s  ${words}`;
}
