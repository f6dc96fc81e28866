import type { Edit, Mutant, Sources } from "./types.ts";

// All mutants live in one copy of the sources, each behind a condition that holds only when the
// block's beneficiary is the mutant's own, so that one compilation serves them all.

/** The beneficiary that arms a mutant; none is armed by any other. */
export function coinbaseOf(index: number): `0x${string}` {
  return `0x${(0xfa0000 + index).toString(16).padStart(40, "0")}`;
}

/** Finds the place of a mutant. @throws Error unless there is exactly one */
export function locate(sources: Sources, mutant: Mutant): Edit {
  const { name, file, find, within = find } = mutant;
  const outer = place(sources.get(file) ?? "", within, `${name}" in contracts/${file}`);
  const start = outer + place(bytes(within), find, `${name}" within its context`);
  const end = start + bytes(find).length;
  const text = bytes(mutant.replace);
  return { name, file, start, end, kind: mutant.as ?? "expression", text };
}

function place(text: string, find: string, what: string): number {
  const start = text.indexOf(bytes(find));
  if (start === -1) throw new Error(`there is no place of "${what}`);
  if (text.includes(bytes(find), start + 1)) throw new Error(`more than one place of "${what}`);
  return start;
}

function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

type Armed = Edit & { readonly index: number };

/**
 * The sources with every edit planted. Functions that were pure become views, since they read the
 * block now.
 * @param edits the mutant's number is its place in this list; ranges nest or are apart
 */
export function armAll(sources: Sources, edits: readonly Edit[]): Sources {
  const armed = edits.map((edit, index) => ({ ...edit, index }));
  const result = new Map<string, string>();
  for (const [file, source] of sources) {
    const own = armed.filter((edit) => edit.file === file);
    // The widest first, so that what lies within comes after.
    own.sort((a, b) => a.start - b.start || b.end - a.end || a.index - b.index);
    const text = render(source, 0, source.length, own);
    result.set(file, text.replaceAll(/\bpure\b/g, "view"));
  }
  return result;
}

/** The text from `start` to `end` with the edits that lie in it. */
function render(source: string, start: number, end: number, edits: readonly Armed[]): string {
  const pieces: string[] = [];
  let cursor = start;
  let rest = edits;
  while (rest[0] !== undefined) {
    const head = rest[0];
    const alike = rest.filter((edit) => edit.start === head.start && edit.end === head.end);
    const within = rest.filter((edit) => edit.start < head.end && !alike.includes(edit));
    const beyond = within.find((edit) => edit.end > head.end);
    if (beyond !== undefined) throw new Error(`"${head.name}" cuts "${beyond.name}" in two`);
    pieces.push(source.slice(cursor, head.start));
    pieces.push(alike.reduce(wrap, render(source, head.start, head.end, within)));
    cursor = head.end;
    rest = rest.filter((edit) => edit.start >= head.end);
  }
  return [...pieces, source.slice(cursor, end)].join("");
}

function wrap(original: string, edit: Armed): string {
  const place = coinbaseOf(edit.index).replace(/^0x0+/, "0x");
  const armed = `block.coinbase == address(uint160(${place}))`;
  switch (edit.kind) {
    case "expression":
      return `((${armed}) ? (${edit.text}) : (${original}))`;
    case "statement":
      return `{ if (${armed}) { ${edit.text} } else { ${original} } }`;
    case "assembly":
      return `switch eq(coinbase(), ${place}) case 0 { ${original} } default { ${edit.text} }`;
    case "after":
      return `${original} if eq(coinbase(), ${place}) { ${edit.text} }`;
  }
}
