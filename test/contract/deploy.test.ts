import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { getCreateAddress } from "ethers";
import hre from "hardhat";
import { describe, it } from "mocha";

import JurisdictionModule, { TIMES, WINDOWS } from "../../ignition/modules/Jurisdiction.ts";
import type { Enforcement } from "../../typechain-types/Enforcement.ts";
import type { EntityProvider } from "../../typechain-types/EntityProvider.ts";

type Values = Readonly<Record<keyof typeof TIMES, number>> & {
  readonly minWindow: number;
  readonly maxWindow: number;
};

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** Deploys with such values (the module's own where none) and reads back what the chain holds. */
async function deployed(values?: Values): Promise<Values> {
  const { ignition } = await hre.network.create();
  const parameters = values === undefined ? {} : { Jurisdiction: values };
  const at = await ignition.deploy(JurisdictionModule, { parameters });
  const provider = at.entityProvider as unknown as EntityProvider;
  const module = at.enforcement as unknown as Enforcement;
  return {
    minWindow: Number(await module.minWindow()),
    maxWindow: Number(await module.maxWindow()),
    delay: Number(await provider.delay()),
    grace: Number(await provider.grace()),
  };
}

describe("deployment", () => {
  const files = readdirSync(new URL("../../ignition/parameters", import.meta.url));

  for (const file of files)
    it(`DIS-1, ENT-5: the chain holds what ignition/parameters/${file} says`, async () => {
      const { Jurisdiction: values } = JSON.parse(read(`ignition/parameters/${file}`)) as {
        readonly Jurisdiction: Values;
      };
      expect(await deployed(values)).to.deep.equal(values);
    });

  it("DIS-1, ENT-5: without a file it holds the module's own values", async () => {
    const own = { minWindow: WINDOWS.min, maxWindow: WINDOWS.max, ...TIMES };
    expect(await deployed()).to.deep.equal(own);
  });

  it("TST-1: explorers are handed the very settings that the contracts are built with", () => {
    const { default: built, production } = hre.config.solidity.profiles;
    expect(production?.compilers).to.deep.equal(built?.compilers);
    expect(production?.overrides).to.deep.equal(built?.overrides);
    expect(built?.compilers[0]?.settings).to.include({ viaIR: true, evmVersion: "cancun" });
  });

  it("TST-1: the README names the addresses that a fresh local chain gives", async () => {
    const { ethers } = await hre.network.create();
    const from = (await ethers.getSigners())[0]?.address ?? "";
    const readme = read("README.md");
    const named = (key: string) => new RegExp(`"${key}": "(0x\\w+)"`).exec(readme)?.[1];
    expect(named("entityProvider")).to.equal(getCreateAddress({ from, nonce: 0 }));
    expect(named("depository")).to.equal(getCreateAddress({ from, nonce: 2 }));
  });
});
