/** Final blocks that wait to be agreed (ACC-8): which are due, and what becomes of them. */
import { lowerBound } from "../base/order.ts";
import type { BlockReference } from "../jurisdiction/types.ts";
import type { Transaction } from "./transaction.ts";
import type { AccountState, ObservedBlock, TokenRow } from "./types.ts";

type ChainEvent = Transaction & { kind: "chainEvent" };

/** The rows of a block whose tokens the account lists: the others wait until it does. */
export function listedRows(rows: readonly TokenRow[], block: ObservedBlock): ObservedBlock["rows"] {
  const isListed = ({ token }: { token: number }) => rows.some((row) => row.token === token);
  return block.rows.every(isListed) ? block.rows : block.rows.filter(isListed);
}

/**
 * The chain events to be proposed now, in order: one for each block that touches a listed token,
 * and one when none of them ends the open settlement but its deadline has passed.
 */
export function dueEvents(
  state: AccountState,
  pending: readonly ObservedBlock[],
  final: BlockReference | null,
): readonly ChainEvent[] {
  if (pending.length === 0 && state.settlement === null) return [];
  const events: ChainEvent[] = [];
  for (const block of pending) {
    const rows = listedRows(state.rows, block);
    if (rows.length > 0) events.push(eventOf(block, block.epoch, block.number, rows));
  }
  const open = state.settlement?.settlement;
  if (open === undefined || open.number === 0 || final === null) return events;
  const ended = events.some((e) => e.number >= open.number || e.timestamp > open.deadline);
  if (!ended && final.timestamp > open.deadline) events.push(eventOf(final, state.epoch, 0, []));
  return events;
}

/** A block joins those that wait; one that is not newer than all before it changes nothing. */
export function addPending(
  pending: readonly ObservedBlock[],
  observedHeight: number,
  block: ObservedBlock,
): readonly ObservedBlock[] {
  const last = pending.at(-1)?.height ?? 0;
  if (block.rows.length === 0 || block.height <= Math.max(last, observedHeight)) return pending;
  return [...pending, block];
}

/** Takes out what the frame's events have entered; rows of tokens not listed stay behind. */
export function withoutEvents(
  pending: readonly ObservedBlock[],
  transactions: readonly Transaction[],
): readonly ObservedBlock[] {
  if (pending.length === 0) return pending;
  let rest: ObservedBlock[] | null = null;
  for (const event of transactions) {
    if (event.kind !== "chainEvent" || event.rows.length === 0) continue;
    rest ??= pending.slice();
    const height = { height: event.height } as ObservedBlock;
    const index = lowerBound(rest, height, (a, b) => a.height - b.height);
    const block = rest[index];
    if (block === undefined || block.height !== event.height) continue;
    const rows = block.rows.filter(({ token }) => !event.rows.some((row) => row.token === token));
    if (rows.length === 0) rest.splice(index, 1);
    else rest[index] = { ...block, rows };
  }
  return rest ?? pending;
}

/** Highest block that the frame's events name, or -1: the receiver's watcher must have it. */
export function highestEvent(transactions: readonly Transaction[]): number {
  let highest = -1;
  for (const transaction of transactions) {
    if (transaction.kind === "chainEvent") highest = Math.max(highest, transaction.height);
  }
  return highest;
}

function eventOf(
  { height, hash, timestamp }: BlockReference,
  epoch: number,
  number: number,
  rows: ObservedBlock["rows"],
): ChainEvent {
  return { kind: "chainEvent", height, blockHash: hash, timestamp, epoch, number, rows };
}
