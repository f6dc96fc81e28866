/** Two replicas of one account, in memory: what the shell does around them, done by hand. */

import { decodeMessage, encodeMessage } from "../../../keeper/account/codec.ts";
import type { AccountEffect, SignatureSlot } from "../../../keeper/account/effect.ts";
import type { AccountInput } from "../../../keeper/account/input.ts";
import type { Claim } from "../../../keeper/account/message.ts";
import { openAccount } from "../../../keeper/account/open.ts";
import { step } from "../../../keeper/account/step.ts";
import type { Account, Context, PlanVerdict } from "../../../keeper/account/types.ts";
import { assert } from "../../../keeper/base/assert.ts";
import {
  type Bytes,
  type Bytes32,
  concatBytes,
  fromHex,
  toHex,
  ZERO_BYTES32,
} from "../../../keeper/base/bytes.ts";
import { addressEntity } from "../../../keeper/codec/identity.ts";
import { keccak256, keccakText } from "../../../keeper/codec/keccak.ts";
import type {
  BlockReference,
  EntityId,
  Jurisdiction,
  Side,
} from "../../../keeper/jurisdiction/types.ts";

export const LEFT: EntityId = addressEntity(fromHex(`0x${"11".repeat(20)}`));
export const RIGHT: EntityId = addressEntity(fromHex(`0x${"22".repeat(20)}`));
export const START = 1_700_000_000;

export const JURISDICTION: Jurisdiction = {
  chainId: 31337,
  depository: fromHex(`0x${"aa".repeat(20)}`),
  entityProvider: fromHex(`0x${"bb".repeat(20)}`),
  domain: keccakText("a Depository of the tests"),
  deployedAt: 1,
  finalityDepth: 2,
  inclusionMargin: 60,
  responseTime: 3_600,
};

/** Says yes to everything, as a plan machine does for a plan in the phase that fits. */
export const WILLING: PlanVerdict = {
  acceptsHold: () => true,
  acceptsCertificate: () => true,
  mayAbort: true,
};

export function contextAt(
  now: number,
  final: BlockReference | null = null,
  verdict: PlanVerdict = WILLING,
): Context {
  return { jurisdiction: JURISDICTION, final, tokens: 0, now, plan: () => verdict };
}

/** A message as it lies on the wire: canonical bytes, and the claim beside them. */
export type Packet = { readonly bytes: Bytes; readonly claim: Claim | null };

/**
 * Stands where the signer's guard stands: one digest a slot, and no new proof at or below one
 * that was signed. Signatures are hashes that name their maker.
 */
export type Recorder = {
  readonly sign: (entity: EntityId, slot: SignatureSlot, digest: Bytes32) => Bytes;
  readonly hasSigned: (entity: EntityId, digest: Bytes32) => boolean;
  /** Digests of a side by number. */
  readonly guardOf: (side: Side) => ReadonlyMap<string, string>;
};

export function createRecorder(): Recorder {
  const digests = new Map<string, string>();
  const marks = new Map<string, number>();
  const signed = new Set<string>();
  return {
    sign(entity, slot, digest) {
      const key = `${toHex(entity)}/${slot.epoch}/${slot.number}`;
      const text = toHex(digest);
      const known = digests.get(key);
      assert(known === undefined || known === text, "two digests in one slot", { key });
      const mark = marks.get(toHex(entity)) ?? 0;
      if (known === undefined && slot.kind === "proof") {
        assert(slot.number > mark, "a new proof below one that was signed", { key, mark });
        marks.set(toHex(entity), slot.number);
      }
      digests.set(key, text);
      signed.add(`${toHex(entity)}/${text}`);
      return keccak256(concatBytes(entity, digest));
    },
    guardOf(side) {
      const prefix = `${toHex(side === "left" ? LEFT : RIGHT)}/0/`;
      const own = [...digests].filter(([key]) => key.startsWith(prefix));
      return new Map(own.map(([key, digest]) => [key.slice(prefix.length), digest]));
    },
    hasSigned: (entity, digest) => signed.has(`${toHex(entity)}/${toHex(digest)}`),
  };
}

