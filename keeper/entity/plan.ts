/** How an entity drives its plan machine, and what its accounts may do for a plan. */

import type { Claim } from "../account/message.ts";
import { exposureOf } from "../account/rcpan.ts";
import type { Transaction } from "../account/transaction.ts";
import type { PlanMove, PlanVerdict } from "../account/types.ts";
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes32, equalBytes } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { planHash } from "../plan/digest.ts";
import type { PlanEffect } from "../plan/effect.ts";
import type { PlanContext, PlanInput } from "../plan/input.ts";
import type { PlanMessage } from "../plan/message.ts";
import { step } from "../plan/step.ts";
import type { Plan } from "../plan/types.ts";
import { verdict } from "../plan/verdict.ts";
import { stepAccount } from "./account.ts";
import { keepOpen, openOf } from "./command/command.ts";
import type { Signing } from "./effect.ts";
import { findAccount, type Session, succeed } from "./session.ts";
import type { CommandId } from "./types.ts";

type PlanTransaction = Transaction & { kind: "planHold" | "planCommit" | "planAbort" };

/** Command `coordinate`: proposes the plan to all its signers. */
export function coordinate(session: Session, id: CommandId, plan: Plan): void {
  keepOpen(session, { id, waitsFor: { kind: "plan", plan: planHash(plan) } });
  stepPlan(session, { kind: "coordinate", plan });
}

export function receivePlanMessage(
  session: Session,
  from: EntityId,
  message: PlanMessage,
  claim: Claim | null,
): void {
  stepPlan(session, { kind: "message", from, message, claim });
}

/** A connection came up: messages of plans that were lost with the old one are sent again. */
export function reconnectPlans(session: Session, peer: EntityId): void {
  stepPlan(session, { kind: "reconnected", peer });
}

/** What the account machine may do for a plan, judged by this entity's plan machine. */
export function verdictOf(session: Session, plan: Bytes32): PlanVerdict {
  return verdict(session.entity.plans, plan, planContext(session));
}

/** A transaction of a plan is in a frame that both sides signed. */
export function commitPlanTransaction(
  session: Session,
  peer: EntityId,
  transaction: PlanTransaction,
): void {
  const { kind, plan } = transaction;
  switch (kind) {
    case "planHold":
      return stepPlan(session, { kind: "held", plan, peer });
    case "planCommit": {
      const { certificate } = transaction;
      stepPlan(session, { kind: "certificate", plan, certificate });
      return stepPlan(session, { kind: "applied", plan, peer });
    }
    case "planAbort":
      return stepPlan(session, { kind: "released", plan, peer });
    default:
      return unreachable(kind);
  }
}

/** Our own transaction of a plan was refused by its content and will not be tried again. */
export function refusePlanTransaction(
  session: Session,
  peer: EntityId,
  transaction: PlanTransaction,
  refusal: Refusal,
): void {
  if (transaction.kind !== "planHold") return;
  stepPlan(session, { kind: "holdRefused", plan: transaction.plan, peer, code: refusal.code });
}

function stepPlan(session: Session, input: PlanInput): void {
  const { book, effects } = step(session.entity.plans, input, planContext(session));
  session.entity = { ...session.entity, plans: book };
  for (const effect of effects) handle(session, effect);
}

function planContext(session: Session): PlanContext {
  const { entity, context } = session;
  return {
    self: entity.id,
    domain: context.jurisdiction.domain,
    now: context.now,
    boardHash: (other) => entity.boards.get(context.interner.find(other)) ?? null,
    judge: (peer, moves) => judge(session, peer, moves),
  };
}

/**
 * This entity's own word on a leg: it takes part in netting at all, the account is there, and what
 * the peer owes it does not end above both what it is now and the soft limit (NET-2).
 */
function judge(session: Session, peer: EntityId, moves: readonly PlanMove[]): string | null {
  if (!session.entity.consent.netting) return "consentRefused";
  const account = findAccount(session, peer);
  if (!account) return "noAccount";
  if (account.frozen !== null) return "accountFrozen";
  for (const { token, amount } of moves) {
    const row = account.state.rows.find((candidate) => candidate.token === token);
    if (!row) return "tokenNotListed";
    const after = { ...row, offdelta: row.offdelta + amount };
    const debtor = account.me === "left" ? "right" : "left";
    const soft = account.me === "left" ? row.leftSoftLimit : row.rightSoftLimit;
    const now = exposureOf(row, debtor);
    const bound = now > soft ? now : soft;
    if (exposureOf(after, debtor) > bound) return "exposureTooHigh";
  }
  return null;
}

function handle(session: Session, effect: PlanEffect): void {
  switch (effect.kind) {
    case "send": {
      const { to, message } = effect;
      const sign = signingOf(message, effect.sign);
      session.effects.push({ kind: "send", to, message: { kind: "plan", message }, sign });
      return;
    }
    case "hold": {
      const { plan, deadline, moves } = effect;
      return submit(session, effect.peer, { kind: "planHold", plan, deadline, moves });
    }
    case "commit": {
      const { plan, certificate } = effect;
      session.effects.push({ kind: "certified", plan });
      return submit(session, effect.peer, { kind: "planCommit", plan, certificate });
    }
    case "abort":
      return submit(session, effect.peer, { kind: "planAbort", plan: effect.plan });
    case "outcome":
      return planEnded(session, effect);
    default:
      return unreachable(effect);
  }
}

/** Only "prepared" is signed: once a plan, by the guard's slot for it. */
function signingOf(message: PlanMessage, digest: Bytes32 | null): Signing | null {
  if (digest === null) return null;
  assert(message.kind === "prepared", "a plan's signature is under prepared");
  return { slot: { kind: "plan", plan: message.plan }, digest };
}

function submit(session: Session, peer: EntityId, transaction: Transaction): void {
  stepAccount(session, peer, { kind: "submit", transactions: [transaction] });
}

function planEnded(session: Session, effect: PlanEffect & { kind: "outcome" }): void {
  const { plan, committed, refusals } = effect;
  for (const { id, waitsFor } of openOf(session, "plan")) {
    if (equalBytes(waitsFor.plan, plan)) {
      succeed(session, id, { kind: "plan", committed, refusals });
    }
  }
}
