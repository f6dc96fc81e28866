/**
 * Two keepers with one account, each with its guard, over a link that loses words and breaks. Now
 * and then one of them starts from an older copy of its log, beside the guard that it has (BFT-4).
 */
import type { Account } from "../../../keeper/account/types.ts";
import { type Bytes, compareBytes } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import type { Result } from "../../../keeper/base/result.ts";
import type { CommandResult, Entity } from "../../../keeper/entity/types.ts";
import { decodeTick } from "../../../keeper/runtime/codec.ts";
import type { RuntimeInput } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime } from "../../../keeper/runtime/types.ts";
import { type Guard, openGuard } from "../../../keeper/signer/guard.ts";
import { takenInputs } from "../../../keeper/taken.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { type LogEntry, type Person, personOf } from "../runtime/world.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";
import { credit } from "./cast.ts";

const TOKEN = 1;
const UNREAD: Bytes = new Uint8Array(65);

type Keeper = {
  readonly self: Person;
  readonly peer: Person;
  readonly guard: Guard;
  runtime: Runtime;
  log: LogEntry[];
  waiting: RuntimeInput[];
  connection: number;
  refusals: number;
  /** The next tick in which it signs is forgotten, and nothing of it leaves. */
  isDoomed: boolean;
};

type Flight = { readonly to: Keeper; readonly message: RuntimeInput & { kind: "message" } };

type State = {
  readonly random: Random;
  readonly lossPercent: number;
  readonly keepers: readonly [Keeper, Keeper];
  readonly results: Map<string, CommandResult>;
  flights: Flight[];
  now: number;
  commands: number;
};

export type OlderDisks = {
  readonly round: () => void;
  /** Ends all faults and goes on until nothing moves. */
  readonly rest: () => void;
  readonly accounts: () => readonly Account[];
  /** Commands that a keeper's log knows of and that have not ended. */
  readonly open: () => number;
  /** How often a guard would not sign. */
  readonly refusals: () => number;
};

export async function createOlderDisks(seed: number): Promise<OlderDisks> {
  const [alice, bob] = [personOf("alice"), personOf("bob")];
  const random = createRandom(`older disks ${seed}`);
  const keepers = [await keeperOf(alice, bob), await keeperOf(bob, alice)] as const;
  const state: State = {
    random,
    lossPercent: random.pick([10, 30, 60, 90]),
    keepers,
    results: new Map(),
    flights: [],
    now: 1_000_000,
    commands: 0,
  };
  link(state);
  for (const keeper of keepers) {
    const transactions = [credit(TOKEN, 1_000_000n)];
    order(state, keeper, { kind: "openAccount", peer: keeper.peer.id });
    order(state, keeper, { kind: "transact", peer: keeper.peer.id, transactions });
  }
  return {
    round: () => round(state),
    rest: () => rest(state),
    accounts: () => keepers.map(accountOf),
    open: () => keepers.reduce((sum, keeper) => sum + entityOf(keeper).open.size, 0),
    refusals: () => keepers.reduce((sum, keeper) => sum + keeper.refusals, 0),
  };
}

async function keeperOf(self: Person, peer: Person): Promise<Keeper> {
  return {
    self,
    peer,
    guard: await openGuard(createMemoryJournal()),
    runtime: genesis(self),
    log: [],
    waiting: [{ kind: "start" }],
    connection: 1,
    refusals: 0,
    isDoomed: false,
  };
}

function genesis({ id }: Person): Runtime {
  return createRuntime(jurisdiction, [
    { id, board: { threshold: 1, members: [{ id, weight: 1 }] } },
  ]);
}

function round(state: State): void {
  const { random, keepers } = state;
  const choice = random.below(400);
  if (choice < 120) pay(state, random.pick(keepers));
  else if (choice < 370) turn(state, state.lossPercent);
  else if (choice < 380) link(state);
  else if (choice < 395) state.now++;
  else if (choice < 399) random.pick(keepers).isDoomed = true;
  else restore(state, random.pick(keepers), random.pick([1, 2, 3, 5]));
}

/**
 * One signs a frame that is forgotten and never leaves, and has nothing more to say; it must answer
 * a frame of the other's that may be numbered below that one.
 */
function forgetLast(state: State): void {
  const [one, other] = state.random.shuffle([...state.keepers]) as [Keeper, Keeper];
  link(state);
  for (let turns = 0; turns < 8; turns++) turn(state, 0);
  one.isDoomed = true;
  pay(state, one);
  for (let turns = 0; turns < 4; turns++) turn(state, 0);
  pay(state, other);
}

