import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type BadInput, badInputOf } from "./bad-input.ts";

const folder = new URL("../../bad-input/", import.meta.url);

type Row = BadInput & { readonly error: Readonly<Record<string, string | number | null>> };

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  describe(`bad input: ${file}`, () => {
    const rows = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as readonly Row[];

    it("says something different, or of a different place, about every row", () => {
      expect(new Set(rows.map(({ what }) => what)).size).to.equal(rows.length);
      expect(rows.length).to.be.at.least(15);
    });

    for (const row of rows) {
      it(`${row.what}: ${row.error.code}`, async () => {
        const { code, document, words } = await badInputOf(row);
        expect(code).to.equal(2);
        expect(document).to.deep.equal({ schema: 1, error: row.error });
        expect(words).to.include(row.error.message).and.include(row.error.fix);
        // A terminal obeys control characters: none may come from the file.
        expect(words.replaceAll("\n", "")).to.not.match(/[\p{Cc}\u202a-\u202e]/u);
      });
    }
  });
}
