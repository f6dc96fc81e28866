import type { Command } from "commander";
import { benches } from "../../scripts/bench/registry.ts";
import { Failure } from "./failure.ts";

/** `xln bench NAME`: measures one kind of work and prints it beside its goal. */
export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("measure one kind of work, beside its goal and what the primitives allow")
    .argument("<name>", `one of: ${benches.map(({ name }) => name).join(", ")}`)
    .option("--json", "print one JSON document")
    .addHelpText("after", benches.map(({ name, title }) => `\n  ${name}: ${title}`).join(""))
    .action(async (name: string, options: { readonly json?: boolean }) => {
      const bench = benches.find((known) => known.name === name);
      if (bench === undefined) {
        const names = benches.map((known) => known.name).join(", ");
        throw new Failure("bench-unknown", `no bench ${JSON.stringify(name)}`, `one of: ${names}`);
      }
      const { runBench } = await import("./bench-run.ts");
      await runBench(bench, options.json === true);
    });
}
