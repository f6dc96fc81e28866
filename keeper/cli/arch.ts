import type { Command } from "commander";

export type ArchOptions = {
  readonly who?: string;
  readonly machine?: string;
  readonly mermaid?: boolean;
  readonly dot?: boolean;
  readonly json?: boolean;
};

/** `xln arch`: the floors of the keeper, drawn and asked. */
export function registerArch(program: Command): void {
  program
    .command("arch")
    .description("the floors of the keeper: what each owns, who may import whom, its machines")
    .option("--who <floor>", "who may import this floor, and whom it may import")
    .option("--machine <floor>", "states, inputs and effects of a machine, read from its types")
    .option("--mermaid", "draw it as a Mermaid graph")
    .option("--dot", "draw it as a Graphviz graph")
    .option("--json", "print one JSON document")
    .action(async (options: ArchOptions) => {
      const { runArch } = await import("./arch-answer.ts");
      runArch(options);
    });
}
