/**
 * The small rules of the house, as a test: `node scripts/tidy.ts` prints each rule and its
 * violations, and exits with 1 if there is one. `./xln test tidy` runs it.
 */
import { fileURLToPath } from "node:url";
import { type Project, type Rule, readProject, type Violation } from "./tidy/project.ts";
import { rules } from "./tidy/rules.ts";

export type Verdict = { readonly rule: Rule; readonly violations: readonly Violation[] };

/** Checks a project against every rule. */
export function tidy(project: Project): readonly Verdict[] {
  return rules.map((rule) => ({ rule, violations: rule.check(project) }));
}

/** `path:line: message`, which editors and terminals make a link of. */
export function violationText(violation: Violation): string {
  const place = violation.line === 0 ? violation.path : `${violation.path}:${violation.line}`;
  return `${place}: ${violation.message}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const verdicts = tidy(readProject(fileURLToPath(new URL("..", import.meta.url))));
  for (const { rule, violations } of verdicts) {
    process.stdout.write(`${violations.length === 0 ? "ok    " : "not ok"} ${rule.name}\n`);
    for (const violation of violations) process.stdout.write(`  ${violationText(violation)}\n`);
  }
  process.exitCode = verdicts.some((verdict) => verdict.violations.length > 0) ? 1 : 0;
}
