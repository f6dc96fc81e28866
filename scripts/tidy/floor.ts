import { posix } from "node:path";
import type { Floor } from "../../keeper/architecture.ts";
import {
  floorOf,
  floors,
  machineFiles,
  mayImport,
  mayImportPackage,
} from "../../keeper/architecture.ts";
import { type Import, importsIn } from "./import.ts";
import type { Rule, Source, Violation } from "./project.ts";

/** The import check over the table of floors. */
export const floorRule: Rule = {
  name: "floors",
  what: "a file of keeper/ imports only what keeper/architecture.ts allows its floor",
  check: (project) =>
    project.sources.filter(isKeeper).flatMap((source) => {
      const floor = floorOf(source.path);
      if (floor !== undefined) return importsIn(source).flatMap((one) => judge(floor, one));
      return [{ path: source.path, line: 0, message: "no floor owns this file" }];
    }),
};

/** ARC-1: a machine has its five files; one of them may be a folder when it is long. */
export const machineRule: Rule = {
  name: "machines",
  what: "a machine that has a step has the same five files as the others",
  check: (project) =>
    floors
      .filter((floor) => floor.machine && project.exists(`keeper/${floor.name}/step.ts`))
      .flatMap((floor): readonly Violation[] => {
        const path = `keeper/${floor.name}`;
        const isThere = (file: string) =>
          project.exists(`${path}/${file}`) || project.exists(`${path}/${file.slice(0, -3)}`);
        const missing = machineFiles.filter((file) => !isThere(file));
        return missing.map((file) => ({ path, line: 0, message: `has no ${file}` }));
      }),
};

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