function rest(state: State): void {
  forgetLast(state);
  for (let count = 0; count < 3; count++) {
    link(state);
    for (let turns = 0; turns < 60; turns++) {
      state.now++;
      // A block's tick lets a pause end; nothing else happens on this chain.
      turn(state, 0);
    }
  }
}

function pay(state: State, keeper: Keeper): void {
  const transactions = [{ kind: "pay", token: TOKEN, amount: 1n }] as const;
  order(state, keeper, { kind: "transact", peer: keeper.peer.id, transactions });
}

function order(
  state: State,
  { self, waiting }: Keeper,
  command: (RuntimeInput & { kind: "command" })["command"],
): void {
  waiting.push({ kind: "command", entity: self.id, id: `c${state.commands++}`, command });
}

/** Both tick, and what they say arrives in the order in which it was said, or is lost. */
function turn(state: State, lossPercent: number): void {
  for (const keeper of state.keepers) if (keeper.waiting.length > 0) tick(state, keeper);
  const { flights, random } = state;
  state.flights = [];
  for (const { to, message } of flights) {
    if (!random.chance(lossPercent, 100)) to.waiting.push(message);
    else return link(state);
  }
}

function tick(state: State, keeper: Keeper): void {
  const taken = { now: state.now, inputs: keeper.waiting };
  keeper.waiting = [];
  const { runtime, ready } = step(keeper.runtime, taken);
  keeper.log.push({ record: ready.record, root: ready.root });
  keeper.runtime = runtime;
  release(state, keeper, ready);
}

/** As the loop does it: the guard first, and of what it refuses nothing leaves. */
function release(state: State, keeper: Keeper, ready: Ready): void {
  const signatures = keeper.guard.admit(ready.signatures).map(({ refusal }): Result<Bytes> => {
    if (refusal !== null) keeper.refusals++;
    return refusal ?? { ok: true, value: UNREAD };
  });
  if (keeper.isDoomed && signatures.some(({ ok }) => ok)) return restore(state, keeper, 1);
  const to = state.keepers.find((other) => other !== keeper) as Keeper;
  for (const { from, to: peer, payload, signature } of ready.messages) {
    const request = ready.signatures[signature];
    if (request !== undefined && !signatures[signature]?.ok) continue;
    const claim = request ? { digest: request.digest, signature: UNREAD } : null;
    const envelope = { from, to: peer, payload, claim, connection: to.connection };
    state.flights.push({ to, message: { kind: "message", envelope } });
  }
  for (const { id, result } of ready.results) state.results.set(id, result);
  keeper.waiting = [...takenInputs(ready, signatures), ...keeper.waiting];
}

/** A new connection; what was under way on the old one is lost. */
function link(state: State): void {
  state.flights = [];
  for (const keeper of state.keepers) {
    keeper.waiting.push({ kind: "disconnect", connection: keeper.connection });
    keeper.connection = Math.max(keeper.connection, keeper.runtime.connections) + 1;
    const { connection, peer } = keeper;
    keeper.waiting.push({ kind: "connect", connection, peers: [peer.id] });
  }
}

/** So many ticks are forgotten. */
function restore(state: State, keeper: Keeper, lost: number): void {
  const kept = keeper.log.slice(0, Math.max(0, keeper.log.length - lost));
  keeper.isDoomed = false;
  let runtime = genesis(keeper.self);
  for (const { record, root } of kept) {
    const read = decodeTick(record);
    if (!read.ok) throw new Error(read.refusal.message);
    runtime = step(runtime, read.value, record).runtime;
    if (compareBytes(runtime.root, root) !== 0) throw new Error("replay leads elsewhere");
  }
  keeper.runtime = runtime;
  keeper.log = kept;
  keeper.waiting = [{ kind: "start" }];
  link(state);
}

function entityOf({ runtime, self }: Keeper): Entity {
  return runtime.entities.get(runtime.interner.find(self.id)) as Entity;
}

function accountOf(keeper: Keeper): Account {
  const { runtime, peer } = keeper;
  return entityOf(keeper).accounts.get(runtime.interner.find(peer.id)) as Account;
}

/** Whether both sides have signed the same and neither waits for anything. */
export function isAtRest([one, other]: readonly Account[]): boolean {
  if (one === undefined || other === undefined) return false;
  const agree = compareBytes(one.state.head, other.state.head) === 0;
  return agree && [one, other].every(({ inFlight, mempool }) => !inFlight && mempool.length === 0);
}
