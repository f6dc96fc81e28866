import { lineAt } from "./mask.ts";
import type { Source } from "./project.ts";

/** One import as written: `specifier` is what stands between the quotes. */
export type Import = { readonly source: Source; readonly specifier: string; readonly line: number };

/** Static, dynamic and type imports and re-exports of a TypeScript file. */
export function importsIn(source: Source): readonly Import[] {
  const pattern = /(?<![\w.])(?:from\s*|import\s*\(?\s*)["']([^"'\n]+)["']/g;
  const text = source.masked.withoutComments;
  return [...text.matchAll(pattern)]
    .filter((match) => /\w/.test(source.masked.code.charAt(match.index)))
    .map((match) => ({
      source,
      specifier: match[1] ?? "",
      line: lineAt(text, match.index + match[0].length),
    }));
}
