/** One batch of an entity is signed at a time; the next waits until it is final (CHN-3). */
import type { Refusal } from "../../base/result.ts";
import { batchDigest } from "../../jurisdiction/batch.ts";
import type { Batch, Operations, TokenId } from "../../jurisdiction/types.ts";
import { WAITING_BATCHES_MAX } from "../limit.ts";
import { spentBy, spentByAll } from "../reserve.ts";
import { fail, type Session, succeed } from "../session.ts";
import type { CommandId } from "../types.ts";
import { keepOpen, openOf } from "./command.ts";

export type BatchRequest = {
  readonly id: CommandId;
  readonly deadline: number;
  readonly operations: Operations;
};

export function requestBatch(session: Session, request: BatchRequest): void {
  const { entity } = session;
  if (entity.waitingBatches.length >= WAITING_BATCHES_MAX) {
    const message = `${WAITING_BATCHES_MAX} batches wait already; ask again when one has landed`;
    return fail(session, request.id, { code: "tooManyBatches", message });
  }
  const { id, deadline, operations } = request;
  const final = session.context.final?.timestamp ?? 0;
  if (isBlocked(session, final)) return fail(session, id, BLOCKED);
  if (entity.pendingBatch !== null) {
    const waitingBatches = [...entity.waitingBatches, { id, deadline, operations }];
    session.entity = { ...entity, waitingBatches };
    return keepOpen(session, { id, waitsFor: { kind: "batch", nonce: null } });
  }
  signBatch(session, { id, deadline, operations });
}

function signBatch(session: Session, request: BatchRequest): void {
  const { id, deadline, operations } = request;
  const short = shortReserve(session, operations);
  if (short !== null) {
    const message = `the final reserve of token ${short} does not cover this batch`;
    return fail(session, id, { code: "reserveTooLow", message });
  }
  if (deadline <= session.context.now) {
    return fail(session, id, {
      code: "deadlinePassed",
      message: "give a deadline that lies ahead",
    });
  }
  const { entity } = session;
  const { nonce } = entity;
  const batch: Batch = { entity: entity.id, nonce, deadline, operations };
  const { domain } = session.context.jurisdiction;
  const digest = batchDigest(domain, batch);
  session.entity = { ...entity, pendingBatch: { batch, digest } };
  keepOpen(session, { id, waitsFor: { kind: "batch", nonce } });
  const slot = { kind: "batch", domain, nonce } as const;
  session.effects.push({ kind: "submitBatch", batch, sign: { slot, digest } });
}

/**
 * The first token that the batch would overdraw, counting what its own earlier kinds bring in
 * (DEP-2) and what open settlements and plans may take first, or null.
 */
function shortReserve(session: Session, operations: Operations): TokenId | null {
  const { id, reserves } = session.entity;
  const first = spentByAll(session);
  for (const [token, amount] of spentBy(operations, id)) {
    if ((reserves.get(token) ?? 0n) < amount + (first.get(token) ?? 0n)) return token;
  }
  return null;
}

/** The chain has taken the batch of this nonce and it is final. */
export function batchLanded(session: Session, nonce: number): void {
  const { entity } = session;
  if (nonce < entity.nonce) return;
  session.entity = { ...entity, nonce: nonce + 1, pendingBatch: null };
  for (const { id, waitsFor } of openOf(session, "batch")) {
    if (waitsFor.nonce === nonce) succeed(session, id, { kind: "batch", nonce });
  }
  signNext(session);
}

const BLOCKED: Refusal = {
  code: "batchExpired",
  message: "a signed batch passed its deadline before it landed: its nonce cannot be used again",
};

/** A final block of this time is past the deadline of the batch that is signed. */
function isBlocked({ entity }: Session, timestamp: number): boolean {
  const deadline = entity.pendingBatch?.batch.deadline;
  return deadline !== undefined && timestamp > deadline;
}

/**
 * Ends the commands of a batch that can no longer land, and of those behind it: the guard lets no
 * other be signed for its nonce (CHN-3), and nobody shall wait for ever.
 */
export function batchExpired(session: Session, timestamp: number): void {
  if (!isBlocked(session, timestamp)) return;
  for (const { id } of openOf(session, "batch")) fail(session, id, BLOCKED);
  session.entity = { ...session.entity, waitingBatches: [] };
}

/** One that is refused now leaves the place to the one behind it. */
function signNext(session: Session): void {
  for (;;) {
    const [next, ...waitingBatches] = session.entity.waitingBatches;
    if (next === undefined || session.entity.pendingBatch !== null) return;
    session.entity = { ...session.entity, waitingBatches };
    signBatch(session, next);
  }
}
