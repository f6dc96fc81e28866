import { readProject } from "../tidy/project.ts";
import { tidy, violationText } from "../tidy.ts";
import type { Suite } from "./types.ts";

/** Each rule of the house is one test. */
export const tidySuite: Suite = {
  name: "tidy",
  what: "floors, sizes, words, calls, secrets, stale documents, dependencies",
  run: async (context) => {
    const verdicts = tidy(readProject(context.root));
    const broken = verdicts.filter((verdict) => verdict.violations.length > 0);
    return {
      passed: verdicts.length - broken.length,
      failed: broken.length,
      failures: broken.map(({ rule, violations }) =>
        [`${rule.name}: ${rule.what}`, ...violations.map(violationText)].join("\n  "),
      ),
    };
  },
};
