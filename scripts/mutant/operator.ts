import { childrenOf, isNode, type Node, parse, rangeOf, typeOf } from "./syntax.ts";
import type { Edit, Sources } from "./types.ts";

/** What is done to code of one form, wherever it has it. */
export type Operator = (node: Node, text: (node: Node) => string) => readonly Change[];

type Change = { readonly at: Node; readonly text: string; readonly kind?: Edit["kind"] };

/** Every operator, by name. */
export const operators: Readonly<Record<string, Operator>> = {
  /** A check that never refuses; of several joined by "or", each alone. */
  check: (node) => {
    if (node.nodeType !== "IfStatement" || !isExit(node.trueBody)) return [];
    return alternatives(node.condition).map((at) => ({ at, text: "false" }));
  },
  /** The limit of a comparison is let in, or kept out. */
  boundary: (node, text) =>
    swapOperator(node, text, { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }),
  /** A sum becomes a difference, and the other way round. */
  sign: (node, text) =>
    /^u?int\d+$/.test(typeOf(node)) ? swapOperator(node, text, { "+": "-", "-": "+" }) : [],
  /** "Both" becomes "either", and the other way round. */
  logic: (node, text) => swapOperator(node, text, { "&&": "||", "||": "&&" }),
  /** A choice goes the other way. */
  choice: (node, text) => {
    if (node.nodeType !== "Conditional" || !isNode(node.condition)) return [];
    return [{ at: node.condition, text: `!(${text(node.condition)})` }];
  },
  /** A statement that is not carried out: a write, a call, an event. */
  drop: (node) => {
    if (node.nodeType !== "ExpressionStatement" && node.nodeType !== "EmitStatement") return [];
    return [{ at: node, text: "", kind: "statement" }];
  },
  /** Assembly: a limit is let in or kept out, a sum is a difference, a flag or mask left out. */
  assembly: (node, text) => {
    const isAssignment = node.nodeType === "YulAssignment";
    const variables = node.variables as readonly { readonly name: string }[] | undefined;
    const isDeclaration = node.nodeType === "YulVariableDeclaration" && variables?.length === 1;
    if (!isNode(node.value) || !(isAssignment || isDeclaration)) return [];
    const whole = rangeOf(node.value);
    return swapsOf(node.value, text).map(({ at, text: words }) => {
      const { start, end } = rangeOf(at);
      const value = text(node.value as Node);
      const [from, to] = [start - whole.start, end - whole.start];
      const changed = `${value.slice(0, from)}${words}${value.slice(to)}`;
      return isDeclaration
        ? { at: node, text: `${variables?.[0]?.name} := ${changed}`, kind: "after" }
        : { at: node, text: text(node).replace(value, () => changed), kind: "assembly" };
    });
  },
  /** A constant is one more. */
  constant: (node, text) => {
    const isConstant = node.nodeType === "Identifier" && /^[A-Z][A-Z0-9_]+$/.test(`${node.name}`);
    return isConstant && /^uint\d+$/.test(typeOf(node))
      ? [{ at: node, text: `${text(node)} + 1` }]
      : [];
  },
};

/** The mutants that operators make of files, each with a name that outlives a shift of lines. */
export function operate(
  sources: Sources,
  files: readonly string[],
  names: readonly string[],
): readonly Edit[] {
  const trees = parse(sources);
  const edits: Edit[] = [];
  const seen = new Map<string, number>();
  const visit = (file: string, source: string, node: Node, place: string): void => {
    const text = (at: Node) => source.slice(rangeOf(at).start, rangeOf(at).end);
    for (const name of names) {
      for (const change of operators[name]?.(node, text) ?? []) {
        const { at, text: words, kind = "expression" } = change;
        const isStatement = kind === "statement";
        const { start, end } = isStatement ? withSemicolon(source, rangeOf(at)) : rangeOf(at);
        const key = `${file} ${place} ${name}: ${brief(text(at))}`;
        const count = (seen.get(key) ?? 0) + 1;
        seen.set(key, count);
        const unique = count === 1 ? key : `${key} (${count})`;
        edits.push({ name: unique, file, start, end, kind, text: words });
      }
    }
    for (const child of childrenOf(node)) visit(file, source, child, place);
  };
  for (const file of files) {
    const tree = trees.get(file);
    if (tree === undefined) throw new Error(`there is no contracts/${file}`);
    for (const { name, body } of functionsOf(tree)) {
      visit(file, sources.get(file) ?? "", body, name);
    }
  }
  return edits;
}

/** How calls of assembly within an expression can be others. */
function swapsOf(node: Node, text: (node: Node) => string): readonly Change[] {
  const inner = childrenOf(node).flatMap((child) => swapsOf(child, text));
  const { functionName, arguments: list } = node;
  if (node.nodeType !== "YulFunctionCall" || !isNode(functionName)) return inner;
  const [a = "", b = ""] = (list as readonly Node[]).map(text);
  const changed: Readonly<Record<string, string>> = {
    lt: `iszero(gt(${a}, ${b}))`,
    gt: `iszero(lt(${a}, ${b}))`,
    slt: `iszero(sgt(${a}, ${b}))`,
    sgt: `iszero(slt(${a}, ${b}))`,
    add: `sub(${a}, ${b})`,
    sub: `add(${a}, ${b})`,
    or: a,
    and: a,
    eq: "0",
  };
  const swapped = changed[`${functionName.name}`];
  return swapped === undefined ? inner : [{ at: node, text: swapped }, ...inner];
}

function functionsOf(node: Node): readonly { readonly name: string; readonly body: Node }[] {
  const isCode = node.nodeType === "FunctionDefinition" || node.nodeType === "ModifierDefinition";
  if (isCode && isNode(node.body)) {
    return [{ name: `${node.name || node.kind}`, body: node.body }];
  }
  return childrenOf(node).flatMap(functionsOf);
}

/** Whether a branch leaves: by an error, a return, or the next turn of a loop. */
function isExit(value: unknown): boolean {
  if (!isNode(value)) return false;
  const last = Array.isArray(value.statements) ? value.statements.at(-1) : value;
  return isNode(last) && ["RevertStatement", "Return", "Continue", "Break"].includes(last.nodeType);
}

function alternatives(value: unknown): readonly Node[] {
  if (!isNode(value)) return [];
  return value.nodeType === "BinaryOperation" && value.operator === "||"
    ? [...alternatives(value.leftExpression), ...alternatives(value.rightExpression)]
    : [value];
}

function swapOperator(
  node: Node,
  text: (node: Node) => string,
  table: Readonly<Record<string, string>>,
): readonly Change[] {
  const { leftExpression: left, rightExpression: right } = node;
  const swapped = node.nodeType === "BinaryOperation" ? table[`${node.operator}`] : undefined;
  if (swapped === undefined || !isNode(left) || !isNode(right)) return [];
  return [{ at: node, text: `${text(left)} ${swapped} ${text(right)}` }];
}

/** Expression statements end before their semicolon in the tree. */
function withSemicolon(source: string, range: { start: number; end: number }) {
  const end = source.indexOf(";", range.end - 1) + 1;
  return { start: range.start, end };
}

function brief(text: string): string {
  const words = Buffer.from(text, "latin1").toString().replaceAll(/\s+/g, " ");
  return words.length <= 60 ? words : `${words.slice(0, 57)}...`;
}
