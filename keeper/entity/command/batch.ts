/** One batch of an entity is signed at a time; the next waits until it is final (CHN-3). */
import { equalBytes } from "../../base/bytes.ts";
import { batchDigest } from "../../jurisdiction/batch.ts";
import type { Batch, EntityId, Operations } from "../../jurisdiction/types.ts";
import { WAITING_BATCHES_MAX } from "../limit.ts";
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
 * (DEP-2), or null. Checked before signing: a batch that reverts would block the next nonce.
 */
function shortReserve(session: Session, operations: Operations): number | null {
  const spent = new Map<number, bigint>();
  const spend = (token: number, amount: bigint) =>
    spent.set(token, (spent.get(token) ?? 0n) + amount);
  const weAreLeft = (left: EntityId) => equalBytes(left, session.entity.id);
  for (const { token, amount } of operations.reserveToReserve) spend(token, amount);
  for (const { settlement } of operations.settlements) {
    for (const { token, leftDiff, rightDiff } of settlement.diffs) {
      spend(token, -(weAreLeft(settlement.left) ? leftDiff : rightDiff));
    }
  }
  for (const { token, amount } of operations.reserveToCollateral) spend(token, amount);
  for (const { token, amount } of operations.withdrawals) spend(token, amount);
  for (const [token, amount] of spent) {
    if ((session.entity.reserves.get(token) ?? 0n) < amount) return token;
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

/** One that is refused now leaves the place to the one behind it. */
function signNext(session: Session): void {
  for (;;) {
    const [next, ...waitingBatches] = session.entity.waitingBatches;
    if (next === undefined || session.entity.pendingBatch !== null) return;
    session.entity = { ...session.entity, waitingBatches };
    signBatch(session, next);
  }
}
