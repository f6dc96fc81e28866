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
import type { EntityId } from "../../../keeper/jurisdiction/types.ts";
import { decodeEnvelope, decodeTick, encodeEnvelope } from "../../../keeper/runtime/codec.ts";
import type { Envelope, RuntimeInput } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime, SignatureRequest } from "../../../keeper/runtime/types.ts";
import { claimHolds } from "../../../keeper/loop.ts";
import { createChain, jurisdiction, type SimulatedChain } from "./chain.ts";

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

type Node = {
  runtime: Runtime;
  readonly genesis: () => Runtime;
  waiting: RuntimeInput[];
  readonly log: { readonly record: Bytes; readonly root: Bytes32 }[];
  /** Own connection number by index of the other node. */
  readonly links: Map<number, number>;
  connections: number;
};

type Flight = { readonly from: number; readonly to: number; readonly epoch: number; bytes: Bytes };

export type World = {
  readonly chain: SimulatedChain;
  readonly now: () => number;
  readonly command: (person: Person, id: string, command: Command) => void;
  readonly result: (id: string) => CommandResult | undefined;
  /** One tick of every node and one delivery; false when nothing moved. */
  readonly turn: () => boolean;
  /** Turns, with a block each, until nothing moves or the bound is reached. */
  readonly settle: (turns?: number) => void;
  readonly mine: () => void;
  /** Faults end and every link is made anew. */
  readonly heal: () => void;
  /** Faults begin again. */
  readonly hurt: () => void;
  readonly restart: (node: number) => void;
  readonly runtimes: () => readonly Runtime[];
  readonly alarms: () => readonly string[];
  readonly conflicts: () => readonly string[];
};

