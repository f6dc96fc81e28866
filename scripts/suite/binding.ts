import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode, tail } from "./child.ts";
import type { Context, Count, Suite } from "./types.ts";

const folder = "typechain-types";

/** The contracts compile, and the committed bindings are those that they generate. */
export const bindingSuite: Suite = {
  name: "bindings",
  lane: "contracts",
  what: `the contracts compile, and ${folder}/ is what they generate`,
  run: checkBindings,
};

async function checkBindings(context: Context): Promise<Count> {
  const fresh = mkdtempSync(join(tmpdir(), "xln-bindings-"));
  try {
    context.report("compiling the contracts");
    const { code, output } = await runNode(context, "scripts/suite/generate.ts", [fresh]);
    if (code !== 0) return { passed: 0, failed: 1, failures: [tail(output)] };
    const changes = compareFolders(join(context.root, folder), fresh);
    if (changes.length === 0) return { passed: 1, failed: 0, failures: [] };
    const fix = `fix: ./xln hardhat build --force, then commit ${folder}/`;
    return { passed: 0, failed: 1, failures: [["bindings are stale", ...changes, fix].join("\n")] };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The files that differ between two folders, in words. */
export function compareFolders(committed: string, generated: string): readonly string[] {
  const before = fingerprints(committed);
  const after = fingerprints(generated);
  const changed = [...after.keys()].filter((path) => before.get(path) !== after.get(path));
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return [
    ...changed.map((path) => `${before.has(path) ? "differs" : "is missing"}: ${path}`),
    ...gone.map((path) => `is no longer generated: ${path}`),
  ];
}

/** A hash for each file, of its lines in sorted order: the generator lists contracts in the order
 * in which the file system does. */
function fingerprints(root: string): ReadonlyMap<string, string> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(root.length + 1), fingerprint(path)]));
}

function fingerprint(path: string): string {
  const lines = readFileSync(path, "utf8").split("\n").sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}
