/** How an entity drives its accounts, and what it does with what they ask for. */

import type { AccountEffect, SignatureSlot } from "../account/effect.ts";
import type { AccountInput } from "../account/input.ts";
import type { AccountMessage, Claim } from "../account/message.ts";
import { openAccount } from "../account/open.ts";
import { step as stepReplica } from "../account/step.ts";
import type { Transaction } from "../account/transaction.ts";
import type { Account, Context } from "../account/types.ts";
import { unreachable } from "../base/assert.ts";
import type { Bytes32 } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { transactionCommitted, transactionDropped } from "./command/transact.ts";
import type { GuardSlot, Signing } from "./effect.ts";
import { commitPlanTransaction, recoverPlans, refusePlanTransaction, verdictOf } from "./plan.ts";
import { findAccount, type Session } from "./session.ts";
import { answerSettlement, settlementClosed, settlementDropped } from "./settlement.ts";

/** Opens the account with `peer` and starts its first exchange if the peer can be reached. */
export function ensureAccount(session: Session, peer: EntityId): Account {
  const known = findAccount(session, peer);
  if (known) return known;
  const { entity, context } = session;
  const account = openAccount(entity.id, peer, context.jurisdiction);
  entity.accounts.set(context.interner.intern(peer), account);
  const connection = context.connectionOf(peer);
  if (connection !== null) stepAccount(session, peer, { kind: "connect", connection });
  return findAccount(session, peer) ?? account;
}

/**
 * A peer's message for the account with it. A peer that says hello first opens the account here:
 * it costs the peer the same, and it moves nothing.
 */
export function receiveAccountMessage(
  session: Session,
  from: EntityId,
  connection: number,
  message: AccountMessage,
  claim: Claim | null,
): void {
  if (message.kind === "hello") ensureAccount(session, from);
  if (!findAccount(session, from)) return;
  stepAccount(session, from, { kind: "message", connection, message, claim });
}

/** One step of the account with `peer`, which must exist, and all that follows from it. */
export function stepAccount(session: Session, peer: EntityId, input: AccountInput): void {
  const index = session.context.interner.intern(peer);
  const account = session.entity.accounts.get(index) as Account;
  const { account: next, effects } = stepReplica(account, input, accountContext(session));
  if (next !== account) {
    session.entity.accounts.set(index, next);
    if (waitsForChain(next, session.context.now)) session.entity.waiting.set(index, true);
    else session.entity.waiting.delete(index);
  }
  if (input.kind !== "flush") session.touched.add(index);
  for (const effect of effects) handle(session, peer, next, effect);
}

/** A held frame, an open settlement, or a pause that the next block's tick may end. */
function waitsForChain(account: Account, now: number): boolean {
  return account.held !== null || account.state.settlement !== null || account.notBefore > now;
}

function accountContext(session: Session): Context {
  const { jurisdiction, final, tokens, now } = session.context;
  session.accountContext ??= {
    jurisdiction,
    final,
    tokens,
    now,
    plan: (plan: Bytes32) => verdictOf(session, plan),
  };
  return session.accountContext;
}

function handle(session: Session, peer: EntityId, account: Account, effect: AccountEffect): void {
  switch (effect.kind) {
    case "send": {
      const { message, sign } = effect;
      const signing = sign && signingOf(session, account, sign.slot, sign.digest);
      session.effects.push({
        kind: "send",
        to: peer,
        message: { kind: "account", message },
        sign: signing,
      });
      return;
    }
    case "committed":
      session.effects.push({
        kind: "committed",
        peer,
        number: effect.frame.number,
        hash: effect.hash,
        stateRoot: effect.stateRoot,
      });
      for (const transaction of effect.frame.transactions) {
        committed(session, peer, transaction, effect.proposer === account.me, effect);
      }
      return;
    case "dropped":
      return dropped(session, peer, effect);
    case "settle":
      session.effects.push({
        kind: "submitSettlement",
        settlement: effect.settlement,
        peerSignature: effect.peerSignature,
        sign: signingOf(session, account, effect.sign.slot, effect.sign.digest),
      });
      return;
    case "settlementClosed":
      return settlementClosed(session, peer, effect.number, effect.landed);
    case "misbehaved":
      session.effects.push({ kind: "alarm", peer, refusal: effect.refusal });
      return;
    case "frozen":
      session.effects.push({
        kind: "alarm",
        peer,
        refusal: { code: "accountFrozen", message: effect.reason },
      });
      return effect.older ? recoverPlans(session, peer) : undefined;
    default:
      return unreachable(effect);
  }
}

function signingOf(
  session: Session,
  account: Account,
  slot: SignatureSlot,
  digest: Bytes32,
): Signing {
  const { domain } = session.context.jurisdiction;
  const guarded: GuardSlot = { ...slot, account: account.state.key, domain };
  return { slot: guarded, digest };
}

function committed(
  session: Session,
  peer: EntityId,
  transaction: Transaction,
  own: boolean,
  frame: { readonly frame: { readonly number: number }; readonly hash: Bytes32 },
): void {
  switch (transaction.kind) {
    case "setCredit":
    case "pay":
      if (own) transactionCommitted(session, peer, transaction, frame.frame.number, frame.hash);
      return;
    case "planHold":
    case "planCommit":
    case "planAbort":
      return commitPlanTransaction(session, peer, transaction);
    case "proposeSettlement":
      if (!own) answerSettlement(session, peer, transaction);
      return;
    case "signSettlement":
    case "chainEvent":
      return;
    default:
      return unreachable(transaction);
  }
}

function dropped(
  session: Session,
  peer: EntityId,
  effect: AccountEffect & { kind: "dropped" },
): void {
  const { transaction, refusal } = effect;
  switch (transaction.kind) {
    case "setCredit":
    case "pay":
      return transactionDropped(session, peer, transaction, refusal);
    case "planHold":
    case "planCommit":
    case "planAbort":
      return refusePlanTransaction(session, peer, transaction, refusal);
    case "proposeSettlement":
      return settlementDropped(session, peer, refusal);
    case "signSettlement":
    case "chainEvent":
      return;
    default:
      return unreachable(transaction);
  }
}
