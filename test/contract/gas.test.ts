import { readFile } from "node:fs/promises";

import { expect } from "chai";
import hre from "hardhat";
import { before, describe, it } from "mocha";

import { measureStories, type StoryCost } from "./measure.ts";

type Snapshot = {
  readonly gas: Readonly<Record<string, number>>;
  readonly size: Readonly<Record<string, number>>;
};

/** What EIP-170 lets a contract have, in bytes. */
const MAX_SIZE = 24_576;
const TOLERANCE = 0.01;

const path = new URL("./snapshot.json", import.meta.url);

describe("gas and size, by story", () => {
  let snapshot: Snapshot;
  let costs: readonly StoryCost[];

  before(async function () {
    this.timeout(120_000);
    snapshot = JSON.parse(await readFile(path, "utf8"));
    costs = await measureStories();
  });

  it("TST-1: every story costs what the committed snapshot says, within 1 %", () => {
    const measured = Object.fromEntries(costs.map(({ work, gas }) => [work, gas]));
    expect(Object.keys(measured)).to.deep.equal(Object.keys(snapshot.gas));
    for (const [work, gas] of Object.entries(snapshot.gas)) {
      const distance = Math.abs((measured[work] ?? 0) - gas) / gas;
      expect(distance, `${work}: ${gas} → ${measured[work]}`).to.be.at.most(TOLERANCE);
    }
  });

  it("TST-1: every contract has the committed size, within 1 %, and fits EIP-170", async () => {
    for (const [name, size] of Object.entries(snapshot.size)) {
      const { deployedBytecode } = await hre.artifacts.readArtifact(name);
      const measured = (deployedBytecode.length - 2) / 2;
      expect(measured, name).to.be.at.most(MAX_SIZE);
      expect(Math.abs(measured - size) / size, `${name}: ${size} → ${measured}`).to.be.at.most(
        TOLERANCE,
      );
    }
  });
});
