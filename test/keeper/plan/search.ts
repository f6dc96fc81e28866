/** Walks every order of events from a world, each state once, and judges every state (TST-5). */
import { assert } from "../../../keeper/base/assert.ts";
import type { PlanContext, PlanInput } from "../../../keeper/plan/input.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import { step } from "../../../keeper/plan/step.ts";
import type { PlanBook } from "../../../keeper/plan/types.ts";
import { verdict } from "../../../keeper/plan/verdict.ts";
import { describeEvent } from "./drive.ts";
import { apply, type Event, eventsOf } from "./event.ts";
import type { ModelAccount, World } from "./world.ts";

export type Search = {
  readonly states: number;
  readonly ends: readonly World[];
};

export type Rules = {
  /** Throws when a state breaks a rule. */
  readonly judge: (world: World) => void;
  /** Faults that may happen in a state besides its events; the world counts how many did. */
  readonly faults?: (world: World) => readonly Event[];
  /** How many faults may happen in one run. */
  readonly mostFaults?: number;
  /** Accounts come to rest after each message: orders of messages and faults alone are walked. */
  readonly coarse?: boolean;
  /** Taken as soon as they can happen, in no order but one: they change nothing for others. */
  readonly atOnce?: (world: World, event: Event) => boolean;
};

type Node = { readonly world: World; readonly faults: number; readonly path: Path | null };
type Path = { readonly world: World; readonly event: Event; readonly before: Path | null };

/**
 * Depth first, without recursion; first all that comes to pass without a fault, then all with one,
 * and so on: a state that is met again after more faults has no future that it had not before.
 * @throws with the whole path to it when a state breaks a rule.
 */
export function search(start: World, rules: Rules): Search {
  const seen = new Set<string>();
  const ends = new Map<string, World>();
  const first = { ...start, ...rememberingMachine() };
  let stack: Node[] = [{ world: first, faults: 0, path: null }];
  let later: Node[] = [];
  while (stack.length + later.length > 0) {
    if (stack.length === 0) [stack, later] = [later, stack];
    const { world, faults, path } = stack.pop() as Node;
    const key = stateKey(world);
    if (seen.has(key)) continue;
    seen.add(key);
    try {
      rules.judge(world);
    } catch (cause) {
      throw new Error(`a rule is broken after\n${linesOf(path).join("\n")}`, { cause });
    }
    const events = eventsOf(world);
    if (events.length === 0) ends.set(key, world);
    const next = (event: Event, count: number): void => {
      const node = follow(world, path, event);
      const rested = rules.coarse ? rest(node.world, rules) : node.world;
      (count > faults ? later : stack).push({ ...node, world: rested, faults: count });
    };
    for (const event of events) next(event, faults);
    if (faults < (rules.mostFaults ?? 0)) {
      for (const event of rules.faults?.(world) ?? []) next(event, faults + 1);
    }
  }
  return { states: seen.size, ends: Array.from(ends.values()) };
}

/** Takes the first event until none is left, and judges every state. */
export function settled(start: World, judge: (world: World) => void): World {
  let world = start;
  for (let event = eventsOf(world)[0]; event !== undefined; event = eventsOf(world)[0]) {
    world = apply(world, event);
    judge(world);
  }
  return world;
}

const ofAccounts = new Set<Event["kind"]>(["propose", "receive", "acknowledge"]);

function rest(start: World, { judge, atOnce }: Rules): World {
  const next = (world: World): Event | undefined =>
    eventsOf(world).find((event) => ofAccounts.has(event.kind) || atOnce?.(world, event));
  let world = start;
  for (let event = next(world); event !== undefined; event = next(world)) {
    world = apply(world, event);
    judge(world);
  }
  return world;
}

/**
 * The real machine, run once for each state of a book and each input: a search meets the same
 * thousands of times, and most of the time would go into the same signatures.
 */
function rememberingMachine(): Pick<World, "stepPlan" | "judgePlan"> {
  const steps = new Map<string, ReturnType<typeof step>>();
  const verdicts = new Map<string, ReturnType<typeof verdict>>();
  const keyFor = (book: PlanBook, context: PlanContext): string => {
    const wish = context.judge(context.self, [], context.now);
    return `${keyOfId(context.self)}/${wish}/${context.now}/${keyOfBook(book)}`;
  };
  return {
    stepPlan: (book, input, context) => {
      const key = `${keyFor(book, context)}/${inputKey(input)}`;
      const known = steps.get(key) ?? step(book, input, context);
      steps.set(key, known);
      return known;
    },
    judgePlan: (book, plan, context) => {
      const key = keyFor(book, context);
      const known = verdicts.get(key) ?? rememberingVerdict(verdict(book, plan, context));
      verdicts.set(key, known);
      return known;
    },
  };
}

/** In a search there is one plan, and one certificate or none, where the chain is the proof. */
function rememberingVerdict(judged: ReturnType<typeof verdict>): ReturnType<typeof verdict> {
  const accepts = new Map<boolean, boolean>();
  const acceptsCertificate: typeof judged.acceptsCertificate = (certificate) => {
    const isEmpty = certificate.length === 0;
    const known = accepts.get(isEmpty) ?? judged.acceptsCertificate(certificate);
    accepts.set(isEmpty, known);
    return known;
  };
  return { ...judged, acceptsCertificate };
}