export function createWorld(
  groups: readonly (readonly Person[])[],
  seed: number,
  faults: Faults,
): World {
  const random = createRandom(seed);
  const chain = createChain();
  const people = new Map(groups.flat().map((person) => [toHex(person.id), person]));
  const home = new Map(groups.flatMap((group, at) => group.map(({ id }) => [toHex(id), at])));
  const nodes = groups.map((group) => createNode(group));
  const results = new Map<string, CommandResult>();
  const alarms: string[] = [];
  const recorder = createRecorder();
  let now = 1_000_000;
  let flights: Flight[] = [];
  let epoch = 0;
  let active = faults;

  function link(a: number, b: number): void {
    epoch++;
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
    flights = flights.filter(({ from, to }) => !touches(from, to, a, b));
  }

  function linkAll(): void {
    for (let a = 0; a < nodes.length; a++) for (let b = a + 1; b < nodes.length; b++) link(a, b);
  }

  function tick(at: number): boolean {
    const node = nodes[at] as Node;
    if (node.waiting.length === 0) return false;
    const inputs = node.waiting;
    node.waiting = [];
    const { runtime, ready } = step(node.runtime, { now, inputs });
    node.runtime = runtime;
    node.log.push({ record: ready.record, root: ready.root });
    release(at, node, ready);
    return true;
  }

  function release(at: number, node: Node, ready: Ready): void {
    const signatures = ready.signatures.map((request) => {
      recorder.see(request);
      return sign(people.get(toHex(request.entity)) as Person, request.digest);
    });
    for (const { from, to, payload, signature: index } of ready.messages) {
      const request = ready.signatures[index];
      const claim = request
        ? { digest: request.digest, signature: signatures[index] as Bytes }
        : null;
      const envelope: Envelope = { from, to, connection: node.runtime.local, payload, claim };
      const target = home.get(toHex(to)) as number;
      if (target === at) node.waiting.push({ kind: "message", envelope });
      else flights.push({ from: at, to: target, epoch, bytes: encodeEnvelope(envelope) });
    }
    chain.submit(ready.transactions.map((request) => submissionOf(request, signatures)));
    for (const { id, result } of ready.results) results.set(id, result);
    for (const notice of ready.notices) {
      if (notice.kind === "alarm") alarms.push(`${notice.refusal.code}: ${notice.refusal.message}`);
    }
  }

  function deliver(): boolean {
    if (flights.length === 0) return false;
    const batch = shuffleSome(flights, random, active.reorder);
    flights = [];
    for (const flight of batch) {
      if (random.below(1_000) < active.disconnect) {
        link(flight.from, flight.to);
        continue;
      }
      if (random.below(1_000) < active.drop) continue;
      arrive(flight);
      if (random.below(1_000) < active.repeat) arrive(flight);
    }
    return true;
  }

  function arrive({ from, to, bytes }: Flight): void {
    const node = nodes[to] as Node;
    const connection = node.links.get(from) as number;
    const envelope = decodeEnvelope(bytes, connection);
    if (!envelope.ok) throw new Error(envelope.refusal.message);
    if (!claimHolds(envelope.value, () => null)) throw new Error("an envelope is not signed");
    node.waiting.push({ kind: "message", envelope: envelope.value });
  }

  function turn(): boolean {
    let moved = false;
    for (let at = 0; at < nodes.length; at++) moved = tick(at) || moved;
    return deliver() || moved;
  }

  function mine(): void {
    now += 1;
    const block = chain.mine(now);
    for (const node of nodes) {
      node.waiting.push({ kind: "chain", input: { kind: "block", block } });
    }
  }

  function settle(turns = 400): void {
    for (let count = 0; count < turns; count++) {
      mine();
      for (let inner = 0; inner < 50 && turn(); inner++);
    }
  }

  /** A kill and a start: what is not in the log is gone, and replay leads to the same root. */
  function restart(at: number): void {
    const node = nodes[at] as Node;
    let runtime = node.genesis();
    for (const { record, root } of node.log) {
      const read = decodeTick(record);
      if (!read.ok) throw new Error(read.refusal.message);
      const next = step(runtime, read.value, record);
      if (toHex(next.ready.root) !== toHex(root)) throw new Error("replay leads elsewhere");
      runtime = next.runtime;
    }
    node.runtime = runtime;
    node.waiting = [{ kind: "start" }];
    node.links.clear();
    node.connections = runtime.connections + 1;
    flights = flights.filter(({ from, to }) => from !== at && to !== at);
    for (let other = 0; other < nodes.length; other++) if (other !== at) link(at, other);
  }

  for (const node of nodes) node.waiting.push({ kind: "start" });
  for (const node of nodes) node.connections = 1;
  linkAll();

  return {
    chain,
    now: () => now,
    command: ({ id: entity }, id, command) => {
      const node = nodes[home.get(toHex(entity)) as number] as Node;
      node.waiting.push({ kind: "command", entity, id, command });
    },
    result: (id) => results.get(id),
    turn,
    settle,
    mine,
    heal: () => {
      active = NO_FAULTS;
      linkAll();
    },
    hurt: () => {
      active = faults;
    },
    restart,
    runtimes: () => nodes.map(({ runtime }) => runtime),
    alarms: () => alarms,
    conflicts: () => recorder.conflicts,
  };
}

function createNode(group: readonly Person[]): Node {
  const genesis = () =>
    createRuntime(
      jurisdiction,
      group.map(({ id }) => ({ id, board: { threshold: 1, members: [{ id, weight: 1 }] } })),
    );
  return { runtime: genesis(), genesis, waiting: [], log: [], links: new Map(), connections: 0 };
}

function sign({ id, key }: Person, digest: Bytes32): Bytes {
  return signDigest(key, rootDigest(leafHash(id, digest)));
}

/** Sees every signature request; a slot with two digests is a conflict. */
function createRecorder() {
  const digests = new Map<string, string>();
  const conflicts: string[] = [];
  return {
    conflicts,
    see: ({ entity, slot, digest }: SignatureRequest) => {
      if (slot.kind === "rows") return;
      const parts = Object.values(slot).map((part) =>
        part instanceof Uint8Array ? toHex(part) : String(part),
      );
      // Frames and settlements of an account draw from one counter (ACC-9).
      const counter = slot.kind === "proof" || slot.kind === "settlement" ? parts.slice(1) : parts;
      const key = [toHex(entity), ...counter].join(" ");
      const known = digests.get(key);
      if (known !== undefined && known !== toHex(digest)) conflicts.push(key);
      digests.set(key, toHex(digest));
    },
  };
}

function submissionOf(
  request: Ready["transactions"][number],
  signatures: readonly Bytes[],
): Submission {
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
