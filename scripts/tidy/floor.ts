import { posix } from "node:path";
import type { Floor } from "../../keeper/architecture.ts";
import {
  floorOf,
  floors,
  machineFiles,
  mayImport,
  mayImportPackage,
} from "../../keeper/architecture.ts";
import { lineAt } from "./mask.ts";
import type { Rule, Source, Violation } from "./project.ts";

/** The import check over the table of floors. */
export const floorRule: Rule = {
  name: "floors",
  what: "a file of keeper/ imports only what keeper/architecture.ts allows its floor",
  check: (project) =>
    project.sources.filter(isKeeper).flatMap((source) => {
      const floor = floorOf(source.path);
      if (floor !== undefined) return importsOfFile(source).flatMap((one) => judge(floor, one));
      return [{ path: source.path, line: 0, message: "no floor owns this file" }];
    }),
};

/** ARC-1: a machine has its five files, and nobody else has a step. */
export const machineRule: Rule = {
  name: "machines",
  what: "a folder with a step is a machine of the table and has the same five files",
  check: (project) =>
    floors.flatMap((floor): readonly Violation[] => {
      const folder = `keeper/${floor.name}`;
      if (!project.exists(`${folder}/step.ts`)) return [];
      if (!floor.machine) {
        return [{ path: `${folder}/step.ts`, line: 0, message: "this floor has no machine" }];
      }
      const missing = machineFiles.filter((file) => !project.exists(`${folder}/${file}`));
      return missing.map((file) => ({ path: folder, line: 0, message: `has no ${file}` }));
    }),
};

type Import = { readonly source: Source; readonly specifier: string; readonly line: number };

/** Static, dynamic and type imports and re-exports, as written. */
function importsOfFile(source: Source): readonly Import[] {
  const pattern = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;
  const text = source.masked.withoutComments;
  return [...text.matchAll(pattern)]
    .filter((match) => /\w/.test(source.masked.code.charAt(match.index)))
    .map((match) => ({
      source,
      specifier: match[1] ?? "",
      line: lineAt(text, match.index + match[0].length),
    }));
}

function judge(floor: Floor, found: Import): readonly Violation[] {
  const { source, specifier, line } = found;
  const breach = (message: string) => [{ path: source.path, line, message }];
  if (!specifier.startsWith(".")) {
    if (mayImportPackage(floor, specifier)) return [];
    return breach(`${floor.name} may not import ${specifier}`);
  }
  const target = posix.join(posix.dirname(source.path), specifier);
  const top = target.split("/")[0] ?? "";
  if (top === "keeper") {
    const other = floorOf(target);
    if (other === undefined || mayImport(floor, other)) return [];
    return breach(`${floor.name} may not import ${other.name} (${target})`);
  }
  if (floor.folders.includes(top) || (floor.kind === "root" && target === "package.json"))
    return [];
  return breach(`${floor.name} may not import ${target}`);
}

function isKeeper(source: Source): boolean {
  return source.path.startsWith("keeper/") && source.path.endsWith(".ts");
}
