import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { JurisdictionEffect } from "../../../keeper/jurisdiction/effect.ts";
import type { JurisdictionInput } from "../../../keeper/jurisdiction/input.ts";
import { emptyView, headOf, step } from "../../../keeper/jurisdiction/step.ts";
import type { Block, View } from "../../../keeper/jurisdiction/types.ts";
import { block, jurisdiction, nameOf, reorgTo } from "./chain.ts";

/** One line per input: what it did, or the code by which it was refused, and the view after it. */
function transcript(lines: readonly (readonly [string, JurisdictionInput])[]): string[] {
  let view = emptyView(jurisdiction);
  return lines.map(([name, input]) => {
    const result = step(view, input);
    if (!result.ok) return `${name}: ${result.refusal.code}`;
    view = result.value.view;
    return [`${name}:`, ...result.value.effects.map(tell), `| ${picture(view)}`].join(" ");
  });
}

function tell(effect: JurisdictionEffect): string {
  if (effect.kind === "final") return `final ${nameOf(effect.block)}`;
  return `reorg ${effect.removed.map(nameOf).join("+")}`;
}

function picture(view: View): string {
  const final = view.final === null ? "-" : nameOf(view.final);
  return [final, ...view.recent.map(nameOf)].join(" ");
}

const seen = (name: string, parent?: string): readonly [string, JurisdictionInput] => [
  name,
  { kind: "block", block: block(name, parent) },
];
const back = (name: string): readonly [string, JurisdictionInput] => [
  `back to ${name}`,
  reorgTo(name),
];

describe("jurisdiction step", () => {
  it("CHN-2: tokens are known when the block that registered them is final, and not before", () => {
    const contract = new Uint8Array(20);
    const registering = (token: number) =>
      ({ kind: "token", token, contract, assetId: null }) as const;
    let view = emptyView(jurisdiction);
    const known = ["a10", "a11", "a12", "a13"].map((name, index) => {
      const events = index === 0 ? [registering(2), registering(1)] : [registering(2 + index)];
      const result = step(view, { kind: "block", block: block(name, undefined, events) });
      if (!result.ok) expect.fail(result.refusal.message);
      view = result.value.view;
      return view.tokens;
    });
    expect(known).to.deep.equal([0, 0, 2, 3]);
  });

  it("CHN-2: a block is final with finalityDepth blocks on top of it", () => {
    expect(transcript([seen("a10"), seen("a11"), seen("a12"), seen("a13")])).to.deep.equal([
      "a10: | - a10",
      "a11: | - a10 a11",
      "a12: final a10 | a10 a11 a12",
      "a13: final a11 | a11 a12 a13",
    ]);
  });

  it("CHN-2: a repeated block changes nothing, wherever it is", () => {
    const lines = [seen("a10"), seen("a10"), seen("a11"), seen("a12"), seen("a13")];
    const again = [seen("a13"), seen("a12"), seen("a11"), seen("a10")];
    expect(transcript([...lines, ...again]).slice(-5)).to.deep.equal([
      "a13: final a11 | a11 a12 a13",
      "a13: | a11 a12 a13",
      "a12: | a11 a12 a13",
      "a11: | a11 a12 a13",
      "a10: | a11 a12 a13",
    ]);
  });

  it("CHN-2: a missed block, an early one and a wrong parent are refused", () => {
    const late = { ...block("a11"), timestamp: 1_009 };
    expect(
      transcript([
        seen("a9"),
        seen("a11"),
        seen("a10"),
        seen("a12"),
        seen("b11"),
        ["a11, older than a10", { kind: "block", block: late }],
        seen("a11"),
        seen("b11", "a10"),
      ]),
    ).to.deep.equal([
      "a9: blockGap",
      "a11: blockGap",
      "a10: | - a10",
      "a12: blockGap",
      "b11: blockParent",
      "a11, older than a10: blockTime",
      "a11: | - a10 a11",
      "b11: blockBranch",
    ]);
  });

  it("CHN-2: a reorg is an event; the other branch's blocks then become final in order", () => {
    expect(
      transcript([
        ...["a10", "a11", "a12", "a13"].map((name) => seen(name)),
        back("a11"),
        seen("b12", "a11"),
        seen("b13"),
        seen("b14"),
      ]).slice(4),
    ).to.deep.equal([
      "back to a11: reorg a12+a13 | a11",
      "b12: | a11 b12",
      "b13: | a11 b12 b13",
      "b14: final b12 | b12 b13 b14",
    ]);
  });

  it("CHN-2: before anything is final even the first block can be taken back", () => {
    expect(transcript([seen("a10"), seen("a11"), back("a9"), seen("b10")])).to.deep.equal([
      "a10: | - a10",
      "a11: | - a10 a11",
      "back to a9: reorg a10+a11 | -",
      "b10: | - b10",
    ]);
  });

  it("CHN-2: a reorg to the head itself changes nothing, to an unknown block it is refused", () => {
    const lines = ["a10", "a11", "a12", "a13"].map((name) => seen(name));
    const reorgs = [back("a13"), back("b12"), back("a14"), back("a9")];
    expect(transcript([...lines, ...reorgs]).slice(4)).to.deep.equal([
      "back to a13: | a11 a12 a13",
      "back to b12: reorgUnknown",
      "back to a14: reorgUnknown",
      "back to a9: deepReorg",
    ]);
    expect(transcript([back("a10")])).to.deep.equal(["back to a10: reorgUnknown"]);
  });

  it("CHN-2: a chain that differs at or below the final block is a deep reorg", () => {
    const lines = ["a10", "a11", "a12", "a13"].map((name) => seen(name));
    const deep = [seen("b11"), back("b11"), back("a10"), back("a11"), seen("b12")];
    expect(transcript([...lines, ...deep]).slice(4)).to.deep.equal([
      "b11: deepReorg",
      "back to b11: deepReorg",
      "back to a10: deepReorg",
      "back to a11: reorg a12+a13 | a11",
      "b12: deepReorg",
    ]);
  });

  it("TST-3, CHN-2: repeated, missed or reordered, what becomes final is one chain", () => {
    const names = ["a10", "a11", "a12", "a13", "a14", "b11", "b12", "b13", "c13", "c14", "c15"];
    const forks: Record<string, string> = { b11: "a10", c13: "b12" };
    const input = fc.oneof(
      fc.constantFrom(...names).map((name) => seen(name, forks[name])[1]),
      fc.constantFrom("a9", ...names).map(reorgTo),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let view = emptyView(jurisdiction);
        const final: Block[] = [];
        for (const each of inputs) {
          const result = step(view, each);
          if (!result.ok) continue;
          view = result.value.view;
          for (const effect of result.value.effects) {
            if (effect.kind === "final") final.push(effect.block);
          }
          checkLinks(final, view);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

/** Every final block is the child of the one before, and the recent ones stand on the last. */
function checkLinks(final: readonly Block[], view: View): void {
  const line = [...final, ...view.recent];
  line.forEach((each, index) => {
    expect(each.height).to.equal(jurisdiction.deployedAt + index);
    if (index > 0) expect(each.parentHash).to.deep.equal(line[index - 1]?.hash);
  });
  expect(view.recent.length).to.be.at.most(jurisdiction.finalityDepth);
  expect(view.final?.hash).to.deep.equal(final.at(-1)?.hash);
  expect(headOf(view)?.hash).to.deep.equal(line.at(-1)?.hash);
}
