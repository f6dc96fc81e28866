import { expect } from "chai";
import { describe, it } from "mocha";
import { money, outcomesOf, run, standing } from "./drive.ts";
import { apply, type Event } from "./event.ts";
import { people } from "./person.ts";
import { planOf, ring, ringPairs } from "./plans.ts";
import { createWorld, describeChannels, tell } from "./world.ts";

const three = people(3);
const plan = ring(three);
const start = createWorld(three, ringPairs(3));

describe("plan transcripts", () => {
  it("NET-5: a ring of three is proposed, held, prepared, certified and committed", () => {
    const lines: string[] = [];
    const end = run(tell(start, 0, { kind: "coordinate", plan }), lines);
    expect(lines).to.deep.equal([
      "A → A propose",
      "A → A accept",
      "A → B propose",
      "A → C propose",
      "B → A accept",
      "C → A accept",
      "A → A begin",
      "A → B begin",
      "A → C begin",
      "A–B: A proposes hold",
      "A–B: B judges hold",
      "A–B: A learns of hold",
      "B–C: B proposes hold",
      "B–C: C judges hold",
      "B–C: B learns of hold",
      "B → A held",
      "A–C: A proposes hold",
      "A–C: C judges hold",
      "C → A held",
      "A–C: A learns of hold",
      "A → A held",
      "A → A prepare",
      "A → A prepared",
      "A → B prepare",
      "A → B prepared",
      "A → C prepare",
      "A → C prepared",
      "B → A prepared",
      "B → B prepared",
      "B → C prepared",
      "C → A prepared",
      "C → B prepared",
      "C → C prepared",
      "A–B: A proposes commit",
      "A–B: B judges commit",
      "A–B: A learns of commit",
      "A–B: B proposes commit",
      "B–C: B proposes commit",
      "B–C: C judges commit",
      "B–C: B learns of commit",
      "B → A done",
      "B–C: C proposes commit",
      "A–C: A proposes commit",
      "A–C: C judges commit",
      "C → A done",
      "A–C: A learns of commit",
      "A → A done",
      "A–C: C proposes commit",
    ]);
    expect(standing(end, plan)).to.equal("A:committed B:committed C:committed");
    expect(money(end)).to.equal("A–B:applied B–C:applied A–C:applied");
    expect(outcomesOf(end)).to.deep.equal(["committed"]);
  });

  it("NET-5: one signer refuses, everybody lets go, and the outcome names who and why", () => {
    const lines: string[] = [];
    const unwilling = { ...start, judgements: [null, "exposureTooHigh", null] };
    const end = run(tell(unwilling, 0, { kind: "coordinate", plan }), lines);
    expect(lines).to.deep.equal([
      "A → A propose",
      "A → A accept",
      "A → B propose",
      "A → C propose",
      "B → A refuse (exposureTooHigh)",
      "A → A drop (exposureTooHigh)",
      "A → A done",
      "A → B drop (exposureTooHigh)",
      "A → C drop (exposureTooHigh)",
      "B → A done",
      "C → A accept",
      "A → C drop (exposureTooHigh)",
      "C → A done",
      "C → A done",
    ]);
    expect(standing(end, plan)).to.equal("A:dropped B:nothing C:dropped");
    expect(outcomesOf(end)).to.deep.equal(["refused B:exposureTooHigh"]);
  });

  it("NET-5: a hold that an account refuses after all leaves no hold behind", () => {
    const lines: string[] = [];
    const end = run(tell({ ...start, full: [1] }, 0, { kind: "coordinate", plan }), lines);
    expect(lines.slice(lines.indexOf("B–C: B proposes hold"))).to.deep.equal([
      "B–C: B proposes hold",
      "B → A refuse (capacity)",
      "A → A drop (capacity)",
      "A → B drop (capacity)",
      "A → C drop (capacity)",
      "B → A refuse (capacity)",
      "C → A done",
      "A–B: A proposes abort",
      "A–B: B judges abort",
      "B → A done",
      "A–B: A learns of abort",
      "A–B: B proposes abort",
      "A–C: A proposes hold",
      "A → A done",
      "A–C: A proposes abort",
    ]);
    expect(standing(end, plan)).to.equal("A:dropped B:dropped C:dropped");
    expect(money(end)).to.equal("A–B:free B–C:free A–C:free");
    expect(outcomesOf(end)).to.deep.equal(["refused B:capacity"]);
  });

  it("NET-5: a coordinator that is no signer leads the plan all the same", () => {
    const four = people(4);
    const ours = planOf(four.slice(0, 3), [
      [0, 1, 5n],
      [0, 2, -5n],
      [1, 2, 5n],
    ]);
    const world = createWorld(four, ringPairs(3));
    const end = run(tell(world, 3, { kind: "coordinate", plan: ours }));
    expect(standing(end, ours)).to.equal("A:committed B:committed C:committed");
    expect(outcomesOf(end)).to.deep.equal(["committed"]);
  });

  it("NET-5: one signer's prepared, and a neighbour's commit, may overtake its own turn", () => {
    // C's own word from the coordinator is held up; A and B go as far as they can without it.
    const slow = (event: Event): boolean => event.kind === "deliver" && event.to === 2;
    const isPrepare = (event: Event): boolean => event.kind === "deliver" && event.from === 0;
    const lines: string[] = [];
    let world = tell(start, 0, { kind: "coordinate", plan });
    world = run(world, lines, (event, before) => {
      const waits =
        slow(event) && isPrepare(event) && describeChannels(before).includes("A→C prepare");
      return !waits;
    });
    expect(standing(world, plan)).to.equal("A:prepared B:prepared C:holding");
    expect(describeChannels(world)).to.deep.equal(["A→C prepare", "A→C prepared"]);
    world = run(apply(world, { kind: "deliver", from: 0, to: 2 }), lines);
    expect(standing(world, plan)).to.equal("A:committed B:committed C:committed");
  });
});
