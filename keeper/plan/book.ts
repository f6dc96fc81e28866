import { toHex } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { KEPT_FINISHED, MAX_DROPPED, MAX_FINISHED } from "./limit.ts";
import { keyOf } from "./result.ts";
import type { Coordination, FinishedPlan, Participation, PlanBook } from "./types.ts";

/** Nothing known yet. */
export const EMPTY_BOOK: PlanBook = {
  participations: new Map(),
  coordinations: new Map(),
  finished: new Map(),
  quietUntil: 0,
};

/** The book with this participation in place of the one of the same plan. */
export function putParticipation(book: PlanBook, participation: Participation): PlanBook {
  const participations = new Map(book.participations);
  participations.set(keyOf(participation.hash), participation);
  return { ...book, participations };
}

/** The book with this coordination in place of the one of the same plan. */
export function putCoordination(book: PlanBook, coordination: Coordination): PlanBook {
  const coordinations = new Map(book.coordinations);
  coordinations.set(keyOf(coordination.hash), coordination);
  return { ...book, coordinations };
}

/** The book without a coordination that has ended. */
export function endCoordination(book: PlanBook, key: string): PlanBook {
  const coordinations = new Map(book.coordinations);
  coordinations.delete(key);
  return { ...book, coordinations };
}

/** The book in which a participation has ended and left what must be remembered. */
export function finishParticipation(
  book: PlanBook,
  participation: Participation,
  end: { readonly committed: boolean; readonly code: string | null; readonly now: number },
): PlanBook {
  const key = keyOf(participation.hash);
  const participations = new Map(book.participations);
  participations.delete(key);
  const finished = new Map(book.finished);
  const { coordinator, plan } = participation;
  const { committed, code } = end;
  finished.set(key, { coordinator, commitBy: plan.commitBy, committed, code });
  prune(finished, end.now);
  return { ...book, participations, finished };
}

/**
 * Forgets the oldest ends beyond `KEPT_FINISHED`, but none before its `commitBy`: until then only
 * the memory of it keeps the plan from being held a second time under its old certificate.
 */
function prune(finished: Map<string, FinishedPlan>, now: number): void {
  if (finished.size <= KEPT_FINISHED) return;
  for (const [key, { commitBy }] of finished) {
    if (commitBy < now) finished.delete(key);
    if (finished.size <= KEPT_FINISHED) return;
  }
  forgetDropped(finished);
}

/**
 * Plans that were dropped go before their time when there are too many of them, or any stranger
 * could fill the book by proposing and dropping: who never signed "prepared" has no certificate to
 * fear, and may take such a plan on anew.
 */
function forgetDropped(finished: Map<string, FinishedPlan>): void {
  if (finished.size <= MAX_DROPPED) return;
  for (const [key, { committed }] of finished) {
    if (!committed) finished.delete(key);
    if (finished.size <= MAX_DROPPED) return;
  }
}

/** True while a further plan can be taken on and remembered to its end. */
export function hasRoom(book: PlanBook, maxOpen: number): boolean {
  const open = book.participations.size;
  return open < maxOpen && book.finished.size + open < MAX_FINISHED;
}

/**
 * Everybody with whom this entity has an open plan, itself included: signers and coordinators. When
 * its process began again, `reconnected` is due for itself and for each that needs no connection.
 */
export function peersOf(book: PlanBook): readonly EntityId[] {
  const peers = new Map<string, EntityId>();
  const add = (id: EntityId): unknown => peers.set(toHex(id), id);
  for (const { plan, coordinator } of book.participations.values()) {
    plan.signers.forEach(add);
    add(coordinator);
  }
  for (const { plan } of book.coordinations.values()) plan.signers.forEach(add);
  return Array.from(peers.values());
}
