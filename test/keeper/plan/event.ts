/** What may happen next in a world, and what becomes of it. */
import type { Bytes32 } from "../../../keeper/base/bytes.ts";
import { acknowledge, propose, receive } from "./account-model.ts";
import { COMMIT_BY, HOURS, type Person } from "./person.ts";
import { type Envelope, type Lie, personAt, tell, type World } from "./world.ts";

export type Event =
  | { readonly kind: "deliver"; readonly from: number; readonly to: number }
  | { readonly kind: "propose"; readonly account: number; readonly side: 0 | 1 }
  | { readonly kind: "receive"; readonly account: number }
  | { readonly kind: "acknowledge"; readonly account: number }
  | { readonly kind: "reconnect"; readonly a: number; readonly b: number }
  | { readonly kind: "lie"; readonly lie: number }
  /** A clock passes the next hour. */
  | { readonly kind: "tick"; readonly person: number }
  /** The chain takes the commit that was sent to it. */
  | { readonly kind: "land" }
  /** The chain's time passes `commitBy`. */
  | { readonly kind: "over" }
  /** A person sees the next final block that matters. */
  | { readonly kind: "see"; readonly person: number }
  | { readonly kind: "silence"; readonly person: number }
  /** The oldest message between two is never sent, and its sender does as if it was. */
  | { readonly kind: "withhold"; readonly from: number; readonly to: number }
  /** Somebody who has seen every signature shows them to the chain. */
  | { readonly kind: "show" }
  /** The one who was silent comes back: its process begins again. */
  | { readonly kind: "return" };

/** Everything that can happen next without a fault, in a fixed order. */
export function eventsOf(world: World): readonly Event[] {
  const events: Event[] = [];
  const count = world.people.length;
  const awake = (person: number): boolean => person !== world.silent;
  world.channels.forEach((queue, index) => {
    if (queue.length === 0 || !awake(index % count)) return;
    events.push({ kind: "deliver", from: Math.floor(index / count), to: index % count });
  });
  world.accounts.forEach((one, account) => {
    const { queues, flight } = one;
    if (flight !== null) {
      const answered = flight.signedByBoth || flight.refused === true;
      const actor = personAt(one, answered ? flight.by : flight.by === 0 ? 1 : 0);
      if (awake(actor)) events.push({ kind: answered ? "acknowledge" : "receive", account });
      return;
    }
    for (const side of [0, 1] as const) {
      if (queues[side].length === 0 || !awake(personAt(one, side))) continue;
      events.push({ kind: "propose", account, side });
    }
  });
  if (world.clocks !== null) events.push(...eventsOfTime(world, world.clocks));
  return events.length > 0 ? events : lastEvents(world);
}

function eventsOfTime(world: World, clocks: readonly number[]): readonly Event[] {
  const { sent, committed, over, sawCommit, sawOver } = world.chain;
  const events: Event[] = [];
  for (const [person, hour] of clocks.entries()) {
    if (person === world.silent) continue;
    if (hour === 0) events.push({ kind: "tick", person });
    const sees = (committed && !sawCommit[person]) || (over && !sawOver[person]);
    if (sees) events.push({ kind: "see", person });
  }
  if (sent && !committed && !over) events.push({ kind: "land" });
  const hadTheirTurn = clocks.every((hour, person) => hour > 0 || person === world.silent);
  if (!over && hadTheirTurn && (!sent || committed)) events.push({ kind: "over" });
  return events;
}

/** When all is at rest: who was silent comes back, and coordinators wait no longer. */
function lastEvents({ clocks, books, silent }: World): readonly Event[] {
  if (clocks === null) return [];
  if (silent >= 0) return [{ kind: "return" }];
  const person = books.findIndex(({ coordinations }, at) => {
    return coordinations.size > 0 && clocks[at] !== HOURS.length - 1;
  });
  return person < 0 ? [] : [{ kind: "tick", person }];
}

