import { expect } from "chai";
import { describe, it } from "mocha";
import { createOlderDisks, isAtRest } from "./older.ts";

const SEEDS = 40;
const ROUNDS = 200;

describe("a log that is older than its guard", () => {
  it("BFT-4 ACC-6: the account goes on above what was signed, or freezes; it never waits", async () => {
    let goneOn = 0;
    let frozen = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const disks = await createOlderDisks(seed);
      for (let round = 0; round < ROUNDS; round++) disks.round();
      disks.rest();
      const accounts = disks.accounts();
      if (accounts.some((account) => account?.frozen !== null)) frozen++;
      else {
        expect(isAtRest(accounts), `seed ${seed} waits`).to.equal(true);
        expect(disks.open(), `commands of seed ${seed}`).to.equal(0);
        if (disks.refusals() > 0) goneOn++;
      }
    }
    expect(
      [goneOn, frozen].every((count) => count > 1),
      `${goneOn} ${frozen}`,
    ).to.equal(true);
  });
});
