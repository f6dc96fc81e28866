import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Masked, mask } from "./mask.ts";

/** A text file; `path` is from the project's root, with slashes. */
export type File = { readonly path: string; readonly text: string };

/** A TypeScript or Solidity file, scanned. */
export type Source = File & { readonly masked: Masked };

/** What the rules look at. Tests make one in memory and plant a violation in it. */
export type Project = {
  readonly files: readonly File[];
  /** The TypeScript and Solidity among them. */
  readonly sources: readonly Source[];
  /** Whether a file or folder of that path exists, generated and ignored ones apart. */
  readonly exists: (path: string) => boolean;
};

/** A breach of a rule. Lines count from 1; 0 is the whole file. */
export type Violation = { readonly path: string; readonly line: number; readonly message: string };

/** One rule of the tidy test. */
export type Rule = {
  readonly name: string;
  readonly what: string;
  readonly check: (project: Project) => readonly Violation[];
};

/** Folders that hold nothing that we write. */
const foreign = new Set([".git", ".xln", "artifacts", "cache", "coverage", "node_modules"]);
const generated = ["typechain-types", "ignition/deployments"];
const texts = /\.(ts|sol|md|json|sh|csv|yml|yaml|toml)$|^(xln|LICENSE|\.ci\/run|\.gitignore)$/;

/** Reads the project in a folder, without what is generated or fetched. */
export function readProject(root: string): Project {
  const paths = list(root, "");
  const files = paths
    .filter((path) => texts.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  return makeProject(files, paths);
}

/** A project of the given files; `paths` names those whose text does not matter, too. */
export function makeProject(files: readonly File[], paths: readonly string[] = []): Project {
  const known = new Set(generated);
  for (const path of [...files.map((file) => file.path), ...paths]) {
    const parts = path.split("/");
    for (let length = 1; length <= parts.length; length += 1) {
      known.add(parts.slice(0, length).join("/"));
    }
  }
  const sources = files
    .filter((file) => /\.(ts|sol)$/.test(file.path))
    .map((file) => ({ ...file, masked: mask(file.text) }));
  return { files, sources, exists: (path) => known.has(path.replace(/\/$/, "")) };
}

/** Whether a file is a test, of either language. */
export function isTest(path: string): boolean {
  return path.startsWith("test/") || path.endsWith(".t.sol") || path.startsWith("contracts/test/");
}

function list(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (foreign.has(entry.name) || generated.includes(path)) return [];
    if (entry.isDirectory()) return list(root, path);
    return entry.isFile() ? [path] : [];
  });
}
