import { expect } from "chai";
import { describe, it } from "mocha";
import { armAll, coinbaseOf, locate } from "../../scripts/mutant/arm.ts";
import { operate, operators } from "../../scripts/mutant/operator.ts";
import { readSources } from "../../scripts/mutant/project.ts";
import { parse } from "../../scripts/mutant/syntax.ts";
import { table } from "../../scripts/mutant/table.ts";
import type { Edit, Mutant, Sources } from "../../scripts/mutant/types.ts";
import { faults } from "../../scripts/plant/fault.ts";

const source = `pragma solidity 0.8.37;
// What a “quota” is.
contract Quota {
    uint256 public left;
    uint256 private constant MOST = 5;
    error Over(uint256 amount);
    function take(uint256 amount) external returns (uint256) {
        if (amount > left || amount > MOST) revert Over(amount);
        left = left - amount;
        return left;
    }
    function twice(uint256 x) external pure returns (uint256) {
        return x + x;
    }
}
`;
const sources: Sources = new Map([["Quota.sol", Buffer.from(source).toString("latin1")]]);
const text = (file = "Quota.sol", from = sources) =>
  Buffer.from(from.get(file) ?? "", "latin1").toString();
const edit = (find: string, replace: string, as?: "statement"): Edit =>
  locate(sources, { name: find, file: "Quota.sol", find, replace, ...(as ? { as } : {}) });

describe("mutants", () => {
  it("TST-1: have one place each, or are refused", () => {
    expect(edit("amount > left", "false").start).to.equal(
      sources.get("Quota.sol")?.indexOf("amount > left"),
    );
    expect(() => edit("amount < left", "false")).to.throw("no place of");
    expect(() => edit("left", "0")).to.throw("more than one place");
  });

  it("TST-1: are planted behind a condition each, within one another and side by side", () => {
    const armed = text(
      "Quota.sol",
      armAll(sources, [
        edit("amount > left", "amount >= left"),
        edit("amount > left || amount > MOST", "false"),
        edit("amount > MOST", "false"),
        edit("left = left - amount;", "", "statement"),
      ]),
    );
    const on = (index: number) =>
      `block.coinbase == address(uint160(0x${(0xfa0000 + index).toString(16)}))`;
    expect(armed).to.include(
      `if (((${on(1)}) ? (false) : (((${on(0)}) ? (amount >= left) : (amount > left)) || ` +
        `((${on(2)}) ? (false) : (amount > MOST))))) revert Over(amount);`,
    );
    expect(armed).to.include(`{ if (${on(3)}) {  } else { left = left - amount; } }`);
    expect(armed).to.include("external view returns").and.to.include("“quota”");
    expect(coinbaseOf(1)).to.equal("0x0000000000000000000000000000000000fa0001");
  });

  it("TST-1: may not cut one another in two", () => {
    const cut = [edit("amount > left ||", "false"), edit("|| amount > MOST", "false")];
    expect(() => armAll(sources, cut)).to.throw("in two");
  });

  it("TST-1: are made by operators wherever code has their form", function () {
    this.timeout(60_000);
    const made = operate(sources, ["Quota.sol"], Object.keys(operators));
    expect(made.map(({ name, text: words }) => `${name} → ${words}`)).to.deep.equal([
      "Quota.sol take check: amount > left → false",
      "Quota.sol take check: amount > MOST → false",
      "Quota.sol take logic: amount > left || amount > MOST → amount > left && amount > MOST",
      "Quota.sol take boundary: amount > left → amount >= left",
      "Quota.sol take boundary: amount > MOST → amount >= MOST",
      "Quota.sol take constant: MOST → MOST + 1",
      "Quota.sol take drop: left = left - amount → ",
      "Quota.sol take sign: left - amount → left + amount",
      "Quota.sol twice sign: x + x → x - x",
    ]);
    expect(() => armAll(sources, made)).to.not.throw();
  });

  it("TST-1: of the table and of the faults fit the contracts as they stand", async function () {
    this.timeout(60_000);
    const current = await readSources();
    for (const list of [table, faults]) {
      expect(list.filter((mutant) => !hasPlace(current, mutant)).map(({ name }) => name)).to.be
        .empty;
      expect(new Set(list.map(({ name }) => name)).size).to.equal(list.length);
    }
    // solc takes them, all at once.
    const all = [...table, ...faults].map((mutant) => locate(current, mutant));
    parse(armAll(current, all));
  });
});

function hasPlace(from: Sources, mutant: Mutant): boolean {
  try {
    return locate(from, mutant).name === mutant.name;
  } catch {
    return false;
  }
}
