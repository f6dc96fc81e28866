import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { isWell } from "../../keeper/cli/chaos/command.ts";
import { runChaos } from "../../keeper/cli/chaos/run.ts";

const file = fileURLToPath(new URL("../../ledger/sample.csv", import.meta.url));
const LIMIT = 300;

describe("chaos", () => {
  it("TST-4: three keepers are killed, and the run ends as if nobody had been", async function () {
    this.timeout(1_000 * (LIMIT + 30));
    const report = await runChaos({ file, seed: 5, kills: 3, limit: LIMIT });
    expect(report.faults).to.deep.equal([]);
    expect(report.doubleSignatures).to.deep.equal([]);
    expect(report.kills.map(({ moment }) => moment).toSorted()).to.deep.equal([
      "afterCertificate",
      "afterSubmit",
      "beforeSync",
    ]);
    expect(report.signatures.heard).to.be.above(1_000);
    expect(isWell(report)).to.equal(true);
  });
});