export function apply(world: World, event: Event): World {
  switch (event.kind) {
    case "deliver": {
      const { from, to } = event;
      const channel = from * world.people.length + to;
      const [envelope, ...rest] = world.channels[channel] as readonly Envelope[];
      const next = { ...world, channels: world.channels.with(channel, rest) };
      const { message, claim } = envelope as Envelope;
      return tell(next, to, {
        kind: "message",
        from: (world.people[from] as Person).id,
        message,
        claim,
      });
    }
    case "propose":
      return propose(world, event.account, event.side);
    case "receive":
      return receive(world, event.account);
    case "acknowledge":
      return acknowledge(world, event.account);
    case "reconnect":
      return reconnect(world, event.a, event.b);
    case "tick":
      return passHour(world, event.person);
    case "land":
      return { ...world, chain: { ...world.chain, committed: true } };
    case "over":
      return { ...world, chain: { ...world.chain, over: true } };
    case "see":
      return see(world, event.person);
    case "show":
      return { ...world, chain: { ...world.chain, sent: true } };
    case "withhold": {
      const channel = event.from * world.people.length + event.to;
      const rest = (world.channels[channel] as readonly Envelope[]).slice(1);
      return { ...world, channels: world.channels.with(channel, rest) };
    }
    case "silence":
      return { ...world, silent: event.person };
    case "return":
      return comeBack(world);
    case "lie": {
      const { to, message } = world.lies[event.lie] as Lie;
      const left = { ...world, lies: world.lies.toSpliced(event.lie, 1) };
      const from = (world.people[world.liar] as Person).id;
      return tell(left, to, { kind: "message", from, message, claim: null });
    }
  }
}

/** A clock passes an hour; of the last one a block tells. */
function passHour(world: World, person: number): World {
  const clocks = world.clocks as readonly number[];
  const hour = (clocks[person] as number) + 1;
  const next = { ...world, clocks: clocks.with(person, hour) };
  if (hour < 3) return tell(next, person, { kind: "clock" });
  return tell(next, person, { kind: "final", timestamp: HOURS[hour] as number, committed: [] });
}

function see(world: World, person: number): World {
  const { chain } = world;
  if (chain.committed && !chain.sawCommit[person]) {
    const sawCommit = chain.sawCommit.with(person, true);
    const seen = { ...world, chain: { ...chain, sawCommit } };
    const committed = planOfWorld(world);
    return tell(seen, person, { kind: "final", timestamp: COMMIT_BY, committed });
  }
  const sawOver = chain.sawOver.with(person, true);
  const hour = Math.max(2, world.clocks?.[person] ?? 2);
  const clocks = (world.clocks as readonly number[]).with(person, hour);
  const seen = { ...world, clocks, chain: { ...chain, sawOver } };
  return tell(seen, person, { kind: "final", timestamp: COMMIT_BY + 1, committed: [] });
}

/** The hash of the one plan that somebody has in his book. */
function planOfWorld(world: World): readonly Bytes32[] {
  for (const { participations, coordinations } of world.books) {
    for (const { hash } of participations.values()) return [hash];
    for (const { hash } of coordinations.values()) return [hash];
  }
  return [];
}

/** After its sleep: the clock is right, what was on its way is lost, every connection is new. */
function comeBack(world: World): World {
  const person = world.silent;
  const clocks = world.clocks as readonly number[];
  const hour = world.chain.over ? 2 : Math.max(...clocks);
  let next: World = { ...world, silent: -1, clocks: clocks.with(person, hour) };
  for (let other = 0; other < world.people.length; other++) next = reconnect(next, person, other);
  return tell(next, person, { kind: "clock" });
}

/** The connection of two people goes down and comes up; one with itself is a process that began. */
function reconnect(world: World, a: number, b: number): World {
  const count = world.people.length;
  const channels = world.channels.with(a * count + b, []).with(b * count + a, []);
  const lost: World = { ...world, channels };
  const idOf = (person: number): Bytes32 => (world.people[person] as Person).id;
  const first = tell(lost, a, { kind: "reconnected", peer: idOf(b) });
  return a === b ? first : tell(first, b, { kind: "reconnected", peer: idOf(a) });
}
