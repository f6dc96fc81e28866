/**
 * Several runtimes in one process, with a simulated clock, network and chain. The network drops,
 * repeats and reorders by seed, and connections break; what leaves a runtime is signed with real
 * keys, and a recorder outside of them sees every signature.
 */
import { type Bytes, type Bytes32, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { addressEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { leafHash } from "../../../keeper/codec/merkle.ts";
import { rootDigest } from "../../../keeper/codec/root.ts";
import { addressOf, publicKeyOf, signDigest } from "../../../keeper/codec/signature.ts";
import type { Command, CommandResult } from "../../../keeper/entity/types.ts";
import type { Block, EntityId } from "../../../keeper/jurisdiction/types.ts";
import { claimHolds } from "../../../keeper/loop.ts";
import {
  type Checkpoints,
  type Tracked,
  trackRuntime,
} from "../../../keeper/runtime/checkpoint.ts";
import { decodeEnvelope, decodeTick, encodeEnvelope } from "../../../keeper/runtime/codec.ts";
import type { Envelope, RuntimeInput } from "../../../keeper/runtime/input.ts";
import { restoreRuntime } from "../../../keeper/runtime/restore.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime } from "../../../keeper/runtime/types.ts";
import { createChain, jurisdiction, type SimulatedChain } from "./chain.ts";
import { createRecorder } from "./recorder.ts";
import { createShelf, type Shelf } from "./shelf.ts";

export type Person = { readonly id: EntityId; readonly key: Bytes32 };

export function personOf(name: string): Person {
  const key = keccakText(`key of ${name}`);
  return { id: addressEntity(addressOf(publicKeyOf(key))), key };
}

export type Faults = {
  /** Of 1,000 messages, so many are lost alone, with their connection, said twice, overtaken. */
  readonly drop: number;
  readonly disconnect: number;
  readonly repeat: number;
  readonly reorder: number;
};

export const NO_FAULTS: Faults = { drop: 0, disconnect: 0, repeat: 0, reorder: 0 };

export type LogEntry = { readonly record: Bytes; readonly root: Bytes32 };

type Node = {
  runtime: Runtime;
  checkpoints: Checkpoints;
  readonly shelf: Shelf;
  readonly genesis: () => Runtime;
  waiting: RuntimeInput[];
  readonly log: LogEntry[];
  /** Own connection number by index of the other node. */
  readonly links: Map<number, number>;
  connections: number;
};

type Flight = { readonly from: number; readonly to: number; readonly bytes: Bytes };

export type World = {
  readonly chain: SimulatedChain;
  readonly now: () => number;
  readonly command: (person: Person, id: string, command: Command) => void;
  readonly result: (id: string) => CommandResult | undefined;
  /** What is told under this id from now on is told anew. */
  readonly forget: (id: string) => void;
  /** One tick of every node and one delivery; false when nothing moved. */
  readonly turn: () => boolean;
  /** Turns, with a block each, until nothing moves or the bound is reached. */
  readonly settle: (turns?: number) => void;
  readonly mine: () => void;
  /** The clock goes on without a block. */
  readonly leap: (seconds: number) => void;
  /** Faults end and every link is made anew. */
  readonly heal: () => void;
  /** Faults begin again, or others do. */
  readonly hurt: (faults?: Faults) => void;
  /** Also ends a silence. What the chain did meanwhile is read again. */
  readonly restart: (node: number) => void;
  /** The node hears, says and sees nothing until it is restarted. */
  readonly silence: (node: number) => void;
  /** The chain takes its newest blocks back. */
  readonly reorg: (depth: number) => void;
  /** Ticks that restarts have stepped again. */
  readonly replayed: () => number;
  /** What each node has in its log. */
  readonly logs: () => readonly (readonly LogEntry[])[];
  readonly geneses: () => readonly (() => Runtime)[];
  readonly runtimes: () => readonly Runtime[];
  readonly alarms: () => readonly string[];
  readonly conflicts: () => readonly string[];
};

type State = {
  readonly groups: readonly (readonly Person[])[];
  readonly faults: Faults;
  readonly random: Random;
  readonly chain: SimulatedChain;
  readonly people: ReadonlyMap<string, Person>;
  /** Which node runs an entity. */
  readonly home: ReadonlyMap<string, number>;
  readonly nodes: readonly Node[];
  readonly results: Map<string, CommandResult>;
  readonly alarms: string[];
  readonly recorder: ReturnType<typeof createRecorder>;
  now: number;
  flights: Flight[];
  active: Faults;
  readonly checkpointTicks: number;
  readonly silent: Set<number>;
  replayed: number;
};

export function createWorld(
  groups: readonly (readonly Person[])[],
  seed: number,
  faults: Faults,
  /** Ticks from one checkpoint to the next; without them a restart steps the whole log again. */
  checkpointTicks = Infinity,
): World {
  const state: State = {
    groups,
    faults,
    random: createRandom(seed),
    chain: createChain(),
    people: new Map(groups.flat().map((person) => [toHex(person.id), person])),
    home: new Map(groups.flatMap((group, at) => group.map(({ id }) => [toHex(id), at] as const))),
    nodes: groups.map((group) => createNode(group)),
    results: new Map(),
    alarms: [],
    recorder: createRecorder(),
    now: 1_000_000,
    flights: [],
    active: faults,
    checkpointTicks,
    silent: new Set(),
    replayed: 0,
  };
  for (const node of state.nodes) {
    node.waiting.push({ kind: "start" });
    node.connections = 1;
  }
  linkAll(state);
  return {
    chain: state.chain,
    now: () => state.now,
    command: ({ id: entity }, id, command) => {
      const node = state.nodes[state.home.get(toHex(entity)) as number] as Node;
      node.waiting.push({ kind: "command", entity, id, command });
    },
    result: (id) => state.results.get(id),
    forget: (id) => void state.results.delete(id),
    turn: () => turn(state),
    settle: (turns = 400) => settle(state, turns),
    mine: () => mine(state),
    leap: (seconds) => {
      state.now += seconds;
    },
    heal: () => {
      state.active = NO_FAULTS;
      linkAll(state);
    },
    hurt: (others = faults) => {
      state.active = others;
    },
    restart: (node) => restart(state, node),
    silence: (node) => void state.silent.add(node),
    reorg: (depth) => reorg(state, depth),
    replayed: () => state.replayed,
    logs: () => state.nodes.map(({ log }) => log),
    geneses: () => state.nodes.map(({ genesis }) => genesis),
    runtimes: () => state.nodes.map(({ runtime }) => runtime),
    alarms: () => state.alarms,
    conflicts: () => state.recorder.conflicts,
  };
}

function link(state: State, a: number, b: number): void {
  const { nodes, groups } = state;
  for (const [own, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const node = nodes[own] as Node;
    const old = node.links.get(other);
    if (old !== undefined) node.waiting.push({ kind: "disconnect", connection: old });
    node.connections = Math.max(node.connections, node.runtime.connections) + 1;
    node.links.set(other, node.connections);
    const peers = (groups[other] as readonly Person[]).map(({ id }) => id);
    node.waiting.push({ kind: "connect", connection: node.connections, peers });
  }
  state.flights = state.flights.filter(({ from, to }) => !touches(from, to, a, b));
}

function linkAll(state: State): void {
  const { length } = state.nodes;
  for (let a = 0; a < length; a++) for (let b = a + 1; b < length; b++) link(state, a, b);
}

function tick(state: State, at: number): boolean {
  const node = state.nodes[at] as Node;
  if (node.waiting.length === 0 || state.silent.has(at)) return false;
  const inputs = node.waiting;
  node.waiting = [];
  const { runtime, ready } = step(node.runtime, { now: state.now, inputs });
  node.runtime = runtime;
  node.log.push({ record: ready.record, root: ready.root });
  if (runtime.height % state.checkpointTicks === 0) {
    node.shelf.put(node.checkpoints.take(runtime));
  }
  release(state, at, node, ready);
  return true;
}

function release(state: State, at: number, node: Node, ready: Ready): void {
  const signatures = ready.signatures.map((request) => {
    state.recorder.see(request);
    return sign(state.people.get(toHex(request.entity)) as Person, request.digest);
  });
  for (const { from, to, payload, signature: index } of ready.messages) {
    const request = ready.signatures[index];
    const signature = signatures[index] as Bytes;
    const claim = request ? { digest: request.digest, signature } : null;
    const envelope: Envelope = { from, to, connection: node.runtime.local, payload, claim };
    const target = state.home.get(toHex(to)) as number;
    if (target === at) node.waiting.push({ kind: "message", envelope });
    else state.flights.push({ from: at, to: target, bytes: encodeEnvelope(envelope) });
  }
  state.chain.submit(ready.transactions.map((request) => submissionOf(request, signatures)));
  for (const { id, result } of ready.results) state.results.set(id, result);
  for (const notice of ready.notices) {
    if (notice.kind !== "alarm") continue;
    state.alarms.push(`${notice.refusal.code}: ${notice.refusal.message}`);
  }
}

function deliver(state: State): boolean {
  const { flights, random, active } = state;
  if (flights.length === 0) return false;
  const batch = shuffleSome(flights, random, active.reorder);
  state.flights = [];
  for (const flight of batch) {
    if (state.silent.has(flight.to)) continue;
    if (random.below(1_000) < active.disconnect) {
      link(state, flight.from, flight.to);
      continue;
    }
    if (random.below(1_000) < active.drop) continue;
    arrive(state, flight);
    if (random.below(1_000) < active.repeat) arrive(state, flight);
  }
  return true;
}

function arrive(state: State, { from, to, bytes }: Flight): void {
  const node = state.nodes[to] as Node;
  const connection = node.links.get(from) as number;
  const envelope = decodeEnvelope(bytes, connection);
  if (!envelope.ok) throw new Error(envelope.refusal.message);
  if (!claimHolds(envelope.value, () => null)) throw new Error("an envelope is not signed");
  node.waiting.push({ kind: "message", envelope: envelope.value });
}

function turn(state: State): boolean {
  let moved = false;
  for (let at = 0; at < state.nodes.length; at++) moved = tick(state, at) || moved;
  return deliver(state) || moved;
}

function mine(state: State): void {
  state.now += 1;
  const block = state.chain.mine(state.now);
  for (const node of state.nodes) {
    node.waiting.push(blockInput(block));
  }
}

/** Taken back and made anew: each node that is awake hears of both. */
function reorg(state: State, depth: number): void {
  const input = { kind: "reorg", ...state.chain.reorg(depth) } as const;
  for (const node of state.nodes) node.waiting.push({ kind: "chain", input });
  for (let block = 0; block < depth; block++) mine(state);
}

function settle(state: State, turns: number): void {
  for (let count = 0; count < turns; count++) {
    mine(state);
    for (let inner = 0; inner < 50 && turn(state); inner++);
  }
}

/** What the newest checkpoint says, or the beginning. */
function startOf({ shelf, genesis }: Node): Tracked {
  if (shelf.pages().length === 0) return trackRuntime(genesis());
  const restored = restoreRuntime(shelf.pages());
  if (!restored.ok) throw new Error(restored.refusal.message);
  return restored.value;
}

/** A kill and a start: what is not in the log is gone, and replay leads to the same root. */
function restart(state: State, at: number): void {
  const node = state.nodes[at] as Node;
  const { runtime: start, checkpoints } = startOf(node);
  let runtime = start;
  for (const { record, root } of node.log.slice(runtime.height)) {
    const read = decodeTick(record);
    if (!read.ok) throw new Error(read.refusal.message);
    const next = step(runtime, read.value, record);
    if (toHex(next.ready.root) !== toHex(root)) throw new Error("replay leads elsewhere");
    runtime = next.runtime;
    state.replayed++;
  }
  node.runtime = runtime;
  node.checkpoints = checkpoints;
  node.waiting = [{ kind: "start" }, ...missed(state, runtime.view)];
  state.silent.delete(at);
  node.links.clear();
  node.connections = runtime.connections + 1;
  state.flights = state.flights.filter(({ from, to }) => from !== at && to !== at);
  for (let other = 0; other < state.nodes.length; other++) {
    if (other !== at) link(state, at, other);
  }
}

/** What the node's watcher finds when it looks again; what is not final it reads anew. */
function missed({ chain }: State, { final }: Runtime["view"]): RuntimeInput[] {
  const blocks = chain.blocksFrom((final?.height ?? -1) + 1).map(blockInput);
  if (final === null) return blocks;
  const { height, hash } = final;
  return [{ kind: "chain", input: { kind: "reorg", height, hash } }, ...blocks];
}

function blockInput(block: Block): RuntimeInput {
  return { kind: "chain", input: { kind: "block", block } };
}

function createNode(group: readonly Person[]): Node {
  const genesis = () =>
    createRuntime(
      jurisdiction,
      group.map(({ id }) => ({ id, board: { threshold: 1, members: [{ id, weight: 1 }] } })),
    );
  return {
    ...trackRuntime(genesis()),
    shelf: createShelf(),
    genesis,
    waiting: [],
    log: [],
    links: new Map(),
    connections: 0,
  };
}

function sign({ id, key }: Person, digest: Bytes32): Bytes {
  return signDigest(key, rootDigest(leafHash(id, digest)));
}

function submissionOf(
  request: Ready["transactions"][number],
  signatures: readonly Bytes[],
): Submission {
  if (request.kind === "plan") return request;
  const own = signatures[request.signature] as Bytes;
  if (request.kind === "batch") return { kind: "batch", batch: request.batch, signature: own };
  const { settlement, peerSignature } = request;
  return { kind: "settlement", settlement, leftSignature: own, rightSignature: peerSignature };
}

function touches(from: number, to: number, a: number, b: number): boolean {
  return (from === a && to === b) || (from === b && to === a);
}

function shuffleSome(flights: Flight[], random: Random, perThousand: number): Flight[] {
  for (let at = 1; at < flights.length; at++) {
    if (random.below(1_000) >= perThousand) continue;
    const other = random.below(at + 1);
    [flights[at], flights[other]] = [flights[other] as Flight, flights[at] as Flight];
  }
  return flights;
}
