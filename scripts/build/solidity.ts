import { createRequire } from "node:module";

import type { HardhatUserConfig } from "hardhat/config";

// The compiler is the npm package of the lock file: nothing is downloaded at build time.
const solc = {
  version: "0.8.37",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
};

// The compiler's own sequence of this version, without its FunctionSpecializer (F), which copies a
// function for every constant that it is called with. That makes what is deployed a tenth smaller,
// and calls hardly dearer.
const optimizerSteps =
  "dfDvulfnTUtnIfxa[r]EscLMVcul[j]Trpeulxa[r]cLvifMCTUca[r]LSsTOtfDnca[r]IulcscCTUtvifM" +
  "x[scCTUt]TOntnfDIulvifMjmul[jul]VcTOculjmul:fDnTOcmuO";
const settings = {
  viaIR: true,
  optimizer: { enabled: true, runs: 200, details: { yul: true, yulDetails: { optimizerSteps } } },
  evmVersion: "cancun",
};
const compiler = { ...solc, settings };

// What shares one configuration is compiled in one job. The large contracts have equal ones of
// their own, so that they are compiled at the same time.
const apart = ["Depository", "Enforcement"];

// Solidity tests deploy what the profile of the contracts made, so how they themselves are
// compiled matters only for the time that it takes: a tenth of it without the IR and without
// optimisation. Literals in order are what lets arguments of deep calls reach the stack's top.
const off = {
  yul: false,
  cse: false,
  inliner: false,
  jumpdestRemover: false,
  peephole: false,
  deduplicate: false,
  constantOptimizer: false,
};
const legacy = {
  ...solc,
  settings: {
    ...settings,
    viaIR: false,
    optimizer: { enabled: true, runs: 200, details: { ...off, orderLiterals: true } },
  },
};

// Test files that the legacy pipeline cannot compile ("Stack too deep").
const deep: readonly string[] = [];

// Few steps of the optimiser, which take half the time of all.
const quick = {
  enabled: true,
  runs: 200,
  details: {
    yul: true,
    yulDetails: { stackAllocation: true, optimizerSteps: "dhfoDgvulfnTUtnIf:" },
  },
};

/**
 * How Hardhat compiles.
 * @param sources the folder of the contracts
 * @param effort how much the optimiser does for them: all that is deployed has the whole of it
 */
export function solidityConfig(
  sources: string,
  effort: "whole" | "quick" = "whole",
): NonNullable<HardhatUserConfig["solidity"]> {
  const own = effort === "whole" ? settings : { ...settings, optimizer: quick };
  const contracts = {
    compilers: [{ ...solc, settings: own }],
    overrides: Object.fromEntries(
      apart.map((name) => [`${sources}/${name}.sol`, { ...solc, settings: { ...own } }]),
    ),
  };
  const tests = {
    compilers: [legacy],
    overrides: Object.fromEntries(
      deep.map((name) => [`test/contract/solidity/${name}.t.sol`, compiler]),
    ),
  };
  return {
    // "production" is what Ignition asks for, and whose settings verification hands to explorers.
    // Solidity tests are compiled apart, so that they leave neither artifacts nor bindings.
    splitTestsCompilation: true,
    profiles: { default: contracts, production: contracts, test: tests },
  };
}
