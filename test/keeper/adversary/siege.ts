/**
 * One keeper under siege: every peer of it lies, the clock and the chain move, owners give
 * commands, the process is killed. Whatever comes: no crash, no broken RCP-1, no second digest in
 * a slot, a log that replays.
 */
import { reservedOf } from "../../../keeper/account/rcpan.ts";
import type { Account, AccountState } from "../../../keeper/account/types.ts";
import { type Bytes, compareBytes, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { encodeEntityMessage } from "../../../keeper/entity/codec/message.ts";
import type { EntityMessage } from "../../../keeper/entity/message.ts";
import type { Command, Entity } from "../../../keeper/entity/types.ts";
import { preparedDigest } from "../../../keeper/plan/digest.ts";
import type { PlanMessage } from "../../../keeper/plan/message.ts";
import type { Participation } from "../../../keeper/plan/types.ts";
import { decodeEnvelope, decodeTick, encodeEnvelope } from "../../../keeper/runtime/codec.ts";
import type { Envelope, RuntimeInput } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime } from "../../../keeper/runtime/types.ts";
import { type Guard, openGuard } from "../../../keeper/signer/guard.ts";
import { createChain, jurisdiction, type SimulatedChain } from "../runtime/chain.ts";
import type { Person } from "../runtime/world.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";
import { credit, everybody, liars, planOf, sign, victims } from "./cast.ts";
import { lie, TOKENS } from "./liar.ts";

export type Siege = {
  /** One tick with some lies in it; throws what the keeper throws, and for a broken rule. */
  readonly round: () => void;
  /** Steps the log anew in a new runtime and compares every root. */
  readonly replay: () => void;
  /** What happened, so that a campaign shows that it reached something. */
  readonly counts: ReadonlyMap<string, number>;
};

type State = {
  readonly random: Random;
  readonly chain: SimulatedChain;
  readonly guard: Guard;
  readonly log: { readonly record: Bytes; readonly root: Bytes }[];
  readonly heard: Bytes[];
  readonly counts: Map<string, number>;
  runtime: Runtime;
  waiting: RuntimeInput[];
  connections: number;
  readonly links: Map<number, number>;
  now: number;
  commands: number;
};

export async function besiege(seed: number): Promise<Siege> {
  const state: State = {
    random: createRandom(`siege ${seed}`),
    chain: createChain(),
    guard: await openGuard(createMemoryJournal()),
    log: [],
    heard: [],
    counts: new Map(),
    runtime: genesis(),
    waiting: [{ kind: "start" }],
    connections: 1,
    links: new Map(),
    now: 1_000_000,
    commands: 0,
  };
  for (const { id } of everybody) {
    for (const token of TOKENS) state.chain.deposit(id, token, 1_000_000_000n);
  }
  liars.forEach((_, at) => void connect(state, at));
  for (const { id } of victims) {
    for (const { id: peer } of everybody) {
      if (peer === id) continue;
      command(state, id, { kind: "openAccount", peer });
      const transactions = TOKENS.map((token) => credit(token, 1_000n));
      command(state, id, { kind: "transact", peer, transactions });
    }
  }
  return {
    round: () => round(state),
    replay: () => void replayed(state),
    counts: state.counts,
  };
}

function genesis(): Runtime {
  const entities = victims.map(({ id }) => ({
    id,
    board: { threshold: 1, members: [{ id, weight: 1 }] },
  }));
  return createRuntime(jurisdiction, entities);
}

function round(state: State): void {
  for (let count = 1 + state.random.below(4); count > 0; count--) act(state);
  tick(state);
}

function act(state: State): void {
  const { random } = state;
  const choice = random.below(100);
  if (choice < 55) return sayAccount(state);
  if (choice < 72) return sayPlan(state);
  if (choice < 76) return sayAgain(state);
  if (choice < 79) return sayRows(state);
  if (choice < 90) return order(state);
  if (choice < 97) return mine(state);
  if (choice < 99) return connect(state, random.below(liars.length));
  return restart(state);
}

