/**
 * Explicit-state search over two replicas and the link between them (TST-5): every interleaving of
 * submitting, delivering, losing the connection on either side alone, and meeting again.
 */

import type { AccountInput } from "../../../keeper/account/input.ts";
import { encodeAccount } from "../../../keeper/account/replica.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Account, Context } from "../../../keeper/account/types.ts";
import { assert } from "../../../keeper/base/assert.ts";
import { type Bytes, concatBytes, toHex } from "../../../keeper/base/bytes.ts";
import { keccak256 } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";
import { arrival, type Packet, type Recorder, tick } from "./pair.ts";

/** A packet under way on a connection, in the order in which it was sent. */
type Travelling = Packet & { readonly connection: number };

export type World = {
  readonly accounts: Readonly<Record<Side, Account>>;
  /** Connection on which a side is, 0 while it has none. */
  readonly connections: Readonly<Record<Side, number>>;
  readonly queues: Readonly<Record<Side, readonly Travelling[]>>;
  readonly errands: Readonly<Record<Side, readonly AccountInput[]>>;
  /** Digest by slot, of each side. */
  readonly guards: Readonly<Record<Side, ReadonlyMap<string, string>>>;
  readonly trail: readonly string[];
};

export type Search = {
  readonly contextOf: (world: World, side: Side) => Context;
  /** Whether the first connection may be lost, once, by each side at its own moment. */
  readonly reconnects: boolean;
  readonly check: (world: World, isAtRest: boolean) => void;
};

const SIDES: readonly Side[] = ["left", "right"];

/** Walks everything that can happen; returns how many worlds there were. */
export function searchAll(search: Search, first: World): number {
  const seen = new Set<string>([keyOf(first)]);
  const waiting: World[] = [first];
  for (let world = waiting.pop(); world !== undefined; world = waiting.pop()) {
    const following = SIDES.flatMap((side) => movesOf(search, world as World, side));
    search.check(world, isAtRest(world));
    for (const next of following) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(next);
    }
  }
  return seen.size;
}

/** Nothing is under way, nothing is left to do, and both are on the same connection. */
function isAtRest(world: World): boolean {
  return SIDES.every(
    (side) =>
      world.queues[side].length === 0 &&
      world.errands[side].length === 0 &&
      world.connections[side] !== 0 &&
      world.connections[side] === world.connections[otherOf(side)],
  );
}

function movesOf(search: Search, world: World, side: Side): World[] {
  const moves: World[] = [];
  const { connections, queues, errands } = world;
  const connection = connections[side];
  const [errand, ...rest] = errands[side];
  if (errand !== undefined) {
    const left = { ...world, errands: { ...errands, [side]: rest } };
    moves.push(act(search, left, side, [errand], `${side} ${nameOf(errand)}`));
  }
  const packet = queues[side].find((travelling) => travelling.connection === connection);
  if (packet !== undefined) {
    const others = queues[side].filter((travelling) => travelling !== packet);
    const left = { ...world, queues: { ...queues, [side]: others } };
    const name = `${side} receives ${toHex(keccak256(packet.bytes)).slice(2, 6)}`;
    moves.push(act(search, left, side, [arrival(packet, connection)], name));
  }
  if (connection === 1 && search.reconnects) {
    // What was under way to this side on the old connection is lost with it.
    const left = moveTo(world, side, 0);
    moves.push(act(search, left, side, [{ kind: "disconnect" }], `${side} loses the connection`));
  }
  if (connection === 0) {
    const left = moveTo(world, side, 2);
    moves.push(act(search, left, side, [{ kind: "connect", connection: 2 }], `${side} is back`));
  }
  return moves;
}

/** The side leaves its connection for another, or none; older packets never reach it. */
function moveTo(world: World, side: Side, connection: number): World {
  const kept = world.queues[side].filter((packet) => packet.connection > 1);
  return {
    ...world,
    queues: { ...world.queues, [side]: kept },
    connections: { ...world.connections, [side]: connection },
  };
}

function act(
  search: Search,
  world: World,
  side: Side,
  inputs: readonly AccountInput[],
  name: string,
): World {
  const guards = { ...world.guards };
  const recorder = recorderOver(guards, side);
  const result = tick(world.accounts[side], inputs, search.contextOf(world, side), recorder);
  const to = otherOf(side);
  const connection = world.connections[side];
  const isLost = connection === 0 || (connection === 1 && world.connections[to] !== 1);
  const sent = isLost ? [] : result.packets.map((packet) => ({ ...packet, connection }));
  return {
    ...world,
    accounts: { ...world.accounts, [side]: result.account },
    queues: { ...world.queues, [to]: [...world.queues[to], ...sent] },
    guards,
    trail: [...world.trail, name],
  };
}

/** The guard of one side, copied when it is written to. */
function recorderOver(
  guards: { -readonly [S in Side]: ReadonlyMap<string, string> },
  side: Side,
): Recorder {
  return {
    sign(entity, slot, digest) {
      const text = toHex(digest);
      const key = `${slot.number}`;
      const known = guards[side].get(key);
      assert(known === undefined || known === text, "two digests in one slot", { key });
      if (known === undefined) {
        if (slot.kind === "proof") {
          const mark = Math.max(0, ...[...guards[side].keys()].map(Number));
          assert(slot.number > mark, "a new proof below one that was signed", { key, mark });
        }
        guards[side] = new Map(guards[side]).set(key, text);
      }
      return keccak256(concatBytes(entity, digest));
    },
    hasSigned: () => true,
    guardOf: (of) => guards[of],
  };
}

/** True when the peer of `side` has signed a digest. */
export function peerSigned(world: World, side: Side, digest: Bytes): boolean {
  const text = toHex(digest);
  return [...world.guards[otherOf(side)].values()].includes(text);
}

export function otherOf(side: Side): Side {
  return side === "left" ? "right" : "left";
}

function keyOf(world: World): string {
  const parts: Bytes[] = [];
  const text: string[] = [];
  for (const side of SIDES) {
    parts.push(encodeAccount(world.accounts[side]));
    for (const { bytes, connection } of world.queues[side]) {
      parts.push(bytes);
      text.push(`${connection}`);
    }
    text.push(`/${world.connections[side]}/${world.errands[side].length}/`);
    text.push([...world.guards[side].keys()].join(","));
  }
  parts.push(new TextEncoder().encode(text.join("")));
  return Buffer.from(keccak256(concatBytes(...parts))).toString("base64");
}

function nameOf(errand: AccountInput): string {
  if (errand.kind !== "submit") return errand.kind;
  return errand.transactions.map(({ kind }: Transaction) => kind).join("+");
}
