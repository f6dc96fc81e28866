import { expect } from "chai";
import { describe, it } from "mocha";
import { deadlyStages, scheduleOf } from "../../keeper/cli/chaos/schedule.ts";
import { moments } from "../../keeper/loop.ts";

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe("the schedule of chaos", () => {
  it("TST-4: the same seed draws the same deaths, another seed others", () => {
    expect(scheduleOf(7, 20)).to.deep.equal(scheduleOf(7, 20));
    expect(scheduleOf(7, 20)).to.not.deep.equal(scheduleOf(8, 20));
  });

  it("TST-4: with five kills or more each moment comes once, the rest from outside", () => {
    for (const seed of seeds) {
      const plans = scheduleOf(seed, 20);
      const inside = plans.flatMap((plan) => (plan.kind === "moment" ? [plan.moment] : []));
      expect(plans).to.have.length(20);
      expect(inside.toSorted()).to.deep.equal([...moments].toSorted());
    }
  });

  it("TST-4: fewer kills are at moments that differ", () => {
    for (const seed of seeds) {
      const plans = scheduleOf(seed, 3);
      const inside = plans.flatMap((plan) => (plan.kind === "moment" ? [plan.moment] : []));
      expect(new Set(inside).size).to.equal(3);
    }
  });

  it("TST-4: deaths are in the order of the stages, and twenty reach every one", () => {
    for (const seed of seeds) {
      const order = scheduleOf(seed, 20).map(({ stage }) => deadlyStages.indexOf(stage));
      expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
      expect(new Set(order).size).to.equal(deadlyStages.length);
    }
  });
});
