import { expect } from "chai";
import { describe, it } from "mocha";
import { besiege } from "./siege.ts";

/** Seeds that once broke something come first; a longer campaign is `SIEGE_SEEDS=1000`. */
const FIRST = 1;
const SEEDS = Number(process.env.SIEGE_SEEDS ?? 7);
const ROUNDS = 400;

describe("a keeper under siege", function () {
  this.timeout(60_000 + SEEDS * 5_000);

  it(`TST-4 RCP-1 ARC-4: lies, kills and commands, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, async () => {
    const counts = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const siege = await besiege(seed);
      try {
        for (let round = 0; round < ROUNDS; round++) siege.round();
        siege.replay();
      } catch (cause) {
        throw new Error(`seed ${seed} breaks the keeper: ${String(cause)}`, { cause });
      }
      for (const [what, times] of siege.counts) counts.set(what, (counts.get(what) ?? 0) + times);
    }
    // A campaign that reaches nothing proves nothing.
    for (const what of [
      "committed",
      "done frame",
      "done batch",
      "submit settlement",
      "certified",
    ]) {
      expect(counts.get(what) ?? 0, what).to.be.greaterThan(0);
    }
  });
});
