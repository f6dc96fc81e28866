import type { Count } from "./types.ts";

/** Reads Mocha's TAP report line by line: counts as it goes, and keeps what a failure says. */
export type TapReader = {
  readonly line: (text: string) => void;
  /** What has been seen up to now. */
  readonly seen: () => { readonly passed: number; readonly failed: number };
  /** The final count; it must agree with the report's own sums, or the run broke off. */
  readonly finish: () => Count | undefined;
};

/** Makes a reader for one run. */
export function createTapReader(): TapReader {
  let passed = 0;
  let failed = 0;
  const sums = new Map<string, number>();
  const failures: string[][] = [];
  let current: string[] | undefined;
  const line = (text: string): void => {
    const test = /^(not )?ok \d+ (.*)$/.exec(text);
    const end = /^# (tests|pass|fail) (\d+)$/.exec(text);
    if (test !== null) {
      current = undefined;
      const isFailure = test[1] !== undefined;
      const isSkipped = / # SKIP -$/.test(test[2] ?? "");
      if (isFailure || isSkipped) {
        failed += 1;
        current = [isSkipped ? `skipped: ${test[2]}` : (test[2] ?? "")];
        failures.push(current);
      } else passed += 1;
    } else if (end !== null) {
      current = undefined;
      sums.set(end[1] ?? "", Number(end[2]));
    } else if (text.startsWith("  ")) current?.push(text);
  };
  const finish = (): Count | undefined => {
    // A skipped test is a failed one here, so Mocha's own failures may be fewer.
    const ownFailed = sums.get("fail");
    if (ownFailed === undefined || ownFailed > failed || sums.get("pass") !== passed) {
      return undefined;
    }
    return { passed, failed, failures: failures.map((lines) => lines.join("\n")) };
  };
  return { line, seen: () => ({ passed, failed }), finish };
}
