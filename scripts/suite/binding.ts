import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode, tail } from "./child.ts";
import type { Context, Count, Suite } from "./types.ts";

const folder = "typechain-types";

/** The contracts compile without a warning, and the committed bindings are what they generate. */
export const bindingSuite: Suite = {
  name: "bindings",
  lane: "contracts",
  what: `the contracts compile without a warning, and ${folder}/ is what they generate`,
  run: checkBindings,
};

async function checkBindings(context: Context): Promise<Count> {
  const fresh = mkdtempSync(join(tmpdir(), "xln-bindings-"));
  try {
    context.report("compiling the contracts");
    const { code, output } = await runNode(context, "scripts/suite/generate.ts", [fresh]);
    if (code !== 0) return { passed: 0, failed: 1, failures: [tail(output)] };
    const failures = [...readWarnings(join(context.root, "artifacts", "build-info"))];
    const changes = compareFolders(join(context.root, folder), fresh);
    if (changes.length > 0) {
      const fix = `fix: ./xln hardhat build --force, then commit ${folder}/`;
      failures.push(["bindings are stale", ...changes, fix].join("\n"));
    }
    return { passed: failures.length === 0 ? 1 : 0, failed: failures.length, failures };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

type Output = { readonly errors?: readonly { readonly formattedMessage: string }[] };

/** What the compiler said of the contracts, this time or when it compiled what is reused. */
export function readWarnings(builds: string): readonly string[] {
  const outputs = readdirSync(builds).filter((name) => name.endsWith(".output.json"));
  if (outputs.length === 0) throw new Error(`no output of the compiler in ${builds}`);
  return outputs.flatMap((name) => {
    const { output } = JSON.parse(readFileSync(join(builds, name), "utf8")) as { output: Output };
    return (output.errors ?? []).map(({ formattedMessage }) => formattedMessage);
  });
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
