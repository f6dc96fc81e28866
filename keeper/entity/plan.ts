/** How an entity drives its plan machine, and what its accounts may do for a plan. */

import { clockOf, latestDeadline } from "../account/deadline.ts";
import type { Claim } from "../account/message.ts";
import { exposureOf } from "../account/rcpan.ts";
import type { Transaction } from "../account/transaction.ts";
import type { PlanMove, PlanVerdict } from "../account/types.ts";
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes32, equalBytes, toHex } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { Block, EntityId, PlanCommit, Settlement, TokenId } from "../jurisdiction/types.ts";
import { decodeCertificate } from "../plan/certificate.ts";
import { legsHash, planHash } from "../plan/digest.ts";
import type { PlanEffect } from "../plan/effect.ts";
import type { PlanContext, PlanInput } from "../plan/input.ts";
import type { PlanMessage } from "../plan/message.ts";
import { findParticipation, findAccount as findPlanAccount } from "../plan/participant/find.ts";
import { reserveChanges } from "../plan/settlement.ts";
import { step } from "../plan/step.ts";
import type { Plan } from "../plan/types.ts";
import { verdict } from "../plan/verdict.ts";
import { stepAccount } from "./account.ts";
import { keepOpen, openOf } from "./command/command.ts";
import type { Signing } from "./effect.ts";
import { spentByAll } from "./reserve.ts";
import { findAccount, type Session, succeed } from "./session.ts";
import type { CommandId, Entity } from "./types.ts";

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

/** A final block: its time passes for plans, and what it committed is committed. */
export function observePlans(session: Session, { timestamp, events }: Block): void {
  if (!hasOpenPlans(session.entity)) return;
  const committed = events.flatMap((event) => (event.kind === "plan" ? [event.plan] : []));
  stepPlan(session, { kind: "final", timestamp, committed });
}

/** The process began: what the chain was to be shown is asked for again. */
export function resumePlans(session: Session): void {
  if (hasOpenPlans(session.entity)) stepPlan(session, { kind: "clock" });
}

/** This log lacks something that was signed, by the guard's word (null) or by a peer's. */
export function recoverPlans(session: Session, peer: EntityId | null): void {
  stepPlan(session, { kind: "recovered", peer });
}

/** True while a final block may mean something for a plan of this entity. */
export function hasOpenPlans({ plans }: Pick<Entity, "plans">): boolean {
  return plans.participations.size > 0 || plans.coordinations.size > 0;
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
  const { domain, inclusionMargin, responseTime } = context.jurisdiction;
  return {
    self: entity.id,
    domain,
    now: clockOf(context),
    inclusionMargin,
    responseTime,
    boardHash: (other) => entity.boards.get(context.interner.find(other)) ?? null,
    isFrozen: (peer) => (findAccount(session, peer)?.frozen ?? null) !== null,
    judge: (peer, moves, commitBy) => judge(session, peer, moves, commitBy),
    judgeSettlements: (settlements) => judgeSettlements(session, settlements),
  };
}

/**
 * This entity's own word on a leg: it takes part in netting at all, the account is there and may
 * hold until then (CND-2), and what the peer owes it does not end above both what it is now and the
 * soft limit (NET-2), whichever of the plans that are open in this account commit beside it.
 */
function judge(
  session: Session,
  peer: EntityId,
  moves: readonly PlanMove[],
  commitBy: number,
): string | null {
  if (!session.entity.consent.netting) return "consentRefused";
  const account = findAccount(session, peer);
  if (!account) return "noAccount";
  if (account.frozen !== null) return "accountFrozen";
  if (commitBy > latestDeadline(account.state, session.context)) return "deadlineTooFar";
  const weAreLeft = account.me === "left";
  for (const { token, amount } of moves) {
    const row = account.state.rows.find((candidate) => candidate.token === token);
    if (!row) return "tokenNotListed";
    const debtor = weAreLeft ? "right" : "left";
    if (!isRaising(amount, weAreLeft)) continue;
    const beside = raisedByPlans(session, peer, token, weAreLeft);
    const after = { ...row, offdelta: row.offdelta + beside + amount };
    const soft = weAreLeft ? row.leftSoftLimit : row.rightSoftLimit;
    const now = exposureOf(row, debtor);
    const bound = now > soft ? now : soft;
    if (exposureOf(after, debtor) > bound) return "exposureTooHigh";
  }
  return null;
}

