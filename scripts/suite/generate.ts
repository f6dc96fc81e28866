/**
 * Compiles the contracts and writes their bindings into another folder than the project's own:
 * `node scripts/suite/generate.ts FOLDER`. The suite `bindings` compares the two.
 */
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import config from "../../hardhat.config.ts";

const outDir = process.argv[2];
if (outDir === undefined) throw new Error("the folder for the bindings is missing");
const environment = await createHardhatRuntimeEnvironment({
  ...config,
  typechain: { ...config.typechain, outDir },
});
await environment.tasks.getTask("build").run({ quiet: true });
