/** One batch of an entity is signed at a time; the next waits until it is final (CHN-3). */
import type { Refusal } from "../../base/result.ts";
import { batchDigest } from "../../jurisdiction/batch.ts";
import type { Batch, Operations, TokenId } from "../../jurisdiction/types.ts";
import type { GuardSlot } from "../effect.ts";
import { BATCH_SECONDS_MAX, WAITING_BATCHES_MAX } from "../limit.ts";
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
  const { entity, context } = session;
  if (entity.waitingBatches.length >= WAITING_BATCHES_MAX) {
    const message = `${WAITING_BATCHES_MAX} batches wait already; ask again when one has landed`;
    return fail(session, request.id, { code: "tooManyBatches", message });
  }
  const { id, deadline, operations } = request;
  if (entity.pendingBatch !== null) {
    const waitingBatches = [...entity.waitingBatches, { id, deadline, operations }];
    session.entity = { ...entity, waitingBatches };
    return keepOpen(session, { id, waitsFor: { kind: "batch", nonce: null } });
  }
  signBatch(session, { id, deadline, operations }, context.final?.timestamp ?? 0);
}

/** @param unused time of a final block by which no batch of the entity's nonce had landed */
function signBatch(session: Session, request: BatchRequest, unused: number): void {
  const { id, deadline, operations } = request;
  const refusal = checkBatch(session, request, unused);
  if (refusal !== null) return fail(session, id, refusal);
  const { entity } = session;
  const { nonce } = entity;
  const batch: Batch = { entity: entity.id, nonce, deadline, operations };
  const digest = batchDigest(session.context.jurisdiction.domain, batch);
  const { tick } = session.context;
  session.entity = { ...entity, pendingBatch: { batch, digest, tick } };
  keepOpen(session, { id, waitsFor: { kind: "batch", nonce } });
  const slot = batchSlot(session, batch, unused);
  session.effects.push({ kind: "submitBatch", batch, sign: { slot, digest } });
}

/** Null, or `reserveTooLow`, `deadlinePassed`, `deadlineTooFar`. */
function checkBatch(
  session: Session,
  { deadline, operations }: BatchRequest,
  unused: number,
): Refusal | null {
  const short = shortReserve(session, operations);
  if (short !== null) {
    const message = `the final reserve of token ${short} does not cover this batch`;
    return { code: "reserveTooLow", message };
  }
  const { now } = session.context;
  if (deadline <= Math.max(now, unused)) {
    return { code: "deadlinePassed", message: "give a deadline that lies ahead" };
  }
  if (deadline > now + BATCH_SECONDS_MAX) {
    const message = `give a deadline at most ${BATCH_SECONDS_MAX} s ahead: so long others may wait`;
    return { code: "deadlineTooFar", message };
  }
  return null;
}

/** Where the guard keeps the batch's digest, and what lets it give that place to another. */
export function batchSlot(session: Session, batch: Batch, unused: number): GuardSlot {
  const { domain } = session.context.jurisdiction;
  return { kind: "batch", domain, nonce: batch.nonce, deadline: batch.deadline, unused };
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

/**
 * The chain has taken the batch of this nonce and it is final. One that is signed in this very tick
 * has not left yet: then it was another's turn, which this older disk lacks.
 * @param at time of the final block
 */
export function batchLanded(session: Session, nonce: number, at: number): void {
  const { pendingBatch, nonce: next } = session.entity;
  if (nonce < next) return;
  if (pendingBatch?.tick === session.context.tick) nonceTaken(session, nonce);
  const { entity } = session;
  session.entity = { ...entity, nonce: nonce + 1, pendingBatch: null };
  for (const { id, waitsFor } of openOf(session, "batch")) {
    if (waitsFor.nonce === nonce) succeed(session, id, { kind: "batch", nonce });
  }
  signNext(session, at);
}

const TAKEN: Refusal = {
  code: "nonceTaken",
  message: "this nonce was signed for another batch, which this older disk lacks: ask anew later",
};

/**
 * The guard has given the nonce to a batch that this log lacks, so this one has not left. It keeps
 * its place until the chain has taken the other, or a final block past its deadline shows none;
 * but whoever asked for it is told now: the other's landing must not look like its own.
 */
export function nonceTaken(session: Session, nonce: number): void {
  for (const { id, waitsFor } of openOf(session, "batch")) {
    if (waitsFor.nonce === nonce) fail(session, id, TAKEN);
  }
}

const EXPIRED: Refusal = {
  code: "batchExpired",
  message: "the batch had not landed when its deadline passed, and never will: ask anew",
};

/**
 * All that a final block of this time holds is known. A signed batch whose deadline lies before it
 * and that has not landed never will (CHN-3): its nonce is free for the one behind it.
 */
export function batchExpired(session: Session, at: number): void {
  const { pendingBatch } = session.entity;
  if (pendingBatch === null || at <= pendingBatch.batch.deadline) return;
  const { nonce } = pendingBatch.batch;
  session.entity = { ...session.entity, pendingBatch: null };
  for (const { id, waitsFor } of openOf(session, "batch")) {
    if (waitsFor.nonce === nonce) fail(session, id, EXPIRED);
  }
  signNext(session, at);
}

/** One that is refused now leaves the place to the one behind it. */
function signNext(session: Session, unused: number): void {
  for (;;) {
    const [next, ...waitingBatches] = session.entity.waitingBatches;
    if (next === undefined || session.entity.pendingBatch !== null) return;
    session.entity = { ...session.entity, waitingBatches };
    signBatch(session, next, unused);
  }
}
