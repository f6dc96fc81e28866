/** Runs worlds to their end and writes down what happened. */
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import { keyOf } from "../../../keeper/plan/result.ts";
import type { Plan } from "../../../keeper/plan/types.ts";
import { apply, type Event, eventsOf } from "./event.ts";
import type { ModelAccount, World } from "./world.ts";

const MOST_EVENTS = 10_000;

/** Takes the first event that may happen until none is left, with a line for each. */
export function run(
  world: World,
  lines: string[] = [],
  may: (event: Event, world: World) => boolean = () => true,
): World {
  let now = world;
  for (let i = 0; i < MOST_EVENTS; i++) {
    const before = now;
    const event = eventsOf(now).find((candidate) => may(candidate, before));
    if (event === undefined) return now;
    lines.push(describeEvent(now, event));
    now = apply(now, event);
  }
  throw new Error("the plan does not come to an end");
}

/** For example `A → B begin` or `A–B: B signed hold`. */
export function describeEvent(world: World, event: Event): string {
  const nameOf = (person: number): string => world.people[person]?.name ?? "?";
  if (event.kind === "reconnect") {
    return event.a === event.b
      ? `${nameOf(event.a)} restarts`
      : `${nameOf(event.a)} ✕ ${nameOf(event.b)}`;
  }
  if (event.kind === "tick") return `${nameOf(event.person)}'s clock passes an hour`;
  if (event.kind === "see") return `${nameOf(event.person)} sees a final block`;
  if (event.kind === "land") return "the chain commits";
  if (event.kind === "over") return "the chain is past commitBy";
  if (event.kind === "silence") return `${nameOf(event.person)} falls silent`;
  if (event.kind === "show") return "somebody shows the certificate to the chain";
  if (event.kind === "withhold")
    return `${nameOf(event.from)} keeps a word from ${nameOf(event.to)}`;
  if (event.kind === "return") return `${nameOf(world.silent)} comes back`;
  if (event.kind === "deliver") {
    const channel = event.from * world.people.length + event.to;
    const message = world.channels[channel]?.[0]?.message;
    const code = message !== undefined && "code" in message ? ` (${message.code})` : "";
    return `${nameOf(event.from)} → ${nameOf(event.to)} ${message?.kind}${code}`;
  }
  if (event.kind === "lie") {
    const lie = world.lies[event.lie];
    return `${nameOf(world.liar)} lies: ${lie?.message.kind} → ${nameOf(lie?.to ?? -1)}`;
  }
  const account = world.accounts[event.account] as ModelAccount;
  const pair = `${nameOf(account.left)}–${nameOf(account.right)}`;
  if (event.kind === "propose") {
    const by = nameOf(event.side === 0 ? account.left : account.right);
    return `${pair}: ${by} proposes ${account.queues[event.side][0]?.kind}`;
  }
  const receiverIsRight = account.flight?.by === 0;
  const proposer = nameOf(receiverIsRight ? account.left : account.right);
  const receiver = nameOf(receiverIsRight ? account.right : account.left);
  const what = account.flight?.transaction.kind;
  if (event.kind === "receive") return `${pair}: ${receiver} judges ${what}`;
  return `${pair}: ${proposer} learns of ${what}`;
}

/** How the plan stands with each person: its phase, or how it ended. */
export function standing(world: World, plan: Plan): string {
  const key = keyOf(planHash(plan));
  return world.people
    .filter(({ id }) => plan.signers.some((signer) => equalBytes(signer, id)))
    .map(({ name }) => {
      const book = world.books[world.people.findIndex((person) => person.name === name)];
      const end = book?.finished.get(key);
      const open = book?.participations.get(key)?.phase;
      const ended = end && (end.committed ? "committed" : "dropped");
      return `${name}:${ended ?? open ?? "nothing"}`;
    })
    .join(" ");
}

/** Whether each account holds or has applied the plan's legs. */
export function money(world: World): string {
  return world.accounts
    .map(({ left, right, held, applied }) => {
      const pair = `${world.people[left]?.name}–${world.people[right]?.name}`;
      return `${pair}:${applied ? "applied" : held ? "held" : "free"}`;
    })
    .join(" ");
}

export function outcomesOf(world: World): string[] {
  const nameOf = (id: Uint8Array): string =>
    world.people.find((person) => equalBytes(person.id, id))?.name ?? "?";
  return world.outcomes.map(({ committed, refusals }) => {
    const told = refusals.map(({ by, code }) => ` ${nameOf(by)}:${code}`).join("");
    return `${committed ? "committed" : "refused"}${told}`;
  });
}
