import { expect } from "chai";
import { describe, it } from "mocha";
import { partition } from "../../../keeper/cli/partition.ts";
import { parseLedger } from "../../../keeper/netting/ledger/parse.ts";

/** Keepers by name, for accounts written as "a b". */
function shares(...accounts: readonly string[]) {
  const rows = accounts.map((account) => `${account.replace(" ", ",")},T,0,0,0,0`);
  const header = "left,right,token,delta,collateral,creditLeft,creditRight";
  const parsed = parseLedger(new TextEncoder().encode([header, ...rows].join("\n")));
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  const { names } = parsed.value;
  const { hubs, keeperOf, crossing } = partition(parsed.value);
  return {
    hubs: hubs.map((hub) => names[hub]).join(" "),
    sides: [0, 1, 2].map((side) => names.filter((_, i) => keeperOf[i] === side).join(" ")),
    crossing,
  };
}

describe("cli/partition", () => {
  it("gives each hub its own firms, and the rest those who bank with both or with none", () => {
    const found = shares("z a", "z b", "z c", "y d", "e y", "y c", "a f", "f d");
    expect(found.hubs).to.equal("y z");
    expect(found.sides).to.deep.equal(["y d e", "z a b", "c f"]);
    expect(found.crossing).to.equal(4);
  });

  it("keeps hubs on their own sides when they keep an account with each other", () => {
    const found = shares("z y", "z a", "z b", "y c", "y d");
    expect(found.sides).to.deep.equal(["y c d", "z a b", ""]);
    expect(found.crossing).to.equal(1);
  });

  it("does not depend on an account's orientation", () => {
    const found = shares("a z", "b z", "c z", "d y", "y e", "c y", "f a", "d f");
    expect(found.sides.map((side) => side.split(" ").toSorted().join(" "))).to.deep.equal([
      "d e y",
      "a b z",
      "c f",
    ]);
  });

  it("shares out the smallest ledger", () => {
    expect(shares("b a")).to.deep.equal({ hubs: "a b", sides: ["a", "b", ""], crossing: 1 });
  });
});
