import { crash, runNode, tail } from "./child.ts";
import { createTapReader } from "./tap.ts";
import type { Context, Count, Suite } from "./types.ts";

/**
 * A suite of Mocha tests that run in one process, in the order of their files.
 * @param options `limit`: seconds after which one test counts as hung; `lane`: see Suite
 */
export function mochaSuite(
  name: string,
  what: string,
  patterns: readonly string[],
  options: { readonly limit?: number; readonly lane?: string } = {},
): Suite {
  const { limit = 60, ...lane } = options;
  return { name, what, ...lane, run: (context) => runMocha(context, patterns, limit) };
}

async function runMocha(
  context: Context,
  patterns: readonly string[],
  limit: number,
): Promise<Count> {
  const reader = createTapReader();
  const timeout = ["--timeout", `${limit * 1_000}`];
  const words = ["--reporter", "tap", "--forbid-only", ...timeout, "--exit", ...patterns];
  const { code, output } = await runNode(
    context,
    "node_modules/mocha/bin/mocha.js",
    words,
    (line) => {
      reader.line(line);
      const { passed, failed } = reader.seen();
      if (/^(not )?ok /.test(line)) context.report(`${passed} passed, ${failed} failed`);
    },
  );
  const count = reader.finish();
  if (count === undefined) return crash(`Mocha broke off (exit ${code})\n${tail(output)}`);
  if (code !== 0 && count.failed === 0) return crash(`Mocha exited with ${code}\n${tail(output)}`);
  return count;
}
