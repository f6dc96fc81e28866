import { lineAt } from "./mask.ts";
import type { Project, Rule, Violation } from "./project.ts";

const CATALOGUE = "contracts/ERRORS.md";
const MODEL = "contracts/README.md";
const ATTACKS = "test/contract/README.md";
const PLANTED = "scripts/plant/attack.ts";

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
    const shown = testsOf(project);
    const statements = [...model.text.matchAll(/^\*\*T-\d+\*\*.*(?:\n(?!\n|\*\*T-|#).*)*/gm)];
    return statements.flatMap((statement) => {
      const line = lineAt(model.text, statement.index);
      const names = namesIn(statement[0]);
      if (names.length === 0) return [violation(MODEL, line, "a statement without a test")];
      return names
        .filter((name) => !shown.has(name))
        .map((name) => violation(MODEL, line, `no test is called ${name}`));
    });
  },
};

export const attackRule: Rule = {
  name: "attacks-shown",
  what: "each attack that test/contract lists names its rules and tests, one seen to go red",
  check: (project) => {
    const list = project.files.find(({ path }) => path === ATTACKS);
    const planted = project.files.find(({ path }) => path === PLANTED);
    if (list === undefined || planted === undefined) return [];
    const shown = testsOf(project);
    const reds = matches(planted.text, /^ {4}red: "(\w+)"/gm);
    const start = list.text.indexOf("## Attacks");
    const rows = [...list.text.matchAll(/^\| ([^|]+) \| ([A-Z0-9, -]+) \| ([^|]+) \|$/gm)];
    const attacks = start < 0 ? [] : rows.filter(({ index }) => index > start);
    const named = new Set(attacks.flatMap((row) => namesIn(row[3] ?? "")));
    const orphans = reds
      .filter(({ name }) => !named.has(name))
      .map(({ line, name }) => violation(PLANTED, line, `no attack names ${name}`));
    const flaws = attacks.flatMap((row) => {
      const names = namesIn(row[3] ?? "");
      const missing = names.filter((name) => !shown.has(name));
      const uncited = (row[2] ?? "")
        .split(", ")
        .filter((rule) => !names.some((name) => name.includes(`_${rule.replace("-", "")}_`)));
      const what = [
        ...missing.map((name) => `no test is called ${name}`),
        ...uncited.map((rule) => `no test of it cites ${rule}`),
        ...(reds.some(({ name }) => names.includes(name)) ? [] : ["no fault turns it red"]),
      ];
      return what.map((message) => violation(ATTACKS, lineAt(list.text, row.index), message));
    });
    return [...orphans, ...flaws];
  },
};

type Found = { readonly name: string; readonly line: number };

function matches(text: string, pattern: RegExp): readonly Found[] {
  return [...text.matchAll(pattern)].map((match) => ({
    name: match[1] ?? "",
    line: lineAt(text, match.index),
  }));
}

/** The tests in Solidity that there are. */
function testsOf(project: Project): ReadonlySet<string> {
  const tests = project.sources.filter(({ path }) => path.startsWith("test/contract/"));
  return new Set(
    tests.flatMap(({ text }) => matches(text, /\bfunction (\w+)\(/g).map(({ name }) => name)),
  );
}

/** The tests that a text names. */
function namesIn(text: string): readonly string[] {
  return matches(text, /`((?:test|testFuzz|invariant)_\w+)`/g).map(({ name }) => name);
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
