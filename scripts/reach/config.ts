import { defineConfig } from "hardhat/config";

import config from "../../hardhat.config.ts";
import { solidityConfig } from "../build/solidity.ts";
import { neutralHits } from "./library.ts";

/**
 * The project's configuration, but for where things go: nothing else may find what is compiled
 * here, since it counts its statements.
 */
export default defineConfig({
  ...config,
  plugins: [...(config.plugins ?? []), neutralHits],
  // The whole effort of the optimiser makes more of the counted code than solc can place.
  solidity: solidityConfig("contracts", "quick"),
  paths: { ...config.paths, cache: "./coverage/cache", artifacts: "./coverage/artifacts" },
  coverage: { skipFiles: ["contracts/dev/**"] },
});
