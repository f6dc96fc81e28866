import { createRequire } from "node:module";

import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatEthersChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatVerify from "@nomicfoundation/hardhat-verify";
import { configVariable, defineConfig, task } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { buildHooks } from "./scripts/build/hook.ts";

// The compiler is the npm package of the lock file: nothing is downloaded at build time.
const solc = {
  version: "0.8.37",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
};
const settings = {
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  evmVersion: "cancun",
};
const compiler = { ...solc, settings };

// What shares one configuration is compiled in one job. The large contracts have equal ones of
// their own, so that they are compiled at the same time.
const apart = ["Depository", "Enforcement"];
const contracts = {
  compilers: [compiler],
  overrides: Object.fromEntries(
    apart.map((name) => [`contracts/${name}.sol`, { ...compiler, settings: { ...settings } }]),
  ),
};

// Solidity tests deploy what the profile of the contracts made, so how they themselves are
// compiled does not matter, except for the time that it takes: a sixth of it without the IR.
const legacy = { ...solc, settings: { ...settings, viaIR: false } };

// Test files that the legacy pipeline cannot compile ("Stack too deep").
const deep: readonly string[] = [];
const tests = {
  compilers: [legacy],
  overrides: Object.fromEntries(
    deep.map((name) => [`test/contract/solidity/${name}.t.sol`, compiler]),
  ),
};

const builds: HardhatPlugin = {
  id: "xln-builds",
  hookHandlers: { solidity: async () => ({ default: buildHooks }) },
};

const checkJurisdiction = task(
  "jurisdiction",
  "Says whether what stands on a chain is what these sources compile to",
)
  .addPositionalArgument({ name: "depository", description: "address of the Depository" })
  .setAction(() => import("./scripts/deployed/task.ts"))
  .build();

export default defineConfig({
  tasks: [checkJurisdiction],
  plugins: [
    builds,
    hardhatEthers,
    hardhatEthersChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
    hardhatVerify,
  ],
  solidity: {
    // Solidity tests are compiled apart, so that they leave neither artifacts nor bindings.
    splitTestsCompilation: true,
    profiles: { default: contracts, production: contracts, test: tests },
  },
  paths: {
    tests: { mocha: "./test/contract", solidity: "./test/contract/solidity" },
  },
  typechain: { outDir: "typechain-types", tsNocheck: true },
  networks: {
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    // A local chain that begins as a copy of another: `XLN_FORK_URL=… --network fork`.
    fork: {
      type: "edr-simulated",
      chainType: "l1",
      forking: { url: configVariable("XLN_FORK_URL") },
    },
    // Any EVM chain with Cancun: `XLN_RPC_URL=… XLN_DEPLOYER_KEY=… --network remote`.
    remote: {
      type: "http",
      url: configVariable("XLN_RPC_URL"),
      accounts: [configVariable("XLN_DEPLOYER_KEY")],
    },
  },
  test: {
    solidity: {
      fuzz: { seed: "0x584c4e", runs: 256 },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
    },
  },
});
