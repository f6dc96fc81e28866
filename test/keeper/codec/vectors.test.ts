import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { vectorFiles, vectorFolder } from "../../../scripts/vectors.ts";

describe("vectors", () => {
  it("TST-2, ARC-4: the committed files are, byte for byte, what the keeper produces", () => {
    const files = vectorFiles();
    expect([...files.keys()]).to.deep.equal([
      "action.json",
      "board.json",
      "digest.json",
      "rlp.json",
      "root.json",
      "signature.json",
    ]);
    for (const [name, text] of files) {
      const committed = readFileSync(new URL(name, vectorFolder), "utf8");
      expect(committed === text, `${name} differs: run node scripts/vectors.ts`).to.equal(true);
    }
  });
});
