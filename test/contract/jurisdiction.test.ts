import { expect } from "chai";
import hre from "hardhat";
import { beforeEach, describe, it } from "mocha";

import { checkJurisdiction } from "../../scripts/deployed/check.ts";
import { deployJurisdiction, type Jurisdiction } from "./jurisdiction.ts";

describe("a jurisdiction that stands on a chain", () => {
  let at: Jurisdiction;
  let address: string;

  beforeEach(async () => {
    at = await deployJurisdiction();
    address = await at.depository.getAddress();
  });

  const faults = async (depository: string) => {
    const build = (name: string) => hre.artifacts.readArtifact(name);
    const findings = await checkJurisdiction(at.ethers, build, depository);
    return findings.flatMap(({ ok, what }) => (ok ? [] : [what]));
  };

  /** Puts other code where a contract is, one byte changed. */
  async function change(contract: string, byte: number): Promise<void> {
    const code = await at.ethers.provider.getCode(contract);
    const place = 2 + 2 * byte;
    const other = code.slice(place, place + 2) === "00" ? "01" : "00";
    const changed = code.slice(0, place) + other + code.slice(place + 2);
    await at.ethers.provider.send("hardhat_setCode", [contract, changed]);
  }

  it("TST-1: is what the sources compile to, with times that fit each other", async () => {
    expect(await faults(address)).to.deep.equal([]);
  });

  it("TST-1: one byte of code changed is found and named", async () => {
    const length = ((await at.ethers.provider.getCode(address)).length - 2) / 2;
    await change(address, length - 60);
    expect(await faults(address)).to.deep.equal([
      `Depository at ${address}: the code differs from the compiled one at byte ${length - 60}`,
    ]);
  });

  it("TST-1: an immutable that is none of its own is found", async () => {
    const module = await at.depository.enforcement();
    const { immutableReferences } = await hre.artifacts.readArtifact("Enforcement");
    const [place] = Object.values(immutableReferences ?? {})[0] ?? [];
    if (place === undefined) throw new Error("the module has no immutables");
    await change(module, place.start + 20);
    const [fault] = await faults(address);
    expect(fault).to.match(/^Enforcement at 0x\w+: immutable \d+ (is 0x\w+, which|has \d+ values)/);
  });

  it("TST-1: nothing at the address is said so", async () => {
    const nobody = `0x${"11".repeat(20)}`;
    expect(await faults(nobody)).to.deep.equal([`Depository: no contract is at ${nobody}`]);
  });
});
