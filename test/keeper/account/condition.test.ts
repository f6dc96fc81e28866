import { expect } from "chai";
import { describe, it } from "mocha";
import { hashPages } from "../../../keeper/account/condition.ts";
import { conditionsRoot } from "../../../keeper/account/digest.ts";
import {
  addCondition,
  conditionCount,
  createDraft,
  findHold,
  finishDraft,
  removeCondition,
} from "../../../keeper/account/draft.ts";
import type { AccountState } from "../../../keeper/account/types.ts";
import { isZeroBytes, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { openPair, START } from "./pair.ts";
import { hold, row } from "./table.ts";

const EMPTY: AccountState = { ...openPair().left.state, rows: [row()] };

const planAt = (index: number) => keccakText(`plan ${index}`);

/** One frame that adds these plans and lets those go. */
function frameOf(state: AccountState, adds: readonly number[], ends: readonly number[]) {
  const draft = createDraft(state);
  for (const index of adds) addCondition(draft, hold(1n, planAt(index)));
  for (const index of ends) removeCondition(draft, findHold(draft, planAt(index)));
  return finishDraft(draft, { number: state.number + 2, timestamp: START });
}

function plansOf({ conditions }: AccountState): (string | null)[] {
  return conditions.slots.map((slot) => slot && toHex(slot.plan));
}

describe("account/condition", () => {
  it("SPEED 9: the slot freed last is reused first, the state below the draft stays", () => {
    const first = frameOf(EMPTY, [0, 1, 2], []);
    const second = frameOf(first, [], [0, 2]);
    expect(plansOf(second)).to.deep.equal([null, toHex(planAt(1)), null]);
    const third = frameOf(second, [3], []);
    expect(plansOf(third)).to.deep.equal([null, toHex(planAt(1)), toHex(planAt(3))]);
    expect(plansOf(first)).to.deep.equal([0, 1, 2].map((index) => toHex(planAt(index))));
  });

  it("DIS-1: page hashes after any changes are those of the slots alone", () => {
    const random = createRandom("conditions");
    let state = EMPTY;
    let next = 0;
    const held: number[] = [];
    for (let round = 0; round < 120; round++) {
      const grows = round % 40 < 25;
      const adds = Array.from({ length: grows ? random.below(6) : 0 }, () => next++);
      const ends = random.shuffle(held).slice(0, grows ? random.below(3) : random.below(9));
      state = frameOf(state, adds, ends);
      held.push(...adds);
      for (const index of ends) held.splice(held.indexOf(index), 1);
      const { pages, slots } = state.conditions;
      const anew = hashPages(slots);
      expect(pages.map(toHex)).to.deep.equal(anew.map(toHex));
      expect(toHex(conditionsRoot(pages))).to.equal(toHex(conditionsRoot(anew)));
      expect(pages.length > 0 && isZeroBytes(pages.at(-1) as never)).to.equal(false);
      expect(conditionCount(createDraft(state))).to.equal(held.length);
    }
  });

  it("SPEED 13: an account whose holds have all ended keeps no slots", () => {
    const some = frameOf(EMPTY, [0, 1], []);
    expect(frameOf(some, [], [1, 0]).conditions).to.deep.equal({ slots: [], free: [], pages: [] });
  });
});
