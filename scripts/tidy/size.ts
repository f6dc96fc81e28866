import { closing, lineAt } from "./mask.ts";
import type { File, Rule, Source, Violation } from "./project.ts";

export const maxFileLines = 400;
export const maxFunctionLines = 70;
export const maxLineLength = 100;

export const fileLengthRule: Rule = {
  name: "file-length",
  what: `a source file has at most ${maxFileLines} lines`,
  check: (project) =>
    [...project.sources, ...project.files.filter((file) => file.path === "xln")].flatMap((file) => {
      const lines = countLines(file);
      if (lines <= maxFileLines) return [];
      return [{ path: file.path, line: 0, message: `${lines} lines, at most ${maxFileLines}` }];
    }),
};

/** An import of one name, or the line of a test's title: the formatter cannot break them. */
const unbreakable = /^(import|export) .* from "[^"]+";$|^ *it\(["`].*["`], (async )?\(.*\) => \{$/;

export const lineLengthRule: Rule = {
  name: "line-length",
  what: `a line of source has at most ${maxLineLength} characters`,
  check: (project) =>
    project.sources.flatMap((source) =>
      source.text.split("\n").flatMap((line, index): readonly Violation[] => {
        const length = [...line].length;
        if (length <= maxLineLength || unbreakable.test(line)) return [];
        const message = `${length} characters, at most ${maxLineLength}`;
        return [{ path: source.path, line: index + 1, message }];
      }),
    ),
};

export const functionLengthRule: Rule = {
  name: "function-length",
  what: `a function has at most ${maxFunctionLines} lines, functions declared inside of it apart`,
  check: (project) =>
    project.sources.flatMap((source) => {
      const { named, arrows, suites } = functions(source);
      return [...named, ...arrows].flatMap((span): readonly Violation[] => {
        const inner = outermost([...named, ...suites].filter((other) => isInside(other, span)));
        const apart = inner.reduce((sum, other) => sum + linesOf(source, other), 0);
        const lines = linesOf(source, span) - apart;
        if (lines <= maxFunctionLines) return [];
        const message = `a function of ${lines} lines, at most ${maxFunctionLines}`;
        return [{ path: source.path, line: lineAt(source.text, span.start), message }];
      });
    }),
};

type Span = { readonly start: number; readonly end: number };

function linesOf(source: Source, { start, end }: Span): number {
  return lineAt(source.text, end) - lineAt(source.text, start) + 1;
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.start > outer.start && inner.end < outer.end;
}

function outermost(spans: readonly Span[]): readonly Span[] {
  return spans.filter((span) => !spans.some((other) => isInside(span, other)));
}

/** Functions of either language, and arrow functions with a body. */
function functions(source: Source): {
  readonly named: readonly Span[];
  readonly arrows: readonly Span[];
  readonly suites: readonly Span[];
} {
  const { code } = source.masked;
  const words = [...code.matchAll(/\b(function|constructor|modifier|receive|fallback)\b/g)];
  const bodies = [...code.matchAll(/=>\s*\{/g)];
  const spanOf = (arrow: RegExpExecArray): Span => {
    const open = arrow.index + arrow[0].length - 1;
    return { start: arrow.index, end: closing(code, open) };
  };
  return {
    named: words.flatMap((match) => {
      const open = isSuite(code, match.index) ? undefined : bodyOf(code, match.index);
      return open === undefined ? [] : [{ start: match.index, end: closing(code, open) }];
    }),
    arrows: bodies.filter((arrow) => !isSuite(code, arrow.index)).map(spanOf),
    suites: bodies.filter((arrow) => isSuite(code, arrow.index)).map(spanOf),
  };
}

/** The brace that opens the body: not one of a type, and none if the declaration has no body. */
function bodyOf(code: string, start: number): number | undefined {
  let before = "";
  for (let at = start; at < code.length; at += 1) {
    const letter = code.charAt(at);
    if (letter === ";") return undefined;
    if ("([".includes(letter)) at = closing(code, at);
    if (letter === "{") {
      // A body may stand behind a type's closing bracket, not behind an arrow's.
      const isArrow = code
        .slice(Math.max(0, at - 40), at)
        .trimEnd()
        .endsWith("=>");
      if (before === "" || (!":|&<,=".includes(before) && !isArrow)) return at;
      at = closing(code, at);
    }
    if (letter.trim() !== "") before = code.charAt(at);
  }
  return undefined;
}

/** Whether the function is what `describe(…)` is given: a list of tests, not a function. */
function isSuite(code: string, at: number): boolean {
  return /\bdescribe(\.\w+)?\([^;{}]*$/.test(code.slice(Math.max(0, at - 300), at));
}

function countLines(file: File): number {
  return file.text.replace(/\n$/, "").split("\n").length;
}
