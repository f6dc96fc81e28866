/**
 * A light scanner for TypeScript and Solidity: it tells code, comments and the insides of strings
 * apart and keeps every character's place, so a find in a masked text has the line of the source.
 */
export type Masked = {
  /** Code alone: comments and the insides of strings, templates and patterns are blank. */
  readonly code: string;
  /** Code and strings: comments are blank. */
  readonly withoutComments: string;
  /** Comments alone. */
  readonly comments: string;
};

/** Masks a source text of either language. */
export function mask(text: string): Masked {
  const scan: Scan = { text, kinds: new Uint8Array(text.length), at: 0, last: "" };
  scanCode(scan, false);
  return {
    code: select(scan, [code]),
    withoutComments: select(scan, [code, string]),
    comments: select(scan, [comment]),
  };
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
  }
  return line;
}

/** The offset of the bracket that closes the one at `open` in masked code, or the text's end. */
export function closing(maskedCode: string, open: number): number {
  let depth = 0;
  for (let at = open; at < maskedCode.length; at += 1) {
    const letter = maskedCode.charAt(at);
    if ("({[".includes(letter)) depth += 1;
    if (")}]".includes(letter)) depth -= 1;
    if (depth === 0) return at;
  }
  return maskedCode.length;
}

const code = 0;
const comment = 1;
const string = 2;

type Scan = {
  readonly text: string;
  readonly kinds: Uint8Array;
  at: number;
  /** The last word or sign of code, which decides whether a slash divides or opens a pattern. */
  last: string;
};

/** Scans code up to the end, or up to the brace that ends a template's expression. */
function scanCode(scan: Scan, inTemplate: boolean): void {
  let depth = 0;
  while (scan.at < scan.text.length) {
    const letter = scan.text.charAt(scan.at);
    const pair = scan.text.slice(scan.at, scan.at + 2);
    if (pair === "//") skipTo(scan, "\n", comment, 0);
    else if (pair === "/*") skipTo(scan, "*/", comment, 2);
    else if (letter === '"' || letter === "'") scanString(scan, letter);
    else if (letter === "`") scanTemplate(scan);
    else if (letter === "/" && opensPattern(scan.last)) scanPattern(scan);
    else {
      if (letter === "{") depth += 1;
      if (letter === "}") {
        if (inTemplate && depth === 0) return;
        depth -= 1;
      }
      scanWord(scan);
    }
  }
}

function scanWord(scan: Scan): void {
  const word = /^[\w$]+/.exec(scan.text.slice(scan.at, scan.at + 80))?.[0];
  const letter = scan.text.charAt(scan.at);
  if (word !== undefined) scan.last = word;
  else if (letter.trim() !== "") scan.last = letter;
  scan.at += word?.length ?? 1;
}

function scanString(scan: Scan, quote: string): void {
  const start = scan.at + 1;
  let end = start;
  while (end < scan.text.length && !`${quote}\n`.includes(scan.text.charAt(end))) {
    end += scan.text.charAt(end) === "\\" ? 2 : 1;
  }
  scan.kinds.fill(string, start, end);
  scan.at = end + 1;
  scan.last = quote;
}

function scanTemplate(scan: Scan): void {
  scan.at += 1;
  while (scan.at < scan.text.length && scan.text.charAt(scan.at) !== "`") {
    if (scan.text.startsWith("${", scan.at)) {
      scan.at += 2;
      scanCode(scan, true);
      scan.at += 1;
      continue;
    }
    const step = scan.text.charAt(scan.at) === "\\" ? 2 : 1;
    scan.kinds.fill(string, scan.at, scan.at + step);
    scan.at += step;
  }
  scan.at += 1;
  scan.last = "`";
}

function scanPattern(scan: Scan): void {
  const start = scan.at + 1;
  let end = start;
  let inClass = false;
  while (end < scan.text.length && scan.text.charAt(end) !== "\n") {
    const letter = scan.text.charAt(end);
    if (letter === "[") inClass = true;
    if (letter === "]") inClass = false;
    if (letter === "/" && !inClass) break;
    end += letter === "\\" ? 2 : 1;
  }
  scan.kinds.fill(string, start, end);
  scan.at = end + 1;
  scan.last = "/pattern/";
}

/** After a value a slash divides; after a sign or such a word it opens a pattern. */
function opensPattern(last: string): boolean {
  if (/^(return|typeof|case|in|of|void|delete|throw|yield|await)$/.test(last)) return true;
  return last === "" || "=(,:[!&|?{};+-*%<>~^".includes(last);
}

function skipTo(scan: Scan, end: string, kind: number, length: number): void {
  const found = scan.text.indexOf(end, scan.at + 2);
  const stop = found === -1 ? scan.text.length : found + length;
  scan.kinds.fill(kind, scan.at, stop);
  scan.at = stop;
}

/** The text with every character that is of no wanted kind blank; line ends stay. */
function select(scan: Scan, wanted: readonly number[]): string {
  const pieces: string[] = [];
  for (let at = 0; at < scan.text.length; at += 1) {
    const letter = scan.text.charAt(at);
    const isWanted = wanted.includes(scan.kinds[at] ?? code);
    pieces.push(isWanted || letter === "\n" ? letter : " ");
  }
  return pieces.join("");
}
