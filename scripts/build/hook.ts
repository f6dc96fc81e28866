import { availableParallelism } from "node:os";

import type { SolidityHooks } from "hardhat/types/hooks";
import type { HardhatPlugin } from "hardhat/types/plugins";

/**
 * How Hardhat's builds run here. Solidity tests are compiled by a profile of their own; jobs run on
 * every core, since Hardhat itself would leave one idle; bindings list contracts in one order, not
 * in that of the file system.
 */
const hooks = async (): Promise<Partial<SolidityHooks>> => ({
  build: (context, rootFilePaths, options, next) => {
    const concurrency = options?.concurrency ?? availableParallelism();
    // Ignition asks for "production", which would compile the same settings again, each contract
    // alone, and have the next command compile them once more: minutes for the same bytes.
    const buildProfile = options?.scope === "tests" ? "test" : "default";
    return next(context, rootFilePaths, { ...options, concurrency, buildProfile });
  },
  processArtifactsAfterSuccessfulBuild: async (_context, artifactPaths) => {
    // The plugin that writes the bindings takes this very array.
    (artifactPaths as string[]).sort();
  },
});

/** The plugin that brings them. */
export const builds: HardhatPlugin = {
  id: "xln-builds",
  hookHandlers: { solidity: async () => ({ default: hooks }) },
};
