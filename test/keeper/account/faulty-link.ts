/**
 * Two replicas over a link that drops, repeats, reorders and breaks, on disks that lose their last
 * tick, beside a chain that their watchers see at different times; all of it by seed (TST-4).
 */
import type { AccountEffect } from "../../../keeper/account/effect.ts";
import type { AccountInput } from "../../../keeper/account/input.ts";
import { decodeAccount, encodeAccount } from "../../../keeper/account/replica.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type {
  Account,
  Context,
  ObservedBlock,
  PlanVerdict,
} from "../../../keeper/account/types.ts";
import { assert } from "../../../keeper/base/assert.ts";
import { type Bytes32, equalBytes } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Settlement, Side } from "../../../keeper/jurisdiction/types.ts";
import {
  arrival,
  blockAt,
  createRecorder,
  JURISDICTION,
  openPair,
  type Packet,
  type Recorder,
  START,
  tick,
} from "./pair.ts";

/** Seconds from block to block. */
const BLOCK_TIME = 5;
export const TOKENS = [1, 2] as const;

type Chain = {
  readonly blocks: ObservedBlock[];
  /** Newest collateral and ondelta by token. */
  readonly money: Map<number, { collateral: bigint; ondelta: bigint }>;
  number: number;
  readonly submitted: Settlement[];
};

export type Keeper = {
  readonly side: Side;
  account: Account;
  /** What the last sync has kept. */
  stored: Account;
  connection: number;
  /** Packets under way to this side. */
  inbox: Packet[];
  /** Every packet that was ever sent to this side: what a liar can repeat. */
  readonly heard: Packet[];
  /** Height up to which its watcher has seen final blocks. */
  watched: number;
  readonly skew: number;
  readonly submitted: Transaction[];
  readonly committed: { readonly hash: Bytes32; readonly own: readonly Transaction[] }[];
  readonly effects: AccountEffect[];
  /** Own frames that were sent: number and content, for what may be told as dropped. */
  readonly sent: { readonly number: number; readonly transactions: readonly Transaction[] }[];
};

export type Link = {
  readonly random: Random;
  readonly recorder: Recorder;
  readonly keepers: Readonly<Record<Side, Keeper>>;
  readonly chain: Chain;
  now: number;
  connection: number;
  plans: number;
  /** No tick is lost any more. */
  isHealed: boolean;
};

export function createLink(seed: number): Link {
  const random = createRandom(seed);
  const pair = openPair();
  const keeper = (side: Side): Keeper => ({
    side,
    account: pair[side],
    stored: pair[side],
    connection: 0,
    inbox: [],
    heard: [],
    watched: 0,
    skew: random.below(30),
    submitted: [],
    committed: [],
    effects: [],
    sent: [],
  });
  const keepers = { left: keeper("left"), right: keeper("right") };
  const chain: Chain = { blocks: [], money: new Map(), number: 0, submitted: [] };
  const counters = { now: START, connection: 0, plans: 0, isHealed: false };
  return { random, recorder: createRecorder(), keepers, chain, ...counters };
}

export function otherKeeper(link: Link, { side }: Keeper): Keeper {
  return link.keepers[side === "left" ? "right" : "left"];
}

export function contextOf(link: Link, keeper: Keeper): Context {
  const height = keeper.watched;
  const final = height === 0 ? null : (link.chain.blocks[height - 1] as ObservedBlock);
  const now = link.now + keeper.skew;
  return {
    jurisdiction: JURISDICTION,
    final,
    tokens: 0,
    now,
    plan: (plan) => verdictOf(plan, keeper.side),
  };
}

/** By the plan's own bytes, so that every tick and both sides agree on how it ends. */
function verdictOf(plan: Bytes32, side: Side): PlanVerdict {
  const [first, second] = plan as unknown as [number, number];
  const refusing = first % 8 === 0 ? "left" : first % 8 === 1 ? "right" : null;
  return {
    acceptsHold: () => side !== refusing,
    acceptsCertificate: () => second % 2 === 0,
    mayAbort: second % 2 === 1,
  };
}

/** One tick of a keeper: synced and sent, or lost with its inputs in a crash; false for that. */
export function tickKeeper(link: Link, keeper: Keeper, ...inputs: AccountInput[]): boolean {
  const { random, recorder } = link;
  // Only a synced tick is signed and sent (ARC-3): one that is lost never happened.
  if (!link.isHealed && random.chance(1, 60)) {
    crash(link, keeper);
    return false;
  }
  const result = tick(keeper.account, inputs, contextOf(link, keeper), recorder);
  keeper.account = result.account;
  keeper.stored = result.account;
  for (const input of inputs) {
    if (input.kind === "submit") keeper.submitted.push(...input.transactions);
  }
  for (const effect of result.effects) noteEffect(link, keeper, effect);
  const { inFlight } = keeper.account;
  if (inFlight !== null) {
    const { number, transactions } = inFlight.frame;
    if (keeper.sent.at(-1)?.number !== number) keeper.sent.push({ number, transactions });
  }
  const other = otherKeeper(link, keeper);
  other.heard.push(...result.packets);
  if (keeper.connection !== 0 && keeper.connection === other.connection) {
    other.inbox.push(...result.packets);
  }
  return true;
}

function noteEffect(link: Link, keeper: Keeper, effect: AccountEffect): void {
  keeper.effects.push(effect);
  if (effect.kind === "committed") {
    const own = effect.proposer === keeper.side ? effect.frame.transactions : [];
    keeper.committed.push({ hash: effect.hash, own });
  }
  if (effect.kind === "settle") link.chain.submitted.push(effect.settlement);
  if (effect.kind === "dropped") checkDropped(keeper, effect.transaction);
}

