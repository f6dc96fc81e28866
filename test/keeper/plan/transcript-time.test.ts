/** Golden transcripts of plans that end by the clock and the chain. */
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Plan } from "../../../keeper/plan/types.ts";
import { money, outcomesOf, run, standing } from "./drive.ts";
import { apply } from "./event.ts";
import { people } from "./person.ts";
import { chainPairs, ring, ringPairs, settledChain } from "./plans.ts";
import { createWorld, tell, type World } from "./world.ts";

const three = people(3);

/** Everybody holds, and has been asked to sign; A coordinates. */
function asked(plan: Plan, pairs: readonly (readonly [number, number])[]): World {
  const begun = tell(createWorld(three, pairs), 0, { kind: "coordinate", plan });
  const rested = run(begun, [], (event, { channels }) => {
    if (event.kind !== "deliver") return true;
    return channels[event.from * 3 + event.to]?.[0]?.message.kind !== "prepare";
  });
  return { ...rested, clocks: [0, 0, 0] };
}

/** These messages arrive, from and to; then C falls silent, if it does. */
function after(world: World, ways: readonly (readonly [number, number])[], silent: boolean): World {
  const heard = ways.reduce((at, [from, to]) => apply(at, { kind: "deliver", from, to }), world);
  return silent ? apply(heard, { kind: "silence", person: 2 }) : heard;
}

describe("plan transcripts with clocks and a chain", () => {
  it("NET-5: C is silent after prepared: the others go by the certificate, then by the chain", () => {
    const plan = ring(three);
    const ways = [
      [0, 0],
      [0, 1],
      [0, 2],
      [2, 0],
      [2, 1],
    ] as const;
    const lines: string[] = [];
    const end = run(after(asked(plan, ringPairs(3)), ways, true), lines);
    expect(lines).to.deep.equal([
      "A → A prepared",
      "A → B prepared",
      "B → A prepared",
      "B → B prepared",
      "A–B: A proposes commit",
      "A–B: B judges commit",
      "A–B: A learns of commit",
      "A–B: B proposes commit",
      "B–C: B proposes commit",
      "A–C: A proposes commit",
      "A's clock passes an hour",
      "B's clock passes an hour",
      "the chain commits",
      "A sees a final block",
      "B sees a final block",
      "the chain is past commitBy",
      "A sees a final block",
      "B sees a final block",
      "C comes back",
      "A → C prepare",
      "C → A prepared",
      "C → B prepared",
      "C → C prepared",
      "B–C: C judges commit",
      "B–C: B proposes commit",
      "B–C: C judges commit",
      "A–C: C judges commit",
      "A–C: A proposes commit",
      "A–C: C judges commit",
      "C sees a final block",
      "B–C: C proposes commit",
      "B–C: B judges commit",
      "B → A done",
      "B–C: C learns of commit",
      "A–C: C proposes commit",
      "A–C: A judges commit",
      "A → A done",
      "A–C: C learns of commit",
      "C → A done",
      "C sees a final block",
    ]);
    expect(standing(end, plan)).to.equal("A:committed B:committed C:committed");
    expect(money(end)).to.equal("A–B:applied B–C:applied A–C:applied");
    expect(outcomesOf(end)).to.deep.equal(["committed"]);
  });

  it("NET-5: C is silent before it signs: the others wait for the chain, and let go", () => {
    const plan = ring(three);
    const lines: string[] = [];
    const end = run(
      after(
        asked(plan, ringPairs(3)),
        [
          [0, 0],
          [0, 1],
        ],
        true,
      ),
      lines,
    );
    expect(lines).to.deep.equal([
      "A → A prepared",
      "A → B prepared",
      "B → A prepared",
      "B → B prepared",
      "A's clock passes an hour",
      "B's clock passes an hour",
      "the chain is past commitBy",
      "A sees a final block",
      "A–B: A proposes abort",
      "A–B: B judges abort",
      "A–C: A proposes abort",
      "B sees a final block",
      "A–B: B proposes abort",
      "A–B: A judges abort",
      "A–B: B learns of abort",
      "B–C: B proposes abort",
      "C comes back",
      "A → C prepare",
      "C → A refuse (planExpired)",
      "C → A refuse (planExpired)",
      "B–C: C judges abort",
      "B–C: B learns of abort",
      "B → A done",
      "B–C: C proposes abort",
      "A–C: C judges abort",
      "C → A done",
      "A–C: A learns of abort",
      "A → A done",
      "A–C: C proposes abort",
      "C sees a final block",
    ]);
    expect(standing(end, plan)).to.equal("A:dropped B:dropped C:dropped");
    expect(money(end)).to.equal("A–B:free B–C:free A–C:free");
    expect(outcomesOf(end)).to.deep.equal(["refused B:dropped C:dropped A:dropped"]);
  });

  it("NET-6: a plan that settles is held until the chain has committed it", () => {
    const plan = settledChain(three);
    const lines: string[] = [];
    const end = run(asked(plan, chainPairs(3)), lines);
    expect(lines.slice(lines.indexOf("C → C prepared"))).to.deep.equal([
      "C → C prepared",
      "A's clock passes an hour",
      "B's clock passes an hour",
      "C's clock passes an hour",
      "the chain commits",
      "A sees a final block",
      "A–B: A proposes commit",
      "A–B: B judges commit",
      "B sees a final block",
      "A–B: B proposes commit",
      "A–B: A judges commit",
      "A → A done",
      "A–B: B learns of commit",
      "B–C: B proposes commit",
      "B–C: C judges commit",
      "C sees a final block",
      "B–C: C proposes commit",
      "B–C: B judges commit",
      "B → A done",
      "B–C: C learns of commit",
      "C → A done",
      "the chain is past commitBy",
      "A sees a final block",
      "B sees a final block",
      "C sees a final block",
    ]);
    expect(standing(end, plan)).to.equal("A:committed B:committed C:committed");
    expect(money(end)).to.equal("A–B:applied B–C:applied");
    expect(outcomesOf(end)).to.deep.equal(["committed"]);
  });
});
