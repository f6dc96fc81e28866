import { expect } from "chai";
import { describe, it } from "mocha";
import { planHash } from "../../../keeper/plan/digest.ts";
import { money, outcomesOf, standing } from "./drive.ts";
import type { Event } from "./event.ts";
import { judge, judgeCertificates, judgeEnd } from "./judge.ts";
import { people } from "./person.ts";
import { ring, ringPairs } from "./plans.ts";
import { search, settled } from "./search.ts";
import { createWorld, type Lie, tell, type World } from "./world.ts";

const three = people(3);
const plan = ring(three);
const start = createWorld(three, ringPairs(3));
const begun = (world: World): World => tell(world, 0, { kind: "coordinate", plan });

describe("plan model", () => {
  it("TST-5, NET-5: in every order of messages and frames all three commit", function () {
    this.timeout(60_000);
    const found = search(begun(start), { judge });
    expect(found.states).to.be.greaterThan(100_000);
    expect(found.ends.map(describeEnd)).to.deep.equal([
      "A:committed B:committed C:committed A–B:applied B–C:applied A–C:applied committed",
    ]);
    for (const end of found.ends) judgeEnd(end, plan);
  });

  it("TST-5, NET-5: in every order a hold refused after all leaves nothing behind", function () {
    this.timeout(60_000);
    const found = search(begun({ ...start, full: [1] }), { judge });
    expect(found.states).to.be.greaterThan(10_000);
    for (const end of found.ends) {
      judgeEnd(end, plan);
      expect(money(end)).to.equal("A–B:free B–C:free A–C:free");
    }
  });

  it("TST-5, NET-5: in every order, with any one connection lost, it ends alike", function () {
    this.timeout(60_000);
    const faults = (world: World): readonly Event[] => {
      const all: Event[] = [];
      for (let a = 0; a < world.people.length; a++) {
        for (let b = a; b < world.people.length; b++) {
          const lost = [a * 3 + b, b * 3 + a].some((channel) => world.channels[channel]?.length);
          if (lost) all.push({ kind: "reconnect", a, b });
        }
      }
      return all;
    };
    const rules = { judge, faults, mostFaults: 1, coarse: true };
    for (const world of [start, { ...start, full: [1] }]) {
      const found = search(begun(world), rules);
      expect(found.states).to.be.greaterThan(1_000);
      for (const end of found.ends) judgeEnd(end, plan);
      const committed = found.ends.map(({ outcomes }) => outcomes[0]?.committed);
      expect(new Set(committed)).to.deep.equal(new Set([world.full.length === 0]));
    }
  });

  it("TST-5, NET-5: whatever the coordinator says, to whom and when, nobody loses", function () {
    this.timeout(60_000);
    const four = people(4);
    const ours = ring(four.slice(0, 3));
    const hash = planHash(ours);
    const lies = [0, 1, 2].flatMap((to): Lie[] => [
      { to, message: { kind: "propose", plan: ours } },
      { to, message: { kind: "begin", plan: hash } },
      { to, message: { kind: "prepare", plan: hash } },
      { to, message: { kind: "drop", plan: hash, code: "lie" } },
    ]);
    const world = { ...createWorld(four, ringPairs(3)), liar: 3, lies };
    const faults = (at: World): readonly Event[] => at.lies.map((_, lie) => ({ kind: "lie", lie }));
    const found = search(world, { judge, faults, mostFaults: lies.length, coarse: true });
    expect(found.states).to.be.greaterThan(10_000);
    let committed = 0;
    for (const end of found.ends) {
      const applied = end.accounts.filter((account) => account.applied).length;
      expect(applied === 0 || applied === end.accounts.length, "all legs or none").to.equal(true);
      if (applied > 0) committed++;
    }
    expect(committed, "a lie that is no lie commits").to.be.greaterThan(0);
  });

  it("NET-5: the certificates by which all committed hold every signature", () => {
    const world = settled(begun(start), (at) => {
      judge(at);
      judgeCertificates(at);
    });
    judgeEnd(world, plan);
  });
});

function describeEnd(world: World): string {
  return [standing(world, plan), money(world), ...outcomesOf(world)].join(" ");
}
