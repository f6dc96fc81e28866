import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { isWell } from "../../keeper/cli/chaos/command.ts";
import { runChaos } from "../../keeper/cli/chaos/run.ts";
import { smallLedger } from "../up/ledger.ts";

const LIMIT = 300;

describe("chaos", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "xln-chaos-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  // Of a small ledger: `./xln chaos` does the same with the sample, and as many kills as are asked.
  it("TST-4: three keepers are killed, and the run ends as if nobody had been", async function () {
    this.timeout(1_000 * (LIMIT + 30));
    const file = join(folder, "ledger.csv");
    writeFileSync(file, smallLedger(4));
    const report = await runChaos({ file, seed: 94, kills: 3, limit: LIMIT });
    expect(report.faults).to.deep.equal([]);
    expect(report.doubleSignatures).to.deep.equal([]);
    // A moment that several keepers wait for may come to more than one of them.
    const seen = new Set(report.kills.map(({ moment }) => moment));
    expect([...seen].toSorted()).to.deep.equal(["afterCertificate", "afterSubmit", "beforeSync"]);
    expect(report.signatures.heard).to.be.above(200);
    expect(isWell(report)).to.equal(true);
  });
});
