import { crash, runNode, tail } from "./child.ts";
import type { Count, Suite } from "./types.ts";

/** A suite that is a program of its own: it ends with the line `N passed, N failed`. */
export function programSuite(name: string, what: string, file: string, lane: string): Suite {
  return {
    name,
    lane,
    what,
    run: async (context) => {
      const { code, output } = await runNode(context, file, [], (line) => context.report(line));
      return countProgram(code, output);
    },
  };
}

/** Reads the program's last line; one without it broke off. */
export function countProgram(code: number | null, output: string): Count {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  const last = lines.at(-1);
  if (last === undefined) return crash(`no closing line (exit ${code})\n${tail(output)}`);
  const [passed, failed] = [Number(last[1]), Number(last[2])];
  if (code !== 0 && failed === 0) return crash(`exited with ${code}\n${tail(output)}`);
  return { passed, failed, failures: failed === 0 ? [] : [tail(output)] };
}
