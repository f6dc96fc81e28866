import { expect } from "chai";
import { describe, it } from "mocha";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { describeEvent, money, outcomesOf, run, standing } from "./drive.ts";
import { apply, type Event, eventsOf } from "./event.ts";
import { judge, judgeEnd } from "./judge.ts";
import { people } from "./person.ts";
import { ring, ringPairs } from "./plans.ts";
import { createWorld, tell, type World } from "./world.ts";

const three = people(3);
const plan = ring(three);
const start = tell(createWorld(three, ringPairs(3)), 0, { kind: "coordinate", plan });

/** Every connection of a person goes down: its process ended and began again. */
function restart(world: World, person: number): World {
  let next = world;
  for (let other = 0; other < world.people.length; other++) {
    next = apply(next, { kind: "reconnect", a: person, b: other });
  }
  return next;
}

/** The worlds of an undisturbed run, from its first event to its last. */
function undisturbed(world: World): readonly World[] {
  const worlds = [world];
  for (let at = world; eventsOf(at).length > 0; worlds.push(at)) {
    at = apply(at, eventsOf(at)[0] as Event);
  }
  return worlds;
}

/** One channel's messages in another order, one of them twice: more than a connection ever does. */
function scramble(world: World, random: Random): World {
  const index = random.below(world.channels.length);
  const queue = world.channels[index] as World["channels"][number];
  if (queue.length === 0) return world;
  const mixed = random.shuffle([...queue, random.pick(queue)]);
  return { ...world, channels: world.channels.with(index, mixed) };
}

/** What can break: each connection, one's own included (a process), and each process whole. */
function faults(world: World): readonly ((at: World) => World)[] {
  const all: ((at: World) => World)[] = [];
  for (let a = 0; a < world.people.length; a++) {
    all.push((at) => restart(at, a));
    for (let b = a; b < world.people.length; b++) {
      all.push((at) => apply(at, { kind: "reconnect", a, b }));
    }
  }
  return all;
}

function expectCommitted(end: World, story: string): void {
  expect(standing(end, plan), story).to.equal("A:committed B:committed C:committed");
  expect(money(end), story).to.equal("A–B:applied B–C:applied A–C:applied");
  expect(outcomesOf(end), story).to.deep.equal(["committed"]);
}

describe("plan messages are lost with their connection", () => {
  it("NET-5: whichever message is lost, a reconnection repeats what is lacking", () => {
    let lost = 0;
    for (const world of undisturbed(start)) {
      const event = eventsOf(world)[0];
      if (event?.kind !== "deliver") continue;
      const { from: a, to: b } = event;
      const line = describeEvent(world, event);
      expectCommitted(run(apply(world, { kind: "reconnect", a, b })), `without ${line}`);
      lost++;
    }
    expect(lost, "messages of an undisturbed run").to.equal(27);
  });

  it("NET-5: whatever breaks, at any event and again at any later one, all commit", function () {
    this.timeout(60_000);
    const broken = faults(start);
    for (const [i, world] of undisturbed(start).entries()) {
      for (const [f, first] of broken.entries()) {
        const once = undisturbed(first(world));
        expectCommitted(once.at(-1) as World, `fault ${f} at event ${i}`);
        for (let j = f % 3; j < once.length; j += 3) {
          const second = broken[(i + j) % broken.length] as (at: World) => World;
          expectCommitted(run(second(once[j] as World)), `faults ${f} at ${i}, then at ${j}`);
        }
      }
    }
  });

  it("NET-5: messages repeated and out of order besides, it ends alike for all", function () {
    this.timeout(60_000);
    const random = createRandom("plan faults");
    const broken = faults(start);
    for (let i = 0; i < 2_000; i++) {
      const refusing = random.chance(1, 4) ? random.below(3) : -1;
      const judgements = three.map((_, person) => (person === refusing ? "no" : null));
      const full = random.chance(1, 4) ? [random.below(3)] : [];
      let world: World = { ...start, judgements, full };
      for (let events = eventsOf(world), left = 6; events.length > 0; events = eventsOf(world)) {
        const breaks = left > 0 && random.chance(1, 15);
        world = breaks ? random.pick(broken)(world) : apply(world, random.pick(events));
        if (breaks) left--;
        else if (left > 0 && random.chance(1, 10)) world = scramble(world, random);
        judge(world);
      }
      judgeEnd(world, plan);
    }
  });
});
