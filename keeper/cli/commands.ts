import type { Command } from "commander";
import { registerArch } from "./arch.ts";
import { registerBench } from "./bench.ts";
import { registerInspect } from "./inspect.ts";
import { registerNet } from "./net.ts";
import { registerReplay } from "./replay.ts";
import { registerTest } from "./test.ts";

/**
 * Every command, in the order of `--help`. A command's module declares its words and options and
 * imports what does the work only when it runs, so that starting stays fast.
 */
export const commands: readonly ((program: Command) => void)[] = [
  registerNet,
  registerInspect,
  registerReplay,
  registerTest,
  registerBench,
  registerArch,
];
