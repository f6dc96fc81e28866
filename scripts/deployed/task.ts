import type { NewTaskActionFunction } from "hardhat/types/tasks";

import { checkJurisdiction } from "./check.ts";

/** `./xln hardhat jurisdiction 0x… --network NAME`; exit code 1 if a check fails. */
const check: NewTaskActionFunction<{ readonly depository: string }> = async (given, hre) => {
  const { ethers } = await hre.network.create();
  const build = (name: string) => hre.artifacts.readArtifact(name);
  const findings = await checkJurisdiction(ethers, build, given.depository);
  for (const { ok, what } of findings) process.stdout.write(`${ok ? "✔" : "✘"} ${what}\n`);
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
};

export default check;
