import { spawn } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Context, Count } from "./types.ts";

/** What a child process said and how it ended; `code` is null after a signal. */
export type Ending = { readonly code: number | null; readonly output: string };

/**
 * Runs a file of JavaScript or TypeScript under this very Node, in the project's folder.
 * @param file from the project's root
 * @param onLine is given each line of its standard output as it comes
 */
export function runNode(
  context: Context,
  file: string,
  words: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(context.root, file), ...words], {
      cwd: context.root,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const pieces: string[] = [];
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      pieces.push(piece);
      const lines = `${rest}${stripVTControlCharacters(piece)}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => pieces.push(piece));
    child.on("error", reject);
    child.on("close", (code) => {
      if (rest !== "") onLine(rest);
      resolve({ code, output: stripVTControlCharacters(pieces.join("")) });
    });
  });
}

/** A check that passes or fails as a whole: one test. */
export async function runCheck(
  context: Context,
  name: string,
  file: string,
  words: readonly string[],
): Promise<Count> {
  context.report(name);
  const { code, output } = await runNode(context, file, words);
  if (code === 0) return { passed: 1, failed: 0, failures: [] };
  return { passed: 0, failed: 1, failures: [`${name}\n${tail(output)}`] };
}

/** The sum of counts. */
export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, count) => total + count.passed, 0),
    failed: counts.reduce((total, count) => total + count.failed, 0),
    failures: counts.flatMap((count) => count.failures),
  };
}

/** The count of a suite that could not do its work. */
export function crash(words: string): Count {
  return { passed: 0, failed: 1, failures: [words] };
}

/** The end of a long output, where tools say what is wrong. */
export function tail(output: string, lines = 120): string {
  const all = output.trimEnd().split("\n");
  return all.slice(-lines).join("\n");
}
