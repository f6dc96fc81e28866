import { expect } from "chai";
import { describe, it } from "mocha";

import { locate } from "../../scripts/mutant/arm.ts";
import { readSources } from "../../scripts/mutant/project.ts";
import { openings } from "../../scripts/plant/attack.ts";

describe("TST-1: what is taken away to see the tests of attacks fail", () => {
  it("is in exactly one place of the contracts, each time", async () => {
    const sources = await readSources();
    for (const opening of openings) {
      const { start, end, text } = locate(sources, opening);
      const found = sources.get(opening.file)?.slice(start, end);
      expect(found, opening.name).to.equal(opening.find);
      expect(text, opening.name).to.not.equal(found);
    }
  });
});
