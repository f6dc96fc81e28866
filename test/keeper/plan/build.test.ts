import { expect } from "chai";
import { describe, it } from "mocha";
import { EMPTY_BOOK, finishParticipation, hasRoom, peersOf } from "../../../keeper/plan/book.ts";
import { type PartLeg, planFromPart } from "../../../keeper/plan/build.ts";
import { KEPT_FINISHED, MAX_FINISHED } from "../../../keeper/plan/limit.ts";
import { checkPlan } from "../../../keeper/plan/shape.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { Participation, Plan, PlanBook } from "../../../keeper/plan/types.ts";
import { COMMIT_BY, DOMAIN, NOW, type Person, people, TIMES } from "./person.ts";
import { ring, saltOf } from "./plans.ts";
import { contextOf, createWorld } from "./world.ts";

const persons = people(34);
const idOf = (index: number): Person["id"] => (persons[index] as Person).id;
const terms = { domain: DOMAIN, salt: saltOf(1), commitBy: COMMIT_BY };
const leg = (left: number, right: number, amount: bigint, token = 1): PartLeg => ({
  left: idOf(left),
  right: idOf(right),
  token,
  amount,
});
const cycle = [leg(2, 7, -5n), leg(2, 4, 5n), leg(4, 7, 5n)];

describe("plan from a part", () => {
  it("NET-5: the entities of the legs are its signers, ascending; legs are in order", () => {
    const built = planFromPart(
      [...cycle, leg(2, 4, 3n, 9), leg(4, 7, 3n, 9), leg(2, 7, -3n, 9)],
      terms,
    );
    if (!built.ok) expect.fail(built.refusal.message);
    const { signers, legs } = built.value;
    expect(signers).to.deep.equal([idOf(2), idOf(4), idOf(7)]);
    expect(
      legs.map(({ left, right, token, amount }) => [left, right, token, amount]),
    ).to.deep.equal([
      [0, 1, 1, 5n],
      [0, 1, 9, 3n],
      [0, 2, 1, -5n],
      [0, 2, 9, -3n],
      [1, 2, 1, 5n],
      [1, 2, 9, 3n],
    ]);
    const context = contextOf(createWorld(persons, []), 2);
    expect(checkPlan(built.value, context)).to.equal(null);
  });

  it("NET-5: a part that is too large, changes a net, or repeats a leg is no plan", () => {
    const codeOf = (legs: readonly PartLeg[]): string => {
      const built = planFromPart(legs, terms);
      return built.ok ? "built" : built.refusal.code;
    };
    expect(codeOf(cycle)).to.equal("built");
    expect(codeOf(cycle.slice(1))).to.equal("planNet");
    expect(codeOf([...cycle, leg(2, 4, 1n)])).to.equal("planLegs");
    expect(codeOf([])).to.equal("planSigners");
    const ringOf = (count: number): PartLeg[] => [
      ...Array.from({ length: count - 1 }, (_, i) => leg(i, i + 1, 1n)),
      leg(0, count - 1, -1n),
    ];
    expect(codeOf(ringOf(32))).to.equal("built");
    expect(codeOf(ringOf(33))).to.equal("planSigners");
  });
});

describe("plan book", () => {
  it("NET-5: whoever is in an open plan is to be told after a restart, oneself included", () => {
    const [A, B] = persons as [Person, Person];
    const context = {
      self: A.id,
      domain: DOMAIN,
      now: NOW,
      ...TIMES,
      boardHash: () => null,
      judge: () => null,
      isFrozen: () => false,
      judgeSettlements: () => null,
    };
    const propose = { kind: "propose", plan: ring(persons.slice(0, 3)) } as const;
    const from = idOf(4);
    const input = { kind: "message", from, message: propose, claim: null } as const;
    const { book } = step(EMPTY_BOOK, input, context);
    const both = step(book, { kind: "coordinate", plan: ring(persons.slice(0, 4)) }, context).book;
    expect(peersOf(EMPTY_BOOK)).to.deep.equal([]);
    expect(peersOf(book)).to.deep.equal([A.id, B.id, idOf(2), idOf(4)]);
    expect(peersOf(both)).to.deep.equal([A.id, B.id, idOf(2), idOf(4), idOf(3)]);
  });

  const plan = ring(persons.slice(0, 3));
  const ended = (book: PlanBook, index: number, commitBy: number, now: number): PlanBook => {
    const of: Plan = { ...plan, commitBy };
    const hash = new Uint8Array(32) as Participation["hash"];
    new DataView(hash.buffer).setUint32(0, index);
    const participation: Participation = {
      plan: of,
      hash,
      coordinator: idOf(0),
      phase: "certified",
      accounts: [],
      prepared: [],
      certificate: null,
      refusal: null,
    };
    return finishParticipation(book, participation, { committed: true, code: null, now });
  };

  it("ACC-10, NET-5: an ended plan is forgotten only when its commitBy has passed", () => {
    let book = EMPTY_BOOK;
    for (let i = 0; i <= KEPT_FINISHED; i++) book = ended(book, i, NOW + 60, NOW);
    expect(book.finished.size, "none may be proposed again").to.equal(KEPT_FINISHED + 1);
    book = ended(book, KEPT_FINISHED + 1, NOW + 120, NOW + 61);
    expect(book.finished.size, "the oldest are forgotten").to.equal(KEPT_FINISHED);
    expect(Array.from(book.finished.keys()).at(-1)).to.match(
      new RegExp(`^0x${(KEPT_FINISHED + 1).toString(16).padStart(8, "0")}`),
    );
  });

  it("ACC-10: no plan is taken on that could not be remembered", () => {
    const finished = new Map(
      Array.from({ length: MAX_FINISHED }, (_, i) => [
        `${i}`,
        { coordinator: idOf(0), commitBy: NOW, committed: true, code: null },
      ]),
    );
    expect(hasRoom({ ...EMPTY_BOOK, finished }, 256)).to.equal(false);
    finished.delete("0");
    expect(hasRoom({ ...EMPTY_BOOK, finished }, 256)).to.equal(true);
    expect(hasRoom({ ...EMPTY_BOOK, finished }, 0)).to.equal(false);
  });
});
