import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { Sources } from "./types.ts";

/** A node of solc's syntax tree; what else it has depends on its type. */
export type Node = { readonly nodeType: string; readonly src: string } & Readonly<
  Record<string, unknown>
>;

type Answer = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast: Node }>>;
};

/** The typed syntax tree of every file. @throws Error when they do not compile */
export function parse(sources: Sources): ReadonlyMap<string, Node> {
  const require = createRequire(import.meta.url);
  const solc = require("solc/wrapper.js")(require("solc/soljson.js"));
  const files = [...sources].map(([file, text]) => [
    `contracts/${file}`,
    { content: Buffer.from(text, "latin1").toString() },
  ]);
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files),
    settings: { outputSelection: { "*": { "": ["ast"] } }, evmVersion: "cancun" },
  };
  const load = (path: string) => ({ contents: readModule(require, path) });
  const output: Answer = JSON.parse(solc.compile(JSON.stringify(input), { import: load }));
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  return new Map(
    [...sources.keys()].map((file) => {
      const tree = output.sources?.[`contracts/${file}`]?.ast;
      if (tree === undefined) throw new Error(`no syntax tree of contracts/${file}`);
      return [file, tree];
    }),
  );
}

function readModule(require: NodeJS.Require, path: string): string {
  return readFileSync(require.resolve(path), "utf8");
}

/** Where a node lies, in bytes. */
export function rangeOf(node: Node): { readonly start: number; readonly end: number } {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

/** The nodes right below one, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  const below = Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return below.filter(isNode).sort((a, b) => rangeOf(a).start - rangeOf(b).start);
}

/** The name of an expression's type. */
export function typeOf(node: Node): string {
  const { typeString } = (node.typeDescriptions ?? {}) as { readonly typeString?: string };
  return typeString ?? "";
}
