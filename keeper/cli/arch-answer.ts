import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Floor } from "../architecture.ts";
import { findFloor, floors, importersOf, importsOf } from "../architecture.ts";
import type { ArchOptions } from "./arch.ts";
import { Failure } from "./failure.ts";
import { print, printDocument, printTable } from "./output.ts";
import { readUnions, type Union } from "./union.ts";

/**
 * Prints the table of floors, a drawing of it, or the answer to a question about it.
 * @throws Failure `floor-unknown`, `no-machine`
 */
export function runArch(options: ArchOptions): void {
  if (options.who !== undefined) return answerWho(named(options.who), options.json === true);
  if (options.machine !== undefined) {
    return answerMachine(named(options.machine), options.json === true);
  }
  if (options.mermaid === true) return print(mermaidText());
  if (options.dot === true) return print(dotText());
  if (options.json === true) return printDocument({ floors: floors.map(describe) });
  printTable(
    ["floor", "kind", "machine", "packages", "owns"],
    floors.map((floor) => [
      floor.name,
      floor.kind,
      floor.machine ? "yes" : "",
      floor.packages.includes("*") ? "any" : floor.packages.join(", "),
      floor.owns,
    ]),
  );
  print("\nA pure floor imports the pure floors above it; a shell floor imports pure floors and");
  print("observe; the root imports all and hands the shell floors to one another.");
}

/** A graph of the floors for Mermaid: an arrow goes from a floor to one that it may import. */
export function mermaidText(): string {
  const nodes = floors.map((floor) => {
    const [open, close] = { pure: ["[", "]"], shell: ["(", ")"], root: ["{{", "}}"] }[floor.kind];
    return `  ${floor.name}${open}${floor.name}${close}`;
  });
  return ["graph TD", ...nodes, ...arrows().map(([from, to]) => `  ${from} --> ${to}`)].join("\n");
}

/** The same for Graphviz. */
export function dotText(): string {
  const shapes = { pure: "box", shell: "ellipse", root: "hexagon" };
  const nodes = floors.map((floor) => `  ${floor.name} [shape=${shapes[floor.kind]}];`);
  const edges = arrows().map(([from, to]) => `  ${from} -> ${to};`);
  return ["digraph xln {", ...nodes, ...edges, "}"].join("\n");
}

/** What a machine can be in, be told and ask for; null where its file is not there. */
export function machineOf(floor: Floor): {
  readonly states: readonly Union[];
  readonly inputs: readonly Union[];
  readonly effects: readonly Union[];
} {
  return {
    states: read(floor, "types.ts").filter(({ name }) => /(State|Status|Phase|Stage)$/.test(name)),
    inputs: read(floor, "input.ts"),
    effects: read(floor, "effect.ts"),
  };
}

/** Every import that the table allows, without those that go through another. */
function arrows(): readonly (readonly [string, string])[] {
  return floors.flatMap((floor) => {
    const direct = importsOf(floor);
    const far = new Set(direct.flatMap((other) => importsOf(other)));
    return direct
      .filter((other) => !far.has(other))
      .map((other) => [floor.name, other.name] as const);
  });
}

function answerWho(floor: Floor, json: boolean): void {
  const importedBy = importersOf(floor).map((other) => other.name);
  const imports = importsOf(floor).map((other) => other.name);
  if (json) return printDocument({ floor: floor.name, importedBy, imports });
  print(`${floor.name}: ${floor.owns}`);
  print(`may be imported by  ${importedBy.join(", ") || "nobody"}`);
  print(`may import          ${imports.join(", ") || "no floor"}`);
  const packages = [...floor.packages, ...floor.node.map((name) => `node:${name}`)];
  print(`and from outside    ${[...packages, ...floor.folders].join(", ") || "nothing"}`);
}

function answerMachine(floor: Floor, json: boolean): void {
  if (!floor.machine) {
    const known = floors.filter((other) => other.machine).map((other) => other.name);
    throw new Failure("no-machine", `${floor.name} has no machine`, `one of ${known.join(", ")}`);
  }
  const machine = machineOf(floor);
  if (json) return printDocument({ floor: floor.name, ...machine });
  for (const [title, unions] of Object.entries(machine)) {
    for (const union of unions) {
      print(`${title}: ${union.name}`);
      for (const arm of union.arms) print(`  ${arm.name.padEnd(20)} ${arm.about}`.trimEnd());
    }
  }
}

function describe(floor: Floor): object {
  const { name, owns, kind, machine, packages, node, folders } = floor;
  const imports = importsOf(floor).map((other) => other.name);
  const unions = machine ? machineOf(floor) : undefined;
  const names = (list: readonly Union[]) => list.flatMap(({ arms }) => arms.map((arm) => arm.name));
  return {
    name,
    owns,
    kind,
    imports,
    packages,
    node,
    folders,
    machine:
      unions === undefined
        ? null
        : {
            states: names(unions.states),
            inputs: names(unions.inputs),
            effects: names(unions.effects),
          },
  };
}

function read(floor: Floor, file: string): readonly Union[] {
  const path = fileURLToPath(new URL(`../${floor.name}/${file}`, import.meta.url));
  return existsSync(path) ? readUnions(readFileSync(path, "utf8")) : [];
}

function named(name: string): Floor {
  const floor = findFloor(name);
  if (floor !== undefined) return floor;
  const known = floors.map((other) => other.name).join(", ");
  throw new Failure("floor-unknown", `there is no floor ${name}`, `one of ${known}`);
}