function inputKey(input: PlanInput): string {
  switch (input.kind) {
    case "message":
      return `${messageKey(input.message)} from ${keyOfId(input.from)}`;
    case "coordinate":
    case "clock":
      return input.kind;
    case "certificate":
      return `${input.kind} ${input.certificate.length}`;
    case "final":
      return `${input.kind} ${input.timestamp} ${input.committed.length}`;
    case "recovered":
      return `${input.kind} ${input.peer && keyOfId(input.peer)}`;
    default:
      return `${input.kind} ${keyOfId(input.peer)}`;
  }
}

function follow(world: World, before: Path | null, event: Event): Pick<Node, "world" | "path"> {
  return { world: apply(world, event), path: { world, event, before } };
}

function linesOf(path: Path | null): string[] {
  const lines: string[] = [];
  for (let at = path; at !== null; at = at.before) lines.push(describeEvent(at.world, at.event));
  return lines.reverse();
}

/** Everything of a world that its future depends on. */
export function stateKey(world: World): string {
  let key = "";
  for (const book of world.books) key += keyOfBook(book);
  for (const queue of world.channels) key += keyOfChannel(queue);
  for (const account of world.accounts) key += keyOfAccount(account);
  key += keyOfFlags(world.signed) + keyOfFlags(world.dropped);
  for (const { to, message } of world.lies) key += `${to}${message.kind}`;
  for (const { committed } of world.outcomes) key += committed ? "+" : "-";
  if (world.clocks !== null) key += `@${world.clocks.join("")}${keyOfChain(world.chain)}`;
  return `${key}${world.silent}${world.torn.length}`;
}

const keyOfChain = cached(({ sent, committed, over, sawCommit, sawOver }: World["chain"]) =>
  bits([sent, committed, over, ...sawCommit, ...sawOver]),
);

/** One character instead of a long text: each distinct text has its own for the whole run. */
const characters = new Map<string, string>();

const KEY = Symbol("key");

/**
 * A key of each value, computed once for each object: worlds share what did not change. It is kept
 * in the object itself, for most of the time of a search goes into looking such keys up.
 */
function cached<T extends object>(describe: (value: T) => string): (value: T) => string {
  return (value: T & { [KEY]?: string }) => {
    const before = value[KEY];
    if (before !== undefined) return before;
    const text = describe(value);
    let key = characters.get(text);
    if (key === undefined) {
      assert(characters.size < 0x10000, "more texts than characters");
      key = String.fromCharCode(characters.size);
      characters.set(text, key);
    }
    // Not enumerable: what is made from this object by spreading it is another value.
    Object.defineProperty(value, KEY, { value: key });
    return key;
  };
}

const keyOfChannel = cached((queue: World["channels"][number]) =>
  queue.map(({ message }) => messageKey(message)).join(),
);

const keyOfFlags = cached(bits);

const keyOfBook = cached((book: PlanBook) => {
  const open = Array.from(book.participations, ([key, participation]) => {
    const { phase, accounts, prepared, certificate, refusal } = participation;
    return [
      key,
      phase,
      certificate !== null,
      accounts.map(({ status }) => status).join(),
      bits(prepared.map((signature) => signature !== null)),
      refusal?.own,
      refusal?.code,
    ].join(";");
  });
  const coordinated = Array.from(book.coordinations, ([key, coordination]) => {
    const { stage, accepted, held, done, onChain, waitsUntil, refusals } = coordination;
    const told = refusals.map(({ by, code }) => `${by.join(".")}:${code}`).join();
    return [key, stage, onChain, waitsUntil, bits(accepted), bits(held), bits(done), told].join(
      ";",
    );
  });
  const ended = Array.from(
    book.finished,
    ([key, { committed, code }]) => `${key};${committed};${code}`,
  );
  return [open.join("+"), coordinated.join("+"), ended.join("+")].join("%");
});

const keyOfId = cached((id: Uint8Array) => id.join());

const keyOfAccount = cached(({ left, right, queues, flight, held, applied }: ModelAccount) => {
  const waiting = queues.map((queue) => queue.map(nameOf).join("+"));
  const flying =
    flight &&
    `${flight.by}${nameOf(flight.transaction)}${flight.signedByBoth}${flight.refused ?? false}`;
  return [left, right, ...waiting, flying, held, applied].join();
});

/** A commit that the chain proves is another than one with the certificate. */
function nameOf(transaction: ModelAccount["queues"][0][number]): string {
  const { kind } = transaction;
  return kind === "commit" && transaction.certificate.length === 0 ? "chain" : kind;
}

function messageKey(message: PlanMessage): string {
  return "code" in message ? `${message.kind}:${message.code}` : message.kind;
}

function bits(flags: readonly boolean[]): string {
  return flags.map((flag) => (flag ? 1 : 0)).join("");
}
