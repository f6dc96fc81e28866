import { readFile } from "node:fs/promises";

import { expect } from "chai";
import hre from "hardhat";
import { before, describe, it } from "mocha";

import { countSteps, PARTS, type Step, total } from "./breakdown.ts";
import { measuredIn } from "./gas-table.ts";
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

  it("TST-1: the parts of every story add up to all of its gas", () => {
    for (const { work, whole, parts } of costs) {
      expect(total(parts), work).to.equal(whole);
      for (const part of PARTS) {
        if (part !== "refunds") expect(parts[part], `${work}: ${part}`).to.be.at.least(0);
      }
    }
  });

  it("TST-1: contracts/GAS.md says of every story what the snapshot says", async () => {
    const document = await readFile(new URL("../../contracts/GAS.md", import.meta.url), "utf8");
    expect(measuredIn(document)).to.deep.equal(snapshot.gas);
  });

  it("TST-1: a call costs what it hands over less what comes back and what its own steps cost", () => {
    const step = (op: string, gas: number, gasCost: number, depth = 1): Step => {
      return { op, gas, gasCost, depth };
    };
    const parts = countSteps([
      step("STATICCALL", 100_000, 98_000),
      step("ADD", 96_900, 3),
      step("DELEGATECALL", 94_297, 90_000),
      step("SLOAD", 90_000, 2_100, 2),
      step("LOG1", 87_900, 1_000, 2),
      step("RETURN", 86_900, 6, 2),
      step("KECCAK256", 88_588, 42),
      step("STOP", 88_546, 0),
    ]);
    // The delegated frame gets 90,000 and leaves 86,894 of them.
    expect(parts.signatures).to.equal(3_100);
    expect([parts.storage, parts.logs, parts.hashing, parts.rest]).to.deep.equal([
      2_100, 1_000, 42, 9,
    ]);
    expect(parts.calls).to.equal(94_297 - 88_588 - (90_000 - 86_894));
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