/** ACC-4: what is told as dropped is in no frame of ours that the peer could still enforce. */
function checkDropped({ account, sent }: Keeper, transaction: Transaction): void {
  const proved = account.headProof?.number ?? 0;
  for (const { number, transactions } of sent) {
    if (number <= proved || !transactions.some((other) => sameText(other, transaction))) continue;
    assert(false, "told as dropped while a frame that holds it could be enforced", { number });
  }
}

/** The process dies: connections and packets are gone, the disk has the last synced tick. */
function crash(link: Link, keeper: Keeper): void {
  const decoded = decodeAccount(encodeAccount(keeper.stored));
  assert(decoded.ok, "a checkpoint does not decode");
  assert(equalBytes(encodeAccount(decoded.value), encodeAccount(keeper.stored)), "not canonical");
  keeper.account = decoded.value;
  breakConnection(link, keeper);
}

/** This side notices at once, the other when it likes. */
export function breakConnection(link: Link, keeper: Keeper): void {
  keeper.connection = 0;
  keeper.inbox = [];
  const result = tick(
    keeper.account,
    [{ kind: "disconnect" }],
    contextOf(link, keeper),
    link.recorder,
  );
  keeper.account = result.account;
  keeper.stored = result.account;
}

/** Both leave what they are on and meet again. */
export function connectBoth(link: Link): void {
  link.connection += 1;
  const { left, right } = link.keepers;
  for (const keeper of [left, right]) {
    keeper.connection = link.connection;
    keeper.inbox = [];
  }
  for (const keeper of [left, right]) {
    tickKeeper(link, keeper, { kind: "connect", connection: link.connection });
  }
}

/** Delivers one packet: mostly the oldest, at times another one, lost or left to come again. */
export function deliverOne(link: Link, keeper: Keeper, isFaulty: boolean): boolean {
  const { random } = link;
  if (keeper.inbox.length === 0 || keeper.connection === 0) return false;
  const reorders = isFaulty && random.chance(1, 12);
  const index = reorders ? random.below(keeper.inbox.length) : 0;
  const packet = keeper.inbox[index] as Packet;
  const repeats = isFaulty && random.chance(1, 12);
  if (!repeats) keeper.inbox.splice(index, 1);
  if (isFaulty && random.chance(1, 25)) return true;
  tickKeeper(link, keeper, arrival(packet, keeper.connection));
  return true;
}

/** Anything that the peer has ever sent comes again, on today's connection; no false hello. */
export function deliverOld(link: Link, keeper: Keeper): void {
  if (keeper.heard.length === 0 || keeper.connection === 0) return;
  const input = arrival(link.random.pick(keeper.heard), keeper.connection);
  if (input.kind === "message" && input.message.kind !== "hello") tickKeeper(link, keeper, input);
}

/** The chain grows by a block, which may hold a deposit or a submitted settlement. */
export function mine(link: Link, isBusy: boolean): void {
  const { chain, random, now } = link;
  const { height, hash } = blockAt(chain.blocks.length + 1);
  const last = chain.blocks.at(-1)?.timestamp ?? START;
  const timestamp = Math.max(now, last + BLOCK_TIME);
  const rows = new Map<number, { token: number; collateral: bigint; ondelta: bigint }>();
  let number = 0;
  const landing = chain.submitted.find((s) => s.number > chain.number && s.deadline >= timestamp);
  if (landing !== undefined && random.chance(1, 2)) {
    for (const { token, collateralDiff, ondeltaDiff } of landing.diffs) {
      rows.set(token, changed(chain, token, collateralDiff, ondeltaDiff));
    }
    number = landing.number;
    chain.number = number;
  }
  if (isBusy && random.chance(1, 6)) {
    const amount = BigInt(random.between(1, 500));
    const token = random.pick(TOKENS);
    rows.set(token, changed(chain, token, amount, random.chance(1, 2) ? amount : 0n));
  }
  const sorted = [...rows.values()].sort((a, b) => a.token - b.token);
  chain.blocks.push({ height, hash, timestamp, epoch: 0, number, rows: sorted });
}

function changed(chain: Chain, token: number, collateralDiff: bigint, ondeltaDiff: bigint) {
  const before = chain.money.get(token) ?? { collateral: 0n, ondelta: 0n };
  const collateral = before.collateral + collateralDiff;
  const ondelta = before.ondelta + ondeltaDiff;
  chain.money.set(token, { collateral, ondelta });
  return { token, collateral, ondelta };
}

/** A watcher sees the next final block; false when it has seen all. */
export function watch(link: Link, keeper: Keeper): boolean {
  const block = link.chain.blocks[keeper.watched];
  if (block === undefined) return false;
  keeper.watched += 1;
  const input: AccountInput =
    block.rows.length > 0 ? { kind: "observe", block } : { kind: "final" };
  // A crash loses the tick: after it the watcher tells of the block again.
  if (!tickKeeper(link, keeper, input)) keeper.watched -= 1;
  return true;
}

export function newPlan(link: Link): Bytes32 {
  link.plans += 1;
  return keccakText(`plan ${link.plans} of ${link.random.uint32()}`);
}

export function textOf(transaction: Transaction): string {
  if (transaction.kind === "signSettlement") return transaction.kind;
  return JSON.stringify(transaction, (_, value) =>
    typeof value === "bigint"
      ? `${value}n`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("hex")
        : value,
  );
}

function sameText(a: Transaction, b: Transaction): boolean {
  return a.kind === b.kind && textOf(a) === textOf(b);
}
