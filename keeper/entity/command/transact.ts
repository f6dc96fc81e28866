/** Puts an owner's transactions into an account, and ends the command when all are agreed. */

import type { Transaction } from "../../account/transaction.ts";
import type { Bytes32 } from "../../base/bytes.ts";
import type { Refusal } from "../../base/result.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { stepAccount } from "../account.ts";
import { COMMAND_TRANSACTIONS_MAX } from "../limit.ts";
import { fail, findAccount, type Session, succeed } from "../session.ts";
import type { CommandId, Outstanding } from "../types.ts";
import { keepOpen } from "./command.ts";

export function transact(
  session: Session,
  id: CommandId,
  peer: EntityId,
  transactions: readonly Transaction[],
): void {
  const refusal = check(session, peer, transactions);
  if (refusal) return fail(session, id, refusal);
  const index = session.context.interner.intern(peer);
  const queue = session.entity.outstanding.get(index) ?? [];
  session.entity.outstanding.set(index, [...queue, { id, transactions, from: 0 }]);
  keepOpen(session, { id, waitsFor: { kind: "transactions", peer } });
  stepAccount(session, peer, { kind: "submit", transactions });
}

function check(
  session: Session,
  peer: EntityId,
  transactions: readonly Transaction[],
): Refusal | null {
  if (!findAccount(session, peer)) {
    return { code: "noAccount", message: "open an account with this peer first" };
  }
  if (transactions.length === 0 || transactions.length > COMMAND_TRANSACTIONS_MAX) {
    const message = `give 1 to ${COMMAND_TRANSACTIONS_MAX} transactions`;
    return { code: "transactionCount", message };
  }
  const foreign = transactions.find(({ kind }) => kind !== "setCredit" && kind !== "pay");
  if (foreign) {
    const message = `${foreign.kind} is not for owners: only setCredit and pay are`;
    return { code: "notForOwners", message };
  }
  return null;
}

/** One own transaction was agreed: strikes it from the oldest command that waits for its like. */
export function transactionCommitted(
  session: Session,
  peer: EntityId,
  transaction: Transaction,
  number: number,
  hash: Bytes32,
): void {
  const struck = strike(session, peer, transaction);
  if (struck === null || struck.from < struck.transactions.length) return;
  // A command that failed by one of its transactions still has the others struck.
  if (!session.entity.open.has(struck.id)) return;
  succeed(session, struck.id, { kind: "frame", number, hash });
}

/** One own transaction was refused for good: its command fails and waits for nothing more. */
export function transactionDropped(
  session: Session,
  peer: EntityId,
  transaction: Transaction,
  refusal: Refusal,
): void {
  const struck = strike(session, peer, transaction);
  if (struck && session.entity.open.has(struck.id)) fail(session, struck.id, refusal);
}

function strike(session: Session, peer: EntityId, transaction: Transaction): Outstanding | null {
  const index = session.context.interner.intern(peer);
  const queue = session.entity.outstanding.get(index) ?? [];
  for (let at = 0; at < queue.length; at++) {
    const rest = without(queue[at] as Outstanding, transaction);
    if (rest === null) continue;
    const ended = rest.from === rest.transactions.length;
    const next = ended ? queue.toSpliced(at, 1) : queue.with(at, rest);
    if (next.length === 0) session.entity.outstanding.delete(index);
    else session.entity.outstanding.set(index, next);
    return rest;
  }
  return null;
}

function without(waiting: Outstanding, transaction: Transaction): Outstanding | null {
  const { transactions, from } = waiting;
  const first = transactions[from];
  if (first !== undefined && sameForOwner(first, transaction))
    return { ...waiting, from: from + 1 };
  const found = transactions.findIndex((other, i) => i > from && sameForOwner(other, transaction));
  return found < 0 ? null : { ...waiting, transactions: transactions.toSpliced(found, 1) };
}

function sameForOwner(a: Transaction, b: Transaction): boolean {
  if (a.kind === "pay") return b.kind === "pay" && a.token === b.token && a.amount === b.amount;
  if (a.kind !== "setCredit" || b.kind !== "setCredit") return false;
  return a.token === b.token && a.limit === b.limit && a.softLimit === b.softLimit;
}