/** What one tick of one side did. */
export type TickResult = {
  readonly account: Account;
  readonly effects: readonly AccountEffect[];
  readonly packets: readonly Packet[];
};

/** One tick: all inputs, then the flush; signatures are made and messages encoded after it. */
export function tick(
  account: Account,
  inputs: readonly AccountInput[],
  context: Context,
  recorder: Recorder,
): TickResult {
  const effects: AccountEffect[] = [];
  let next = account;
  for (const input of [...inputs, { kind: "flush" } as const]) {
    const result = step(next, input, context);
    next = result.account;
    effects.push(...result.effects);
  }
  const me = entityOf(account);
  const packets: Packet[] = [];
  for (const effect of effects) {
    if (effect.kind === "settle") recorder.sign(me, effect.sign.slot, effect.sign.digest);
    if (effect.kind !== "send") continue;
    const { message, sign } = effect;
    const claim = sign && {
      digest: sign.digest,
      signature: recorder.sign(me, sign.slot, sign.digest),
    };
    packets.push({ bytes: encodeMessage(message), claim });
  }
  return { account: next, effects, packets };
}

/** A packet as an input; the bytes are decoded strictly. */
export function arrival(packet: Packet, connection: number): AccountInput {
  const decoded = decodeMessage(packet.bytes);
  assert(decoded.ok, "our own message does not decode");
  return { kind: "message", connection, message: decoded.value, claim: packet.claim };
}

export function entityOf(account: Account): EntityId {
  return account.me === "left" ? account.state.left : account.state.right;
}

export function openPair(): { readonly left: Account; readonly right: Account } {
  return {
    left: openAccount(LEFT, RIGHT, JURISDICTION),
    right: openAccount(RIGHT, LEFT, JURISDICTION),
  };
}

/** Two sides over a perfect link: for transcripts and tables. */
export type Bench = {
  readonly accounts: Record<Side, Account>;
  readonly effects: Record<Side, AccountEffect[]>;
  /** What is under way to each side. */
  readonly queues: Record<Side, Packet[]>;
  readonly contexts: Record<Side, Context>;
  readonly recorder: Recorder;
  connection: number;
};

export function createBench(): Bench {
  const recorder = createRecorder();
  return {
    accounts: openPair(),
    effects: { left: [], right: [] },
    queues: { left: [], right: [] },
    contexts: { left: contextAt(START), right: contextAt(START) },
    recorder,
    connection: 0,
  };
}

/** One tick of a side; what it sends is queued for the other. */
export function run(bench: Bench, side: Side, ...inputs: readonly AccountInput[]): TickResult {
  const { accounts, contexts, recorder } = bench;
  const result = tick(accounts[side], inputs, contexts[side], recorder);
  bench.accounts[side] = result.account;
  bench.effects[side].push(...result.effects);
  bench.queues[side === "left" ? "right" : "left"].push(...result.packets);
  return result;
}

/** Delivers the oldest packet under way to a side; false when there is none. */
export function deliver(bench: Bench, to: Side): boolean {
  const packet = bench.queues[to].shift();
  if (packet === undefined) return false;
  run(bench, to, arrival(packet, bench.connection));
  return true;
}

/** Delivers until nothing is under way. */
export function settleDown(bench: Bench): void {
  for (let i = 0; i < 1_000; i++) {
    const moved = [deliver(bench, "left"), deliver(bench, "right")];
    if (!moved.includes(true)) return;
  }
  assert(false, "the two sides never come to rest");
}

/** Everything under way is lost, and both sides meet on a new connection. */
export function reconnect(bench: Bench): void {
  bench.connection += 1;
  for (const side of ["left", "right"] as const) bench.queues[side].length = 0;
  for (const side of ["left", "right"] as const) {
    run(bench, side, { kind: "disconnect" }, { kind: "connect", connection: bench.connection });
  }
}

/** A bench on which both sides have said hello. */
export function connectedBench(): Bench {
  const bench = createBench();
  reconnect(bench);
  settleDown(bench);
  return bench;
}

/** The block of that height on the one chain that the tests use. */
export function blockAt(height: number, timestamp = START + height): BlockReference {
  return { height, hash: height === 0 ? ZERO_BYTES32 : keccakText(`block ${height}`), timestamp };
}