/** True for a change of delta after which the peer may owe this side more. */
function isRaising(amount: bigint, weAreLeft: boolean): boolean {
  return weAreLeft ? amount > 0n : amount < 0n;
}

/** What open plans may add to what the peer owes in this account, as a change of delta. */
function raisedByPlans(
  session: Session,
  peer: EntityId,
  token: TokenId,
  weAreLeft: boolean,
): bigint {
  let sum = 0n;
  for (const participation of session.entity.plans.participations.values()) {
    const account = findPlanAccount(participation, peer);
    if (participation.phase === "dropped" || account === undefined) continue;
    if (account.status !== "waiting" && account.status !== "held") continue;
    const move = account.moves.find((one) => one.token === token);
    if (move !== undefined && isRaising(move.amount, weAreLeft)) sum += move.amount;
  }
  return sum;
}

/**
 * This entity's own word on what a plan settles: the epochs are those of its accounts, and its
 * final reserve covers what it pays, beside all that is signed and may be paid first.
 */
function judgeSettlements(session: Session, settlements: readonly Settlement[]): string | null {
  const { id, reserves } = session.entity;
  for (const { left, right, epoch } of settlements) {
    const weAreLeft = equalBytes(left, id);
    if (!weAreLeft && !equalBytes(right, id)) continue;
    const account = findAccount(session, weAreLeft ? right : left);
    if (epoch !== (account?.state.epoch ?? 0)) return "epochDiffers";
  }
  const spent = spentByAll(session);
  for (const [token, change] of reserveChanges(settlements, id)) {
    if ((reserves.get(token) ?? 0n) - (spent.get(token) ?? 0n) + change < 0n && change < 0n) {
      return "reserveTooLow";
    }
  }
  return null;
}

function handle(session: Session, effect: PlanEffect): void {
  switch (effect.kind) {
    case "send": {
      const { to, message } = effect;
      const sign = signingOf(session, message, effect.sign);
      session.effects.push({ kind: "send", to, message: { kind: "plan", message }, sign });
      return;
    }
    case "hold": {
      const { plan, deadline, moves } = effect;
      return submit(session, effect.peer, { kind: "planHold", plan, deadline, moves });
    }
    case "commit": {
      const { plan, certificate } = effect;
      if (certificate.length > 0) session.effects.push({ kind: "certified", plan });
      return submit(session, effect.peer, { kind: "planCommit", plan, certificate });
    }
    case "abort":
      return submit(session, effect.peer, { kind: "planAbort", plan: effect.plan });
    case "commitPlan":
      session.effects.push({ kind: "submitPlan", commit: planCommitOf(effect) });
      return;
    case "torn":
      session.effects.push({ kind: "alarm", peer: effect.peer, refusal: tornPlan(effect.plan) });
      return;
    case "outcome":
      return planEnded(session, effect);
    default:
      return unreachable(effect);
  }
}

/** Only "prepared" is signed: once a plan, by the guard's slot for it. */
function signingOf(session: Session, message: PlanMessage, digest: Bytes32 | null): Signing | null {
  if (digest === null) return null;
  assert(message.kind === "prepared", "a plan's signature is under prepared");
  const { plan } = message;
  const settlements = findParticipation(session.entity.plans, plan)?.plan.settlements ?? [];
  return { slot: { kind: "plan", plan }, digest, alone: settlements.length > 0 };
}

/** What the chain is shown: the certificate's signatures, in the order of the signers. */
function planCommitOf(effect: PlanEffect & { kind: "commitPlan" }): PlanCommit {
  const { plan, hash, certificate } = effect;
  const { signers, settlements, salt, commitBy } = plan;
  const decoded = decodeCertificate(certificate);
  assert(decoded.ok, "a certificate that was verified does not decode");
  const signatures = decoded.value;
  return {
    plan: hash,
    signers,
    legsHash: legsHash(plan.legs),
    settlements,
    salt,
    commitBy,
    signatures,
  };
}

function tornPlan(plan: Bytes32): Refusal {
  const message = `plan ${toHex(plan)} has not committed in this account, and has elsewhere`;
  return { code: "planTorn", message };
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
