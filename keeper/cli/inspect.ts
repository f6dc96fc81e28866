import type { Command } from "commander";

export type InspectOptions = {
  readonly data: string;
  readonly height?: string;
  readonly json?: boolean;
};

/** `xln inspect`: what a data folder holds, checked byte by byte (STO-2). */
export function registerInspect(program: Command): void {
  program
    .command("inspect")
    .description("what a data folder holds: segments, heights, roots, checkpoint; or one tick")
    .option("--data <folder>", "the keeper's data folder", ".xln/data")
    .option("--height <n>", "show what the tick of this height took in")
    .option("--json", "print one JSON document")
    .action(async (options: InspectOptions) => {
      const { runInspect } = await import("./inspect-answer.ts");
      await runInspect(options);
    });
}
