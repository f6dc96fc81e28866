/** The model of NET-5 with clocks and chain: whoever is silent or late, it ends alike for all. */
import { expect } from "chai";
import { describe, it } from "mocha";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import type { Plan } from "../../../keeper/plan/types.ts";
import { run } from "./drive.ts";
import { apply, type Event } from "./event.ts";
import { judge, judgeEnd } from "./judge.ts";
import { people } from "./person.ts";
import { chainPairs, ring, ringPairs, settledChain } from "./plans.ts";
import { type Rules, search } from "./search.ts";
import { createWorld, tell, type World } from "./world.ts";

const three = people(3);
const circle = ring(three);
const chain = settledChain(three);

function messageOf({ people: all, channels }: World, event: Event): PlanMessage | undefined {
  if (event.kind !== "deliver") return undefined;
  return channels[event.from * all.length + event.to]?.[0]?.message;
}

/** Everything before the coordinator's word of this kind has happened, and no time has passed. */
function before(kind: string, world: World, plan: Plan): World {
  const begun = tell(world, 0, { kind: "coordinate", plan });
  const rested = run(begun, [], (event, at) => messageOf(at, event)?.kind !== kind);
  return { ...rested, clocks: world.people.map(() => 0) };
}

const ringWorld = createWorld(three, ringPairs(3));
const chainWorld = createWorld(three, chainPairs(3));

/** Anybody may fall silent, once; it comes back when all the others have come to rest. */
function silences({ people: all, silent }: World): readonly Event[] {
  return silent >= 0 ? [] : all.map((_, person) => ({ kind: "silence", person }));
}

/** Any connection that has something under way may break, one's own (a process) included. */
function breaks({ people: all, channels }: World): readonly Event[] {
  const events: Event[] = [];
  for (let a = 0; a < all.length; a++) {
    for (let b = a; b < all.length; b++) {
      const lost = [a * all.length + b, b * all.length + a].some((at) => channels[at]?.length);
      if (lost) events.push({ kind: "reconnect", a, b });
    }
  }
  return events;
}

/**
 * Somebody whose plan has ended hears of nothing that changes it, and answers nothing: when it does
 * so makes no difference to anybody.
 */
function isPast(world: World, event: Event): boolean {
  if (event.kind !== "deliver" && event.kind !== "tick" && event.kind !== "see") return false;
  const person = event.kind === "deliver" ? event.to : event.person;
  const { participations, coordinations } = world.books[person] as World["books"][number];
  if (participations.size + coordinations.size > 0) return false;
  if (event.kind !== "deliver") return true;
  const heard = apply(world, event);
  const sent = heard.channels.some((queue, at) => {
    return queue.length > (world.channels[at]?.length as number);
  });
  return !sent && heard.books[person] === world.books[person];
}

/**
 * What the coordinator hears of an end concerns nobody else; one's own signature is known in the
 * next tick; and the chain includes at once: that it does so later is that the block is seen later.
 */
function atOnce(world: World, event: Event): boolean {
  if (event.kind === "land" || isPast(world, event)) return true;
  const kind = messageOf(world, event)?.kind;
  const isOwn = event.kind === "deliver" && event.from === event.to;
  return kind === "done" || (kind === "prepared" && isOwn);
}

/** How each end came about: by the certificate, by the chain, or not at all. */
function walk(start: World, plan: Plan, rules: Partial<Rules>): ReadonlySet<string> {
  const ways = new Set<string>();
  const found = search(start, { judge, coarse: true, atOnce, ...rules });
  expect(found.states).to.be.greaterThan(1_000);
  for (const end of found.ends) {
    judgeEnd(end, plan);
    const applied = end.accounts.every((account) => account.applied);
    ways.add(end.chain.committed ? "chain" : applied ? "certificate" : "nothing");
  }
  return ways;
}

describe("plan model with clocks and a chain", () => {
  it("TST-5, NET-5: whenever each clock passes applyBy, all commit or none does", function () {
    this.timeout(120_000);
    const ways = walk(before("prepare", ringWorld, circle), circle, {});
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  it("TST-5, NET-5: whoever falls silent, and when, nobody loses and every hold ends", function () {
    this.timeout(120_000);
    const rules = { faults: silences, mostFaults: 1 };
    const ways = walk(before("prepare", ringWorld, circle), circle, rules);
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  it("TST-5, NET-5: whichever connection breaks, and when, it ends alike for all", function () {
    this.timeout(120_000);
    const rules = { faults: breaks, mostFaults: 1 };
    const ways = walk(before("prepare", ringWorld, circle), circle, rules);
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  it("TST-5, NET-5: whoever is late before it signs lets go; none is left behind", function () {
    this.timeout(120_000);
    const ways = walk(before("begin", ringWorld, circle), circle, {});
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  it("TST-5, NET-5: who keeps its signature back, or shows all late, wins nothing", function () {
    this.timeout(120_000);
    const faults = (world: World): readonly Event[] => {
      const events: Event[] = [];
      const { sent, over } = world.chain;
      if (world.signed.every((signed) => signed) && !sent && !over) events.push({ kind: "show" });
      for (let to = 0; to < 2; to++) {
        const event = { kind: "deliver", from: 2, to } as const;
        const isPrepared = messageOf(world, event)?.kind === "prepared";
        if (isPrepared) events.push({ kind: "withhold", from: 2, to });
      }
      return events;
    };
    const rules = { faults, mostFaults: 3 };
    const ways = walk(before("prepare", ringWorld, circle), circle, rules);
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  /** B has signed "prepared" and sent it, and its disk is that of before. */
  function restoredB(): World {
    const start = before("prepare", ringWorld, circle);
    const signed = apply(start, { kind: "deliver", from: 0, to: 1 });
    expect(signed.signed).to.deep.equal([false, true, false]);
    const books = signed.books.with(1, start.books[1] as (typeof start.books)[number]);
    return { ...signed, books };
  }

  it("TST-5, NET-5: a side on an older disk signs neither, and it ends alike for all", function () {
    this.timeout(120_000);
    const world = tell(restoredB(), 1, { kind: "recovered", peer: null });
    const ways = walk(world, circle, {});
    expect([...ways].sort()).to.deep.equal(["certificate", "chain", "nothing"]);
  });

  it("TST-5, NET-5: that it is told of its older disk keeps the rules", function () {
    this.timeout(120_000);
    expect(() => walk(restoredB(), circle, {})).to.throw("B signed prepared and let");
  });

  it("TST-5, NET-6: a plan that settles is committed by the chain, or not at all", function () {
    this.timeout(120_000);
    const ways = walk(before("prepare", chainWorld, chain), chain, {});
    expect([...ways].sort()).to.deep.equal(["chain", "nothing"]);
  });

  it("TST-5, NET-6: whoever falls silent, and when, a plan that settles ends alike", function () {
    this.timeout(120_000);
    const rules = { faults: silences, mostFaults: 1 };
    const ways = walk(before("prepare", chainWorld, chain), chain, rules);
    expect([...ways].sort()).to.deep.equal(["chain", "nothing"]);
  });
});