function sayAccount(state: State): void {
  const { random } = state;
  const liar = random.pick(liars);
  const victim = random.pick(victims);
  const entity = entityOf(state.runtime, victim);
  const account = entity.accounts.get(state.runtime.interner.find(liar.id));
  if (account === undefined) return;
  const plans = [...entity.plans.participations.values()];
  const { final } = state.runtime.view;
  const { message, claim } = lie({ account, plans, final, now: state.now }, random);
  say(state, liar, victim, { kind: "account", message }, claim);
}

function sayPlan(state: State): void {
  const { random } = state;
  const liar = random.pick(liars);
  const victim = random.pick(victims);
  const { plans } = entityOf(state.runtime, victim);
  const open = [...plans.participations.values()].at(-1);
  if (open !== undefined && random.below(2) === 0) return carryOn(state, victim, open);
  const known = [...plans.participations.values()];
  const led = [...plans.coordinations.values()];
  const plan = random.below(5) === 0 ? planOf(state.random, state.now) : undefined;
  if (plan !== undefined) {
    for (const { id } of victims) sayTo(state, liar, id, { kind: "propose", plan });
    return;
  }
  const newest = [known.at(-1) ?? null, led.at(-1) ?? null];
  const about = random.pick([...known, ...led, ...newest, ...newest, ...newest, null]);
  const hash = about?.hash ?? keccakText("no plan");
  const kinds: PlanMessage[] = [
    { kind: "accept", plan: hash },
    { kind: "held", plan: hash },
    { kind: "begin", plan: hash },
    { kind: "begin", plan: hash },
    { kind: "prepare", plan: hash },
    { kind: "prepare", plan: hash },
    { kind: "prepared", plan: hash },
    { kind: "prepared", plan: hash },
    { kind: "drop", plan: hash, code: "lies" },
    { kind: "refuse", plan: hash, code: "lies" },
    { kind: "done", plan: hash, committed: random.below(2) === 0 },
  ];
  const message = random.pick(kinds);
  const coordinator = (about as Participation | null)?.coordinator;
  const lead = liars.find(({ id }) => coordinator && compareBytes(id, coordinator) === 0);
  sayTo(state, lead ?? liar, victim.id, message);
  if (message.kind !== "prepared") return;
  for (const other of liars) sayTo(state, other, victim.id, message);
}

/** What honest signers and an honest coordinator would say next: or no plan would get far. */
function carryOn(state: State, victim: Person, { hash, phase, coordinator }: Participation): void {
  const lead = liars.find(({ id }) => compareBytes(id, coordinator) === 0);
  switch (phase) {
    case "accepted":
    case "dropped":
      if (lead) sayTo(state, lead, victim.id, { kind: "begin", plan: hash });
      return;
    case "holding":
      if (lead) sayTo(state, lead, victim.id, { kind: "prepare", plan: hash });
      return;
    case "prepared":
    case "certified":
    case "committed":
    case "recovered":
      for (const liar of liars) sayTo(state, liar, victim.id, { kind: "prepared", plan: hash });
  }
}

function sayTo(state: State, liar: Person, to: Bytes, message: PlanMessage): void {
  const victim = victims.find(({ id }) => compareBytes(id, to) === 0) as Person;
  const digest =
    message.kind === "prepared" ? preparedDigest(jurisdiction.domain, message.plan) : null;
  const claim = digest && { digest, signature: sign(liar, digest) };
  say(state, liar, victim, { kind: "plan", message }, claim);
}

/** Bytes that came before, some with a bit turned, from whoever and on whatever connection. */
function sayAgain(state: State): void {
  const { random, heard } = state;
  if (heard.length === 0) return;
  const bytes = random.pick(heard).slice();
  if (random.below(2) === 0) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }
  const envelope = decodeEnvelope(bytes, random.pick([...state.links.values()]));
  if (envelope.ok) state.waiting.push({ kind: "message", envelope: envelope.value });
}

