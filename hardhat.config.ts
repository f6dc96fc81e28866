import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatEthersChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import hardhatVerify from "@nomicfoundation/hardhat-verify";
import { configVariable, defineConfig, task } from "hardhat/config";

import { builds } from "./scripts/build/hook.ts";
import { solidityConfig } from "./scripts/build/solidity.ts";

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
  solidity: solidityConfig("contracts"),
  paths: {
    tests: { mocha: "./test/contract", solidity: "./test/contract/solidity" },
  },
  // `./xln hardhat ignition verify DEPLOYMENT --network remote` hands sources to Sourcify, whose
  // answers explorers take over, and to Etherscan if there is a key.
  verify: {
    etherscan:
      process.env.ETHERSCAN_API_KEY === undefined
        ? { enabled: false }
        : { apiKey: configVariable("ETHERSCAN_API_KEY") },
    blockscout: { enabled: false },
    sourcify:
      process.env.XLN_SOURCIFY_URL === undefined ? {} : { apiUrl: process.env.XLN_SOURCIFY_URL },
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
