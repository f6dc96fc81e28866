import { lineAt } from "./mask.ts";
import type { Project, Rule, Violation } from "./project.ts";
import { isTest } from "./project.ts";

/** The families of rules. `ERC-20` and its like are not ours. Solidity writes `ENT2` in names. */
const families = "ACC ARC BFT CHN CND DEB DEP DIS ENT GOS NET NETW QUE RCP ROU RUN STO TST";
const id = new RegExp(`(?<![A-Za-z0-9])(${families.split(" ").join("|")})[-_]?(\\d+)(?!\\d)`, "g");

/** DESIGN.md lists a rule as built by its number in bold. */
const listed = /\*\*([A-Z]{3,4}-\d+)\*\*/g;

export const citedRule: Rule = {
  name: "rules-tested",
  what: "every rule that DESIGN.md lists as built is cited by a test",
  check: (project) => {
    const cited = new Set(citations(project).map((citation) => citation.id));
    return listedRules(project)
      .filter((rule) => !cited.has(rule.id))
      .map(({ path, line, id: name }) => ({ path, line, message: `no test cites ${name}` }));
  },
};

export const listedRule: Rule = {
  name: "rules-listed",
  what: "every rule that a test cites is listed in DESIGN.md as built",
  check: (project) => {
    const known = new Set(listedRules(project).map((rule) => rule.id));
    const unknown = new Map<string, Violation>();
    for (const { path, line, id: name } of citations(project)) {
      if (known.has(name) || unknown.has(name)) continue;
      unknown.set(name, { path, line, message: `DESIGN.md does not list ${name}` });
    }
    return [...unknown.values()];
  },
};

type Citation = { readonly path: string; readonly line: number; readonly id: string };

function citations(project: Project): readonly Citation[] {
  // The tests of this rule cite rules that exist for nobody.
  const tests = project.sources.filter(
    (source) => isTest(source.path) && !source.path.startsWith("test/scripts/tidy"),
  );
  return tests.flatMap((source) =>
    [...source.text.matchAll(id)].map((match) => ({
      path: source.path,
      line: lineAt(source.text, match.index + 1),
      id: `${match[1]}-${match[2]}`,
    })),
  );
}

function listedRules(project: Project): readonly Citation[] {
  const design = project.files.find((file) => file.path === "DESIGN.md");
  if (design === undefined) return [];
  return [...design.text.matchAll(listed)].map((match) => ({
    path: design.path,
    line: lineAt(design.text, match.index + 1),
    id: match[1] ?? "",
  }));
}
