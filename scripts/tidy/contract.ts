import { lineAt } from "./mask.ts";
import type { Project, Rule, Violation } from "./project.ts";

const CATALOGUE = "contracts/ERRORS.md";
const MODEL = "contracts/README.md";

export const errorRule: Rule = {
  name: "errors-explained",
  what: "contracts/ERRORS.md has a row for every error of the interfaces, and for nothing else",
  check: (project) => {
    const catalogue = project.files.find(({ path }) => path === CATALOGUE);
    const rows = matches(catalogue?.text ?? "", /^\| `(\w+)` \|/gm);
    const errors = interfaces(project).flatMap(({ path, text }) =>
      matches(text, /^ {4}error (\w+)\(/gm).map((error) => ({ ...error, path })),
    );
    const known = new Set(errors.map(({ name }) => name));
    const explained = new Set(rows.map(({ name }) => name));
    return [
      ...errors
        .filter(({ name }) => !explained.has(name))
        .map(({ path, line, name }) => violation(path, line, `${CATALOGUE} lacks ${name}`)),
      ...rows
        .filter(({ name }) => !known.has(name))
        .map(({ line, name }) => violation(CATALOGUE, line, `no interface has ${name}`)),
    ];
  },
};

export const errorTestRule: Rule = {
  name: "errors-tested",
  what: "every error of the contracts' interfaces is thrown by one, and expected by a test of them",
  check: (project) => {
    const code = wordsOf(project, /^contracts\/(?!interface\/).*\.sol$/);
    const tests = wordsOf(project, /^test\/contract\//);
    return interfaces(project).flatMap(({ path, text }) =>
      matches(text, /^ {4}error (\w+)\(/gm).flatMap(({ line, name }) => [
        ...(code.has(name) ? [] : [violation(path, line, `no contract throws ${name}`)]),
        ...(tests.has(name) ? [] : [violation(path, line, `no test expects ${name}`)]),
      ]),
    );
  },
};

export const trustRule: Rule = {
  name: "trust-shown",
  what: "each statement of the contracts' trust model names tests, and they exist",
  check: (project) => {
    const model = project.files.find(({ path }) => path === MODEL);
    if (model === undefined) return [];
    const tests = project.sources.filter(({ path }) => path.startsWith("test/contract/"));
    const shown = tests.map(({ text }) => text).join("\n");
    const statements = [...model.text.matchAll(/^\*\*T-\d+\*\*.*(?:\n(?!\n|\*\*T-|#).*)*/gm)];
    return statements.flatMap((statement) => {
      const line = lineAt(model.text, statement.index);
      const names = matches(statement[0], /`((?:test|testFuzz|invariant)_\w+)`/g);
      if (names.length === 0) return [violation(MODEL, line, "a statement without a test")];
      return names
        .filter(({ name }) => !shown.includes(`function ${name}(`))
        .map(({ name }) => violation(MODEL, line, `no test is called ${name}`));
    });
  },
};

type Found = { readonly name: string; readonly line: number };

function matches(text: string, pattern: RegExp): readonly Found[] {
  return [...text.matchAll(pattern)].map((match) => ({
    name: match[1] ?? "",
    line: lineAt(text, match.index),
  }));
}

/** The capitalised words of some sources, comments and texts included. */
function wordsOf(project: Project, paths: RegExp): ReadonlySet<string> {
  const sources = project.sources.filter(({ path }) => paths.test(path));
  return new Set(sources.flatMap(({ text }) => text.match(/\b[A-Z]\w+\b/g) ?? []));
}

function interfaces(project: Project) {
  return project.sources.filter(({ path }) => /^contracts\/interface\/\w+\.sol$/.test(path));
}

function violation(path: string, line: number, message: string): Violation {
  return { path, line, message };
}
