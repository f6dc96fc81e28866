/** What a final block changes: reserves, batches, boards, and the accounts that it touched. */

import { MAX_CLOCK_SKEW } from "../account/limit.ts";
import type { Account, ObservedBlock } from "../account/types.ts";
import { unreachable } from "../base/assert.ts";
import { equalBytes } from "../base/bytes.ts";
import type { Block, ChainEvent, EntityId } from "../jurisdiction/types.ts";
import { ensureAccount, stepAccount } from "./account.ts";
import { batchExpired, batchLanded } from "./command/batch.ts";
import { observePlans } from "./plan.ts";
import type { Session } from "./session.ts";
import { settlementLapsed } from "./settlement.ts";

type AccountEvent = ChainEvent & { kind: "account" };

export function observeFinal(session: Session, block: Block): void {
  const touched = new Map<number, { peer: EntityId; events: AccountEvent[] }>();
  for (const event of block.events) {
    if (event.kind !== "account") observe(session, event);
    else collect(session, event, touched);
  }
  // After all reserves: a batch's event comes before what it spent, and the next is judged here.
  observePlans(session, block);
  for (const event of block.events) if (event.kind === "batch") landed(session, event, block);
  batchExpired(session, block.timestamp);
  for (const { peer, events } of touched.values()) {
    // Somebody may have funded an account that we have not opened: its rows must not be lost.
    const { epoch } = ensureAccount(session, peer).state;
    stepAccount(session, peer, { kind: "observe", block: observedBlock(block, epoch, events) });
  }
  wakeWaiting(session, block, touched);
}

function observe(session: Session, event: Exclude<ChainEvent, AccountEvent>): void {
  const { entity, context } = session;
  switch (event.kind) {
    case "reserve":
      if (equalBytes(event.entity, entity.id)) entity.reserves.set(event.token, event.amount);
      return;
    case "batch":
      return; // Its turn comes when all reserves of the block are known.
    case "board":
      entity.boards.set(context.interner.intern(event.entity), event.boardHash);
      return;
    case "token":
    case "plan":
      return; // A plan's turn comes when all reserves of the block are known.
    default:
      return unreachable(event);
  }
}

function landed(
  session: Session,
  event: ChainEvent & { kind: "batch" },
  { timestamp }: Block,
): void {
  if (!equalBytes(event.entity, session.entity.id)) return;
  batchLanded(session, event.nonce, timestamp);
}

function collect(
  session: Session,
  event: AccountEvent,
  touched: Map<number, { peer: EntityId; events: AccountEvent[] }>,
): void {
  const weAreLeft = equalBytes(event.left, session.entity.id);
  if (!weAreLeft && !equalBytes(event.right, session.entity.id)) return;
  const peer = weAreLeft ? event.right : event.left;
  const index = session.context.interner.intern(peer);
  const seen = touched.get(index);
  if (seen) seen.events.push(event);
  else touched.set(index, { peer, events: [event] });
}

/**
 * Rows are absolute, so the last event of a token in the block is the one that stands. An event
 * without epoch and number leaves them as they were (DEP-6).
 */
function observedBlock(
  block: Block,
  known: number,
  events: readonly AccountEvent[],
): ObservedBlock {
  const rows = new Map<number, ObservedBlock["rows"][number]>();
  let epoch = known;
  let number = 0;
  for (const event of events) {
    const { token, collateral, ondelta } = event;
    rows.set(token, { token, collateral, ondelta });
    if (event.epoch === 0 && event.number === 0) continue;
    epoch = event.epoch;
    number = event.number;
  }
  const { height, hash, timestamp } = block;
  const sorted = [...rows.values()].sort((a, b) => a.token - b.token);
  return { height, hash, timestamp, epoch, number, rows: sorted };
}

/**
 * Accounts that no event touched, but that wait for the chain's height: a held frame, or an open
 * settlement whose deadline this block has passed. Idle accounts are not looked at.
 */
function wakeWaiting(session: Session, block: Block, touched: ReadonlyMap<number, unknown>): void {
  for (const index of [...session.entity.waiting.keys()]) {
    const account = session.entity.accounts.get(index) as Account;
    const peer = session.context.interner.bytesOf(index);
    if (!touched.has(index) && passesDeadline(account, block)) {
      const { height, hash, timestamp } = block;
      const { epoch } = account.state;
      const empty: ObservedBlock = { height, hash, timestamp, epoch, number: 0, rows: [] };
      stepAccount(session, peer, { kind: "observe", block: empty });
    }
    stepAccount(session, peer, { kind: "final" });
    if (lapsed(account, block)) settlementLapsed(session, peer);
  }
}

/** Our proposal was not agreed to in time: a frame that signs it now would be refused. */
function lapsed({ me, state }: Account, { timestamp }: Block): boolean {
  const open = state.settlement;
  if (open === null || open.proposer !== me || open.settlement.number !== 0) return false;
  return timestamp > open.settlement.deadline + MAX_CLOCK_SKEW;
}

/** True for the first block past the deadline of an open settlement: that one ends it (ACC-9). */
function passesDeadline(account: Account, block: Block): boolean {
  const open = account.state.settlement;
  if (open === null) return false;
  const { deadline } = open.settlement;
  const known = account.pending.some(({ timestamp }) => timestamp > deadline);
  return block.timestamp > deadline && !known;
}