function sayRows(state: State): void {
  const { random } = state;
  const liar = random.pick(liars);
  const message: EntityMessage =
    random.below(2) === 0
      ? { kind: "askRows", request: "rows" }
      : { kind: "rows", request: `c${random.below(state.commands + 1)}`, rows: [] };
  say(state, liar, random.pick(victims), message, null);
}

function say(
  state: State,
  from: Person,
  to: Person,
  message: EntityMessage,
  claim: Envelope["claim"],
): void {
  const at = liars.indexOf(from);
  const connection = state.links.get(at) as number;
  const envelope = { from: from.id, to: to.id, payload: encodeEntityMessage(message), claim };
  const bytes = encodeEnvelope({ ...envelope, connection });
  if (state.heard.length < 500) state.heard.push(bytes);
  const decoded = decodeEnvelope(bytes, connection);
  if (!decoded.ok) throw new Error(decoded.refusal.message);
  state.waiting.push({ kind: "message", envelope: decoded.value });
  const inner = message.kind === "rows" || message.kind === "askRows" ? "" : message.message.kind;
  count(state, `say ${message.kind} ${inner}`);
}

function order(state: State): void {
  const { random } = state;
  const { id } = random.pick(victims);
  const { id: peer } = random.pick(everybody);
  const token = random.pick(TOKENS);
  const amount = BigInt(random.below(300));
  const collateral = { payee: id, counterparty: peer, token, amount: amount + 1n };
  const none = { reserveToReserve: [], settlements: [], withdrawals: [] };
  const deadline = state.now + random.pick([5, 50, 500]);
  const choices: Command[] = [
    { kind: "transact", peer, transactions: [{ kind: "pay", token, amount }] },
    { kind: "transact", peer, transactions: [{ kind: "pay", token, amount: 1n }] },
    { kind: "transact", peer, transactions: [credit(token, 500n + amount * 4n)] },
    { kind: "settle", peer, tokens: [...TOKENS], deadline },
    { kind: "settle", peer, tokens: [token], deadline },
    { kind: "coordinate", plan: planOf(state.random, state.now) },
    { kind: "collectRows", from: everybody.map((person) => person.id) },
    { kind: "setConsent", netting: random.below(5) > 0 },
    { kind: "openAccount", peer },
  ];
  const batch: Command = {
    kind: "batch",
    deadline: state.now + 5_000,
    operations: { ...none, reserveToCollateral: [collateral] },
  };
  if (peer !== id) choices.push(batch, batch);
  command(state, id, random.pick(choices));
}

function command(state: State, entity: Person["id"], asked: Command): void {
  const id = `c${state.commands++}`;
  state.waiting.push({ kind: "command", entity, id, command: asked });
  count(state, `order ${asked.kind}`);
}

function mine(state: State): void {
  state.now += state.random.pick([1, 1, 1, 20]);
  const block = state.chain.mine(state.now);
  state.waiting.push({ kind: "chain", input: { kind: "block", block } });
}

function connect(state: State, at: number): void {
  const old = state.links.get(at);
  if (old !== undefined && state.random.below(2) === 0) {
    state.waiting.push({ kind: "disconnect", connection: old });
  }
  state.connections = Math.max(state.connections, state.runtime.connections) + 1;
  state.links.set(at, state.connections);
  const peers = [(liars[at] as Person).id];
  state.waiting.push({ kind: "connect", connection: state.connections, peers });
}

function restart(state: State): void {
  state.runtime = replayed(state);
  // What is not in the log is gone; the watcher tells its blocks again.
  const told = state.waiting.filter(({ kind }) => kind === "chain");
  state.waiting = [{ kind: "start" }, ...told];
  state.connections = state.runtime.connections + 1;
  state.links.clear();
  liars.forEach((_, at) => void connect(state, at));
  count(state, "restart");
}

