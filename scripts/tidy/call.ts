import { floorOf } from "../../keeper/architecture.ts";
import { lineAt } from "./mask.ts";
import type { Project, Rule, Source, Violation } from "./project.ts";
import { isTest } from "./project.ts";

type Ban = {
  readonly where: (source: Source) => boolean;
  readonly pattern: RegExp;
  readonly why: string;
};

const anywhere = (source: Source) => source.path.endsWith(".ts");
const solidity = (source: Source) => source.path.endsWith(".sol");
const pure = (source: Source) => anywhere(source) && floorOf(source.path)?.kind === "pure";
const test = (source: Source) => isTest(source.path);

/** Looked for in code, with comments and strings blank. */
const bans: readonly Ban[] = [
  { where: anywhere, pattern: /\bMath\.random\b/g, why: "randomness comes from a seed" },
  { where: anywhere, pattern: /\bas any\b|<any>/g, why: "any turns the checker off" },
  { where: anywhere, pattern: /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/g, why: "an empty catch hides it" },
  { where: pure, pattern: /\bnew Date\b|\bDate\s*\./g, why: "time is an input of a pure floor" },
  {
    where: pure,
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\s*\(/g,
    why: "a pure floor does nothing by itself",
  },
  {
    where: pure,
    pattern: /(?<!\.)\b(process|performance|crypto|console|globalThis)\s*\./g,
    why: "a pure floor sees no environment",
  },
  { where: test, pattern: /\.(only|skip)\s*\(/g, why: "every test runs" },
  { where: test, pattern: /\b(xit|xdescribe|fit|fdescribe)\s*\(/g, why: "every test runs" },
  { where: test, pattern: /\bsetTimeout\s*\(/g, why: "a test waits for events, not for time" },
  { where: solidity, pattern: /\bvm\.skip\s*\(/g, why: "every test runs" },
];

/** Looked for in comments and in strings as well. */
const pragmas: readonly Ban[] = [
  { where: anywhere, pattern: /@ts-(ignore|nocheck)\b/g, why: "it turns the checker off" },
  { where: test, pattern: /["'](node:)?timers\/promises["']/g, why: "a test does not sleep" },
];

/** The patterns stand here and in the tests of this rule. */
const exempt = /^(scripts\/tidy\/|test\/scripts\/tidy)/;

export const callRule: Rule = {
  name: "calls",
  what: "no call that hides a fault, a skipped test, or an input of a pure floor",
  check: (project: Project) =>
    project.sources
      .filter((source) => !exempt.test(source.path))
      .flatMap((source) => [
        ...bans.flatMap((ban) => find(source, source.masked.code, ban)),
        ...pragmas.flatMap((ban) => find(source, source.text, ban)),
      ]),
};

function find(source: Source, text: string, ban: Ban): readonly Violation[] {
  if (!ban.where(source)) return [];
  return [...text.matchAll(ban.pattern)].map((match) => ({
    path: source.path,
    line: lineAt(text, match.index + 1),
    message: `${match[0].replace(/\s+/g, " ").trim()}: ${ban.why}`,
  }));
}
