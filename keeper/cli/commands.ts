import type { Command } from "commander";
import { registerArch } from "./arch.ts";
import { registerAudit } from "./audit.ts";
import { registerBench } from "./bench.ts";
import { registerChaos } from "./chaos.ts";
import { registerInspect } from "./inspect.ts";
import { registerKeeper } from "./keeper.ts";
import { registerNet } from "./net.ts";
import { registerReplay } from "./replay.ts";
import { registerTest } from "./test.ts";
import { registerUp } from "./up.ts";

/**
 * Every command, in the order of `--help`. A command's module declares its words and options and
 * imports what does the work only when it runs, so that starting stays fast.
 */
export const commands: readonly ((program: Command) => void)[] = [
  registerUp,
  registerNet,
  registerKeeper,
  registerInspect,
  registerReplay,
  registerAudit,
  registerChaos,
  registerTest,
  registerBench,
  registerArch,
];
