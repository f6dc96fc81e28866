/** What the contracts should hold, as the keeper computes it; operations predict their events. */

import { WINDOWS } from "../../../ignition/modules/Jurisdiction.ts";
import type { Body, LimitOrder, Transformer } from "../../../keeper/account/body.ts";
import { hashBody } from "../../../keeper/account/body.ts";
import { type ClosedRow, closeAccount } from "../../../keeper/account/closing.ts";
import {
  addDebt,
  type DebtQueue,
  forgiveDebt,
  hasDebts,
  NO_DEBTS,
  sweepDebts,
  tailOf,
} from "../../../keeper/account/debt.ts";
import { accountKey } from "../../../keeper/account/digest.ts";
import {
  type DisputeWindow,
  disputeCommitment,
  headWord,
  orderKey,
  overtakingWord,
  WINDOW_FLAG,
  windowLength,
  windowWord,
} from "../../../keeper/account/dispute.ts";
import { type Bytes, type Bytes32, equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import type { Result } from "../../../keeper/base/result.ts";
import { keccak256 } from "../../../keeper/codec/keccak.ts";
import type { Side, TokenId } from "../../../keeper/jurisdiction/types.ts";
import { idOf, type Party } from "./party.ts";

/** What both sides sign of an account, in words of this test. */
export type Proof = {
  readonly number: number;
  readonly leftResponse: number;
  readonly rightResponse: number;
  readonly frameHash: Bytes32;
  readonly body: Body;
};

/** Whose signature under a proof was made by a board that has been replaced. */
export type Retired = Readonly<Record<Side, boolean>>;

export type Live = {
  readonly window: DisputeWindow;
  readonly body: Body;
  /** A proof beside the head's, and its own flags. */
  readonly overtaking: {
    readonly number: number;
    readonly flags: number;
    readonly body: Body;
  } | null;
};

export type Money = { collateral: bigint; ondelta: bigint };

/** One account of two parties; `left` and `right` are their places in the world. */
export type Account = {
  readonly left: number;
  readonly right: number;
  readonly key: Bytes32;
  epoch: number;
  number: number;
  live: Live | null;
  readonly money: Map<TokenId, Money>;
};

/** An event as one line: its name and arguments. */
export type Line = string;

export type World = {
  readonly parties: readonly Party[];
  readonly tokens: readonly TokenId[];
  /** Hashes of the plans that locks wait for. */
  readonly plans: readonly Bytes32[];
  readonly accounts: readonly Account[];
  readonly reserves: Map<string, bigint>;
  readonly queues: Map<string, DebtQueue>;
  readonly nonces: number[];
  readonly revealed: Map<string, number>;
  readonly committed: Map<string, number>;
  readonly ratios: Map<string, bigint>;
  /** What a transformer answers. */
  readonly answerOf: (condition: Transformer) => readonly bigint[] | null;
  /** The contract that `answerOf` describes; any other has no code. */
  readonly transformer: Bytes;
  /** How often something worth reaching was reached. */
  readonly reached: Map<string, number>;
  now: number;
};

const cell = (party: number, token: TokenId): string => `${party}/${token}`;

export function createWorld(
  parties: readonly Party[],
  tokens: readonly TokenId[],
  facts: Pick<World, "plans" | "transformer" | "answerOf">,
): World {
  const accounts: Account[] = [];
  for (const [left, a] of parties.entries()) {
    for (let right = left + 1; right < parties.length; right++) {
      const key = accountKey(idOf(a), idOf(parties[right] as Party));
      accounts.push({ left, right, key, epoch: 0, number: 0, live: null, money: new Map() });
    }
  }
  return {
    parties,
    tokens,
    accounts,
    ...facts,
    reserves: new Map(),
    queues: new Map(),
    nonces: parties.map(() => 0),
    revealed: new Map(),
    committed: new Map(),
    ratios: new Map(),
    reached: new Map(),
    now: 0,
  };
}

/** Counts that this was reached, if it was. */
export function reach({ reached }: World, what: string, times: number | boolean = 1): void {
  if (Number(times) > 0) reached.set(what, (reached.get(what) ?? 0) + Number(times));
}

export function partyOf(account: Account, side: Side): number {
  return side === "left" ? account.left : account.right;
}

export function moneyOf(account: Account, token: TokenId): Money {
  return account.money.get(token) ?? { collateral: 0n, ondelta: 0n };
}

export function reserveOf(world: World, party: number, token: TokenId): bigint {
  return world.reserves.get(cell(party, token)) ?? 0n;
}

export function queueOf(world: World, party: number, token: TokenId): DebtQueue {
  return world.queues.get(cell(party, token)) ?? NO_DEBTS;
}

/** What the party may spend: nothing while it has a debt in the token. */
export function spendable(world: World, party: number, token: TokenId): bigint {
  return hasDebts(queueOf(world, party, token)) ? 0n : reserveOf(world, party, token);
}

/** The head's word as the chain keeps it, and what lies beside it. */
export function wordsOf(account: Account): { readonly head: bigint; readonly overtaking: bigint } {
  const { epoch, number, live } = account;
  if (live === null) {
    return { head: headWord({ dispute: 0n, overtaken: false, epoch, number }), overtaking: 0n };
  }
  const word = windowWord(live.window);
  const dispute = disputeCommitment(word, hashBody(live.body));
  const head = headWord({ dispute, overtaken: live.overtaking !== null, epoch, number });
  if (live.overtaking === null) return { head, overtaking: 0n };
  const own = windowWord({ ...live.window, flags: live.overtaking.flags });
  const { number: newest, body } = live.overtaking;
  return { head, overtaking: overtakingWord(newest, own, hashBody(body)) };
}

// Operations: each changes the world and tells the events that the contracts will emit.

export function addReserve(world: World, party: number, token: TokenId, change: bigint): Line {
  const amount = reserveOf(world, party, token) + change;
  world.reserves.set(cell(party, token), amount);
  return `ReserveUpdated(${idText(world, party)},${packed(token, amount)})`;
}

export function countBatch(world: World, party: number): Line {
  const nonce = world.nonces[party] as number;
  world.nonces[party] = nonce + 1;
  return `BatchProcessed(${idText(world, party)},${nonce})`;
}

/** @param numbered whether a settlement did it, which has changed the number */
export function setMoney(
  world: World,
  account: Account,
  token: TokenId,
  money: Money,
  numbered: boolean,
): Line {
  account.money.set(token, money);
  const epochNumber = numbered ? epochNumberOf(account, account.number) : 0n;
  const word = (BigInt.asUintN(128, money.ondelta) << 128n) | money.collateral;
  const row = (BigInt(token) << 128n) | epochNumber;
  return `AccountUpdated(${pairText(world, account)},${row},${word})`;
}

/** The side's batch starts a dispute; number 0 is no proof. */
export function startDispute(
  world: World,
  account: Account,
  side: Side,
  proof: Proof,
  salt: bigint,
  retired: Retired,
): Line {
  const starts = side === "left" ? WINDOW_FLAG.byLeft : WINDOW_FLAG.byRight;
  const flags = starts | (side === "left" ? 0 : WINDOW_FLAG.starterIsRight) | flagsOf(retired);
  const responses = { left: proof.leftResponse, right: proof.rightResponse };
  const bounds = { shortest: WINDOWS.min, longest: WINDOWS.max };
  const length = proof.number === 0 ? WINDOWS.max : windowLength(responses, bounds);
  const window = { salt, flags, startedAt: world.now, end: world.now + length };
  account.number = proof.number;
  account.live = { window, body: proof.body, overtaking: null };
  const epochNumber = epochNumberOf(account, proof.number);
  const hash = toHex(hashBody(proof.body));
  const pair = pairText(world, account);
  return `DisputeStarted(${pair},${epochNumber},${windowWord(window)},${hash})`;
}

/** @param side whose batch carries it; null if anyone does, with both signatures */
export function counterDispute(
  world: World,
  account: Account,
  side: Side | null,
  proof: Proof,
  retired: Retired,
): Line {
  const { window, body, overtaking } = account.live as Live;
  const starterIsRight = window.flags & WINDOW_FLAG.starterIsRight;
  const by = side === null ? 0 : side === "left" ? WINDOW_FLAG.byLeft : WINDOW_FLAG.byRight;
  const flags = starterIsRight | by | flagsOf(retired);
  const starters = starterIsRight === 0 ? WINDOW_FLAG.byLeft : WINDOW_FLAG.byRight;
  const first = overtaking === null && (window.flags & starters) !== 0;
  const epochNumber = epochNumberOf(account, proof.number);
  if (first) {
    account.number = proof.number;
    account.live = { window: { ...window, flags }, body: proof.body, overtaking: null };
  } else {
    const newest = { number: proof.number, flags, body: proof.body };
    account.live = { window, body, overtaking: newest };
  }
  const hash = toHex(hashBody(proof.body));
  const word = windowWord({ ...window, flags });
  return `DisputeCountered(${pairText(world, account)},${epochNumber},${word},${hash},${!first})`;
}

export function reveal(world: World, preimage: Bytes32): Line[] {
  const hash = toHex(keccak256(preimage));
  if (world.revealed.has(hash)) return [];
  world.revealed.set(hash, world.now);
  return [`HashRevealed(${hash},${toHex(preimage)})`];
}

export function fillOrder(world: World, account: Account, order: LimitOrder, ratio: bigint): Line {
  const { deadline, taker } = order;
  world.ratios.set(toHex(orderKey(account.key, account.epoch, order)), ratio);
  const pair = pairText(world, account);
  const terms = `${toHex(order.order)},${taker === "right"},${account.epoch},${deadline},${ratio}`;
  return `OrderFilled(${pair},${terms})`;
}

/** The winning body of a live dispute, and whose batch brought it. */
export function winnerOf({ live }: Account): { readonly body: Body; readonly flags: number } {
  const { window, body, overtaking } = live as Live;
  return overtaking ?? { body, flags: window.flags };
}

/** What closing the account now would do. */
export function predictClosing(
  world: World,
  account: Account,
  extra: readonly TokenId[],
): Result<readonly ClosedRow[]> {
  const { window } = account.live as Live;
  const funds = {
    moneyOf: (token: TokenId) => moneyOf(account, token),
    reserveOf: (side: Side, token: TokenId) => reserveOf(world, partyOf(account, side), token),
    hasDebts: (side: Side, token: TokenId) =>
      hasDebts(queueOf(world, partyOf(account, side), token)),
  };
  const evidence = {
    now: world.now,
    startedAt: window.startedAt,
    longestWindow: WINDOWS.max,
    revealedAt: (hash: Bytes32) => world.revealed.get(toHex(hash)) ?? 0,
    committedAt: (plan: Bytes32) => world.committed.get(toHex(plan)) ?? 0,
    ratioOf: (order: LimitOrder) =>
      world.ratios.get(toHex(orderKey(account.key, account.epoch, order))) ?? 0n,
    answerOf: (condition: Transformer) =>
      equalBytes(condition.transformer, world.transformer) ? world.answerOf(condition) : null,
  };
  const { body, flags } = winnerOf(account);
  const retired = {
    left: (flags & WINDOW_FLAG.leftRetired) !== 0,
    right: (flags & WINDOW_FLAG.rightRetired) !== 0,
  };
  return closeAccount(body, extra, funds, evidence, retired);
}

export function finalise(world: World, account: Account, rows: readonly ClosedRow[]): Line[] {
  const lines: Line[] = [];
  const epoch = account.epoch + 1;
  Object.assign(account, { epoch, number: 0, live: null });
  for (const { token, gain, debtor, paid, debt } of rows) {
    const [left, right] = [account.left, account.right];
    if (debtor !== null) {
      const [owes, owed] = debtor === "left" ? [left, right] : [right, left];
      if (debt > 0n) lines.push(owe(world, owes, owed, token, debt));
      if (paid > 0n) lines.push(addReserve(world, owes, token, -paid));
    }
    if (gain.left > 0n) lines.push(addReserve(world, left, token, gain.left));
    if (gain.right > 0n) lines.push(addReserve(world, right, token, gain.right));
    const { collateral, ondelta } = moneyOf(account, token);
    if (collateral === 0n && ondelta === 0n) continue;
    lines.push(setMoney(world, account, token, { collateral: 0n, ondelta: 0n }, true));
  }
  lines.push(`DisputeFinalised(${pairText(world, account)},${epoch})`);
  return lines;
}

/** @param creditors places of parties */
export function sweep(
  world: World,
  debtor: number,
  token: TokenId,
  creditors: readonly number[],
): Line[] {
  const ids = creditors.map((party) => idOf(world.parties[party] as Party));
  const before = reserveOf(world, debtor, token);
  const queue = queueOf(world, debtor, token);
  const { payments, queue: after, reserve } = sweepDebts(queue, before, ids);
  const lines: Line[] = [];
  for (const { index, creditor, paid, rest } of payments) {
    const place = world.parties.findIndex(({ id }) => id === toHex(creditor));
    lines.push(debtLine(world, debtor, place, token, index, rest));
    lines.push(addReserve(world, place, token, paid));
  }
  world.queues.set(cell(debtor, token), after);
  reach(world, "a debt swept", payments.filter(({ rest }) => rest === 0n).length);
  reach(world, "a debt swept in part", payments.filter(({ rest }) => rest > 0n).length);
  reach(world, "a forgiven debt passed over", after.head - queue.head > payments.length);
  if (payments.length > 0) lines.push(addReserve(world, debtor, token, reserve - before));
  if (lines.length > 0 || after.head !== queue.head || !hasDebts(queue)) return lines;
  if (creditors.length === 0 || before === 0n) return lines;
  reach(world, "a sweep that paid nothing");
  const [owes, named] = [idText(world, debtor), toHex(ids[0] as Bytes32)];
  return [
    `EnforcementSkipped(${owes},${named},6,` +
      `CreditorInvalid(${owes},${token},${queue.head},${named}))`,
  ];
}

export function forgive(
  world: World,
  creditor: number,
  debtor: number,
  token: TokenId,
  index: number,
): Line {
  world.queues.set(cell(debtor, token), forgiveDebt(queueOf(world, debtor, token), index));
  return debtLine(world, debtor, creditor, token, index, 0n);
}

function owe(world: World, owes: number, owed: number, token: TokenId, amount: bigint): Line {
  const queue = queueOf(world, owes, token);
  const creditor = idOf(world.parties[owed] as Party);
  world.queues.set(cell(owes, token), addDebt(queue, { creditor, amount }));
  return debtLine(world, owes, owed, token, tailOf(queue), amount);
}

function debtLine(
  world: World,
  debtor: number,
  creditor: number,
  token: TokenId,
  index: number,
  amount: bigint,
): Line {
  const place = (BigInt(token) << 64n) | BigInt(index);
  return `DebtUpdated(${idText(world, debtor)},${idText(world, creditor)},${place},${amount})`;
}

function flagsOf({ left, right }: Retired): number {
  return (left ? WINDOW_FLAG.leftRetired : 0) | (right ? WINDOW_FLAG.rightRetired : 0);
}

function packed(token: TokenId, amount: bigint): bigint {
  return (BigInt(token) << 128n) | amount;
}

function epochNumberOf({ epoch }: Account, number: number): bigint {
  return (BigInt(epoch) << 64n) | BigInt(number);
}

function idText({ parties }: World, party: number): string {
  return (parties[party] as Party).id;
}

function pairText(world: World, { left, right }: Account): string {
  return `${idText(world, left)},${idText(world, right)}`;
}
