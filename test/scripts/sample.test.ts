import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { partition } from "../../keeper/cli/partition.ts";
import { detect } from "../../keeper/netting/detect.ts";
import { parseLedger } from "../../keeper/netting/ledger/parse.ts";
import type { Ledger } from "../../keeper/netting/ledger/types.ts";
import { solve } from "../../keeper/netting/solve.ts";
import { totals } from "../../keeper/netting/total.ts";
import {
  describeSample,
  SAMPLE_SEED,
  sampleLedger,
  sampleObligations,
} from "../../scripts/sample.ts";

const committed = (name: string) =>
  readFileSync(new URL(`../../ledger/${name}`, import.meta.url), "utf8");
const OTHER_SEEDS = [1, 2, 3] as const;

describe("sample ledger", () => {
  it("is what its generator gives, byte for byte", () => {
    const again = "make it again: node scripts/sample.ts --out ledger/sample.csv";
    expect(sampleLedger(SAMPLE_SEED) === committed("sample.csv"), again).to.equal(true);
    const obligations = sampleObligations(SAMPLE_SEED) === committed("obligations.csv");
    expect(obligations, "node scripts/sample.ts --kind obligations").to.equal(true);
    expect(sampleLedger(SAMPLE_SEED + 1)).to.not.equal(sampleLedger(SAMPLE_SEED));
  });

  it("says its seed and the share of value on cycles", () => {
    expect(describeSample(SAMPLE_SEED, sampleLedger(SAMPLE_SEED))).to.equal(
      "seed 8: 120 entities, 400 accounts; " +
        "share of value on cycles: DAI 84.01 %, WETH 43.67 %",
    );
  });

  for (const seed of [SAMPLE_SEED, ...OTHER_SEEDS]) {
    it(`seed ${seed}: 120 entities, 400 accounts, two tokens, rows in both for some`, () => {
      const ledger = read(sampleLedger(seed));
      expect([ledger.names.length, ledger.accounts]).to.deep.equal([120, 400]);
      expect(ledger.tokens.map(({ name }) => name).toSorted()).to.deep.equal(["DAI", "WETH"]);
      const rows = ledger.tokens.reduce((sum, { lines }) => sum + lines.length, 0);
      expect(rows).to.be.greaterThan(400);
      expect(ledger.softLimit).to.equal("file");
    });

    it(`seed ${seed}: half of the accounts join two of three keepers, and names tell whose`, () => {
      const ledger = read(sampleLedger(seed));
      const { hubs, keeperOf, crossing } = partition(ledger);
      expect(hubs.map((hub) => ledger.names[hub])).to.deep.equal(["hub-a", "hub-b"]);
      expect(crossing).to.be.at.least(200);
      for (const [entity, name] of ledger.names.entries()) {
        const side = name.replace(/^hub-/, "").charAt(0);
        expect(keeperOf[entity], name).to.equal(["a", "b", "t"].indexOf(side));
      }
    });

    it(`seed ${seed}: has cycles, chains, collateral and much over its limits`, () => {
      for (const { name, network } of read(sampleLedger(seed)).tokens) {
        const { onCycles, onChains, overLimit, exposed } = detect(network);
        expect(onCycles.positions, name).to.be.greaterThan(0);
        expect(onChains.positions, name).to.be.greaterThan(0);
        expect(overLimit.length, name).to.be.greaterThan(exposed.positions / 4);
        const secured = network.positions.filter(({ collateral }) => collateral > 0n);
        expect(secured.length, name).to.be.greaterThan(network.positions.length / 4);
        expect(network.positions.every(({ delta }) => delta !== 0n)).to.equal(true);
      }
    });
  }

  it("exposures have seven or eight significant bytes, but for a few with a zero more", () => {
    const widths = read(committed("sample.csv")).tokens.flatMap(({ network }) =>
      network.positions.map(({ delta, collateral }) =>
        significantBytes(delta < 0n ? -delta : delta - collateral),
      ),
    );
    const usual = widths.filter((bytes) => bytes === 7 || bytes === 8);
    expect(Math.max(...widths)).to.equal(8);
    expect(usual.length).to.be.greaterThan(widths.length * 0.9);
  });

  it("NET-2: netting clears 15–35 % of its gross by value and 50–90 % of its excess", () => {
    for (const { name, network } of read(committed("sample.csv")).tokens) {
      const { gross, excess } = totals(network);
      const share = (part: bigint, whole: bigint) => Number((part * 1000n) / whole) / 10;
      expect(share(solve(network, "value").cleared, gross), name).to.be.within(15, 35);
      expect(share(solve(network, "excess").cleared, excess), name).to.be.within(50, 90);
    }
  });

  it("obligations come in both directions and in two tokens, and some of them net", () => {
    const ledger = read(committed("obligations.csv"));
    expect(ledger.kind).to.equal("obligations");
    for (const { name, network, bilateral } of ledger.tokens) {
      expect(bilateral > 0n, name).to.equal(true);
      expect(solve(network, "value").cleared > 0n, name).to.equal(true);
    }
  });
});

/** Bytes from the first to the last that is not zero; 0 for what is not positive. */
function significantBytes(amount: bigint): number {
  if (amount <= 0n) return 0;
  const hex = amount.toString(16);
  return hex.padStart(hex.length + (hex.length % 2), "0").replace(/(?:00)+$/, "").length / 2;
}

function read(csv: string): Ledger {
  const parsed = parseLedger(new TextEncoder().encode(csv));
  if (!parsed.ok) throw new Error(`${parsed.refusal.line}: ${parsed.refusal.message}`);
  return parsed.value;
}
