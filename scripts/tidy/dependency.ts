import { packageOf } from "../../keeper/architecture.ts";
import { importsIn } from "./import.ts";
import { lineAt } from "./mask.ts";
import type { Project, Rule, Violation } from "./project.ts";

/** Where each dependency has its line, with its why and its licence. */
const record = ".adr/0002-dependencies.md";

export const pinRule: Rule = {
  name: "pins",
  what: "every dependency is pinned exactly, in package.json and in the lock file alike",
  check: (project) => {
    const path = "package.json";
    const lock = readLock(project);
    return dependencies(project).flatMap(({ name, version }): readonly Violation[] => {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
        return [{ path, line: 0, message: `${name} is not pinned: ${version}` }];
      }
      if (lock === undefined || lock[name] === version) return [];
      return [{ path, line: 0, message: `${name}: the lock file says ${lock[name] ?? "nothing"}` }];
    });
  },
};

export const reasonRule: Rule = {
  name: "reasons",
  what: `every dependency has its line in ${record}, and every line its dependency`,
  check: (project) => {
    const file = project.files.find((one) => one.path === record);
    const text = file?.text ?? "";
    const rows = [...text.matchAll(/^\| `([^`]+)` \|/gm)];
    const explained = new Set(rows.map((row) => row[1]));
    const names = new Set(dependencies(project).map((dependency) => dependency.name));
    const missing = [...names].filter((name) => !explained.has(name));
    const stale = rows.filter((row) => !names.has(row[1] ?? ""));
    return [
      ...missing.map((name) => ({ path: record, line: 0, message: `no line for ${name}` })),
      ...stale.map((row) => ({
        path: record,
        line: lineAt(text, row.index + 1),
        message: `${row[1]} is no dependency`,
      })),
    ];
  },
};

export const declaredRule: Rule = {
  name: "declared",
  what: "every package that our code imports is declared in package.json",
  check: (project) => {
    const names = new Set(dependencies(project).map((dependency) => dependency.name));
    const sources = project.sources.filter((source) => source.path.endsWith(".ts"));
    return sources
      .flatMap(importsIn)
      .map(({ source, specifier, line }) => ({ source, line, name: packageOf(specifier) }))
      .filter(({ name }) => !/^(\.|node:)/.test(name) && !names.has(name))
      .map(({ source, line, name }) => ({
        path: source.path,
        line,
        message: `${name} is not declared`,
      }));
  },
};

type Dependency = { readonly name: string; readonly version: string };
type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

function dependencies(project: Project): readonly Dependency[] {
  const file = project.files.find((one) => one.path === "package.json");
  if (file === undefined) return [];
  const manifest = JSON.parse(file.text) as Manifest;
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  return Object.entries(all).map(([name, version]) => ({ name, version }));
}

/** What the lock file's own root asks for, by name. */
function readLock(project: Project): Readonly<Record<string, string>> | undefined {
  const file = project.files.find((one) => one.path === "package-lock.json");
  if (file === undefined) return undefined;
  const { packages } = JSON.parse(file.text) as { packages?: Readonly<Record<string, Manifest>> };
  const root = packages?.[""];
  return { ...root?.dependencies, ...root?.devDependencies };
}