function replayed(state: State): Runtime {
  let runtime = genesis();
  for (const [height, { record, root }] of state.log.entries()) {
    const read = decodeTick(record);
    if (!read.ok) throw new Error(`tick ${height} cannot be read: ${read.refusal.message}`);
    const next = step(runtime, read.value, record);
    if (compareBytes(next.ready.root, root) !== 0)
      throw new Error(`tick ${height} leads elsewhere`);
    runtime = next.runtime;
  }
  return runtime;
}

function tick(state: State): void {
  const inputs = state.waiting;
  state.waiting = [];
  const { runtime, ready } = step(state.runtime, { now: state.now, inputs });
  state.runtime = runtime;
  state.log.push({ record: ready.record, root: ready.root });
  release(state, ready);
  for (const victim of victims) check(entityOf(runtime, victim), state);
}

function release(state: State, ready: Ready): void {
  const admissions = state.guard.admit(ready.signatures);
  for (const [at, { refusal }] of admissions.entries()) {
    if (refusal === null) continue;
    const { slot } = ready.signatures[at] as Ready["signatures"][number];
    throw new Error(`the guard refused ${slot.kind}: ${JSON.stringify(refusal.refusal)}`);
  }
  for (const { from, to, payload, signature } of ready.messages) {
    const victim = victims.find(({ id }) => compareBytes(id, to) === 0);
    if (victim === undefined) continue;
    const request = ready.signatures[signature];
    const owner = victims.find(({ id }) => compareBytes(id, from) === 0) as Person;
    const claim = request
      ? { digest: request.digest, signature: sign(owner, request.digest) }
      : null;
    const envelope = { from, to, payload, claim, connection: state.runtime.local };
    state.waiting.push({ kind: "message", envelope });
  }
  for (const request of ready.transactions) {
    if (request.kind === "plan") {
      state.chain.submit([request]);
      count(state, "submit plan");
      continue;
    }
    const deadline =
      request.kind === "batch" ? request.batch.deadline : request.settlement.deadline;
    if (deadline <= state.now + 21) continue;
    if (state.random.below(4) === 0) continue;
    state.chain.submit([
      request.kind === "batch"
        ? { kind: "batch", batch: request.batch, signature: ZERO_BYTES32 }
        : {
            kind: "settlement",
            settlement: request.settlement,
            leftSignature: ZERO_BYTES32,
            rightSignature: ZERO_BYTES32,
          },
    ]);
    count(state, `submit ${request.kind}`);
  }
  for (const { result } of ready.results) {
    const { ok } = result;
    const committed = ok && result.value.kind === "plan" && result.value.committed;
    const what = ok ? `done ${result.value.kind}` : `refused ${result.refusal.code}`;
    count(state, committed ? "plan committed" : what);
  }
  for (const notice of ready.notices) {
    count(state, notice.kind === "alarm" ? `alarm ${notice.refusal.code}` : notice.kind);
  }
}

function entityOf(runtime: Runtime, { id }: Person): Entity {
  return runtime.entities.get(runtime.interner.find(id)) as Entity;
}

function check(entity: Entity, state: State): void {
  for (const index of entity.accounts.keys()) {
    const account = entity.accounts.get(index) as Account;
    checkBounds(account.state, "the head");
    if (account.inFlight !== null) checkBounds(account.inFlight.state, "the frame in flight");
    if (account.frozen !== null) count(state, "frozen");
  }
}

/** RCP-1 with every hold and the signed settlement resolved either way. */
function checkBounds({ rows, conditions, settlement }: AccountState, where: string): void {
  const reserved = reservedOf(rows, conditions.slots, settlement);
  for (const [at, row] of rows.entries()) {
    const { low, high } = reserved[at] as { low: bigint; high: bigint };
    const delta = row.ondelta + row.offdelta;
    const inside = delta - low >= -row.leftLimit && delta + high <= row.collateral + row.rightLimit;
    if (!inside)
      throw new Error(
        `RCP-1 is broken in ${where} for token ${row.token}: delta ${delta}, ${low}, ${high}`,
      );
  }
}

function count(state: State, what: string): void {
  state.counts.set(what, (state.counts.get(what) ?? 0) + 1);
}
