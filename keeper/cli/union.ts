import { closing, mask } from "../../scripts/tidy/mask.ts";

/** One arm of a union: its `kind`, or its literal, and the first sentence of its comment. */
export type Arm = { readonly name: string; readonly about: string };

/** A closed union of a machine's types. */
export type Union = { readonly name: string; readonly arms: readonly Arm[] };

/**
 * Reads the exported unions of a source text: of objects told apart by `kind`, or of string
 * literals. A light reader, for files that hold types and nothing else.
 */
export function readUnions(text: string): readonly Union[] {
  const { code, withoutComments } = mask(text);
  return [...code.matchAll(/\bexport type (\w+)[^=;]*=/g)].flatMap((match) => {
    const start = match.index + match[0].length;
    const starts = armStarts(code, start);
    const end = starts.at(-1) ?? start;
    const arms = starts.slice(0, -1).flatMap((from, index): readonly Arm[] => {
      const name = nameOf(code, withoutComments, from, starts[index + 1] ?? end);
      return name === undefined ? [] : [{ name, about: commentBefore(text, from) }];
    });
    return arms.length === 0 ? [] : [{ name: match[1] ?? "", arms }];
  });
}

/** Where each arm begins, and last where the type ends. */
function armStarts(code: string, start: number): readonly number[] {
  const starts: number[] = [];
  let at = start;
  let isOpen = true;
  for (; at < code.length && code.charAt(at) !== ";"; at += 1) {
    const letter = code.charAt(at);
    if (letter === "|") isOpen = true;
    else if (letter.trim() !== "") {
      if (isOpen) starts.push(at);
      isOpen = false;
      if ("{([".includes(letter)) at = closing(code, at);
    }
  }
  return [...starts, at];
}

/** The literal of `kind` in the arm's own braces, or the arm itself if it is a literal. */
function nameOf(code: string, text: string, from: number, to: number): string | undefined {
  const arm = text.slice(from, to);
  if (!arm.startsWith("{")) return /^"(\w+)"/.exec(arm)?.[1];
  let depth = 0;
  for (let at = from; at < to; at += 1) {
    const letter = code.charAt(at);
    if ("{([".includes(letter)) depth += 1;
    if ("})]".includes(letter)) depth -= 1;
    const name = depth === 1 ? /^kind: "(\w+)"/.exec(text.slice(at, to))?.[1] : undefined;
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The first sentence of the comment that ends right before the arm's bar. */
function commentBefore(text: string, at: number): string {
  const before = text.slice(0, at).replace(/[\s|]+$/, "");
  if (!before.endsWith("*/")) return "";
  const words = before
    .slice(before.lastIndexOf("/*"), -2)
    .replace(/^\/\*+/, "")
    .replaceAll(/\s*\n\s*\*\s?/g, " ")
    .trim();
  return words.split(/(?<=\.)\s/)[0] ?? "";
}
