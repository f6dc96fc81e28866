import { assert } from "../../base/assert.ts";
import { type Bytes32, equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import type { PlanEffect } from "../effect.ts";
import { keyOf, type Outcome, refused, send } from "../result.ts";
import type {
  AccountStatus,
  FinishedPlan,
  Participation,
  PlanAccount,
  PlanBook,
} from "../types.ts";

export function findParticipation(book: PlanBook, plan: Bytes32): Participation | undefined {
  return book.participations.get(keyOf(plan));
}

/** True when every account of the plan is at this status. */
export function allAre(participation: Participation, status: AccountStatus): boolean {
  return participation.accounts.every((account) => account.status === status);
}

/** The plan's account with `peer`, or undefined. */
export function findAccount(participation: Participation, peer: EntityId): PlanAccount | undefined {
  return participation.accounts.find((account) => equalBytes(account.peer, peer));
}

/** The participation with another status for its account with `peer`, which it must have. */
export function withStatus(
  participation: Participation,
  peer: EntityId,
  status: AccountStatus,
): Participation {
  assert(findAccount(participation, peer) !== undefined, "the plan has no such account");
  const accounts = participation.accounts.map((account) =>
    equalBytes(account.peer, peer) ? { ...account, status } : account,
  );
  return { ...participation, accounts };
}

/**
 * What the coordinator may lack, as the answer to whatever it says again. Nothing where it cannot
 * lack anything: it would not have sent what brought this signer there.
 */
export function answerOf(participation: Participation): readonly PlanEffect[] {
  const { coordinator, hash, phase, refusal } = participation;
  switch (phase) {
    case "accepted":
      return [send(coordinator, { kind: "accept", plan: hash })];
    case "holding":
      if (!allAre(participation, "held")) return [];
      return [send(coordinator, { kind: "held", plan: hash })];
    case "dropped":
      if (refusal === null || !refusal.own) return [];
      return [send(coordinator, { kind: "refuse", plan: hash, code: refusal.code })];
    case "prepared":
    case "certified":
    case "committed":
    case "recovered":
      return [];
  }
}

/** The same for a plan that has ended here. */
export function answerOfFinished(plan: Bytes32, end: FinishedPlan): readonly PlanEffect[] {
  const { coordinator, committed, code } = end;
  const done = send(coordinator, { kind: "done", plan, committed });
  return code === null ? [done] : [send(coordinator, { kind: "refuse", plan, code }), done];
}

/**
 * Finds what the coordinator speaks of. Where the plan has ended, or is unknown, or another
 * coordinates it, `outcome` says what to answer.
 */
export function heardFrom(
  book: PlanBook,
  from: EntityId,
  plan: Bytes32,
): { readonly participation: Participation } | { readonly outcome: Outcome } {
  const participation = findParticipation(book, plan);
  const end = book.finished.get(keyOf(plan));
  const coordinator = participation?.coordinator ?? end?.coordinator;
  if (coordinator === undefined) {
    return { outcome: refused(book, "planUnknown", "no plan of this hash was accepted here") };
  }
  if (!equalBytes(coordinator, from)) {
    return { outcome: refused(book, "notCoordinator", "another entity coordinates this plan") };
  }
  if (participation !== undefined) return { participation };
  return { outcome: { book, effects: end === undefined ? [] : answerOfFinished(plan, end) } };
}
