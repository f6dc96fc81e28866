import { expect } from "chai";
import { describe, it } from "mocha";
import {
  amountText,
  changeText,
  scaledText,
  scaleOf,
  shareText,
  stepsOf,
} from "../../../keeper/cli/quantity.ts";

describe("cli/quantity", () => {
  it("groups digits in threes", () => {
    const texts = [0n, 7n, 999n, 1000n, -1234567n].map(amountText);
    expect(texts).to.deep.equal(["0", "7", "999", "1,000", "-1,234,567"]);
  });

  it("computes shares in bigint, rounded half up, and never shows something as nothing", () => {
    expect(shareText(1n, 3n)).to.equal("33.33 %");
    expect(shareText(2n, 3n)).to.equal("66.67 %");
    expect(shareText(1n, 20_000n)).to.equal("0.01 %");
    expect(shareText(1n, 20_001n)).to.equal("<0.01 %");
    expect(shareText(0n, 5n)).to.equal("0.00 %");
    expect(shareText(5n, 0n)).to.equal("–");
    const huge = 2n ** 126n;
    expect(shareText(huge, huge * 2n)).to.equal("50.00 %");
  });

  it("signs changes", () => {
    expect(changeText(200n, 150n)).to.equal("−25.00 %");
    expect(changeText(200n, 250n)).to.equal("+25.00 %");
    expect(changeText(200n, 200n)).to.equal("0 %");
    expect(changeText(10n ** 9n, 10n ** 9n - 1n)).to.equal("−<0.01 %");
    expect(changeText(0n, 5n)).to.equal("–");
  });

  it("scales large amounts by powers of a thousand and leaves others exact", () => {
    expect(scaleOf(999_999_999n)).to.equal(0);
    expect(scaleOf(1_000_000_000n)).to.equal(3);
    expect(scaleOf(2_298_575_320n * 10n ** 15n)).to.equal(18);
    expect(scaledText(1_234_567n, 0)).to.equal("1,234,567");
    expect(scaledText(1_234_567_891n, 3)).to.equal("1,234,567.89");
    expect(scaledText(1_234_999n, 3)).to.equal("1,235.00");
    expect(scaledText(4n, 3)).to.equal("<0.01");
    expect(scaledText(0n, 3)).to.equal("0.00");
  });

  it("gives bars a step for anything, all steps for the most, none for nothing", () => {
    expect([0n, 1n, 500n, 1000n].map((amount) => stepsOf(amount, 1000n, 20))).to.deep.equal([
      0, 1, 10, 20,
    ]);
    expect(stepsOf(0n, 0n, 20)).to.equal(0);
  });
});
