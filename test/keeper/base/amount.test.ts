import { expect } from "chai";
import { describe, it } from "mocha";
import {
  absBigint,
  addAmount,
  addDelta,
  clampBigint,
  isAmount,
  isDelta,
  MAX_AMOUNT,
  maxBigint,
  minBigint,
  requireAmount,
  requireDelta,
  subtractAmount,
} from "../../../keeper/base/amount.ts";
import { InvariantError } from "../../../keeper/base/assert.ts";
import type { Result } from "../../../keeper/base/result.ts";

function outcome(result: Result<bigint>): string {
  return result.ok ? `${result.value}` : result.refusal.code;
}

describe("amount", () => {
  it("RCP-5: amounts are 0 ≤ x < 2^127, deltas the same with a sign", () => {
    const limit = 2n ** 127n;
    expect([-1n, 0n, limit - 1n, limit].map(isAmount)).to.deep.equal([false, true, true, false]);
    const deltas = [-limit, -limit + 1n, 0n, limit - 1n, limit];
    expect(deltas.map(isDelta)).to.deep.equal([false, true, true, true, false]);
  });

  it("RCP-5: arithmetic that leaves the range is refused, never wrapped", () => {
    expect(outcome(addAmount(MAX_AMOUNT - 1n, 1n))).to.equal(`${MAX_AMOUNT}`);
    expect(outcome(addAmount(MAX_AMOUNT, 1n))).to.equal("amountRange");
    expect(outcome(subtractAmount(5n, 5n))).to.equal("0");
    expect(outcome(subtractAmount(5n, 6n))).to.equal("amountRange");
    expect(outcome(addDelta(-MAX_AMOUNT, MAX_AMOUNT))).to.equal("0");
    expect(outcome(addDelta(-MAX_AMOUNT, -1n))).to.equal("deltaRange");
    expect(outcome(addDelta(MAX_AMOUNT, 1n))).to.equal("deltaRange");
    const refused = addAmount(MAX_AMOUNT, 1n);
    expect(!refused.ok && refused.refusal.details?.value).to.equal(`${2n ** 127n}`);
  });

  it("ARC-2: where only our bug can leave the range, it throws", () => {
    expect(requireAmount(MAX_AMOUNT)).to.equal(MAX_AMOUNT);
    expect(requireDelta(-MAX_AMOUNT)).to.equal(-MAX_AMOUNT);
    expect(() => requireAmount(-1n)).to.throw(InvariantError, "value: -1");
    expect(() => requireDelta(MAX_AMOUNT + 1n)).to.throw(InvariantError);
    expect(() => clampBigint(0n, 1n, 0n)).to.throw(InvariantError);
  });

  it("RCP-2: clamp, minimum, maximum and absolute value", () => {
    expect([-1n, 0n, 5n, 9n, 10n].map((x) => clampBigint(x, 0n, 9n))).to.deep.equal([
      0n,
      0n,
      5n,
      9n,
      9n,
    ]);
    expect([minBigint(-1n, 2n), maxBigint(-1n, 2n), absBigint(-3n), absBigint(3n)]).to.deep.equal([
      -1n,
      2n,
      3n,
      3n,
    ]);
  });
});
