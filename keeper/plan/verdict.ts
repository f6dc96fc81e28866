import type { PlanMove, PlanVerdict } from "../account/types.ts";
import { type Bytes, type Bytes32, equalBytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { verifyCertificate } from "./certificate.ts";
import { applyBy } from "./clock.ts";
import type { PlanContext } from "./input.ts";
import { findAccount, findParticipation } from "./participant/find.ts";
import type { Participation, PlanBook } from "./types.ts";

/** What an account may do for a plan that this entity does not take part in, or that has ended. */
const NOTHING: PlanVerdict = {
  acceptsHold: () => false,
  acceptsCertificate: () => false,
  mayAbort: false,
};

/**
 * What this entity lets its accounts sign for a plan (NET-5): a hold when it has accepted the plan
 * and the moves are all that the plan means for the account; a commit with every signature while
 * that may be gone by, or when the chain has it; an abort while it has not signed "prepared", or
 * when the chain has shown that the plan did not commit. Asked by the account machine for each
 * transaction.
 */
export function verdict(book: PlanBook, plan: Bytes32, context: PlanContext): PlanVerdict {
  const participation = findParticipation(book, plan);
  if (participation === undefined) return NOTHING;
  const { phase } = participation;
  return {
    acceptsHold: (moves, deadline, left, right) =>
      acceptsHold(participation, moves, deadline, peerOf(left, right, context.self)),
    acceptsCertificate: (certificate) => acceptsCertificate(participation, certificate, context),
    mayAbort: phase === "accepted" || phase === "holding" || phase === "dropped",
  };
}

function acceptsCertificate(
  { phase, plan, hash }: Participation,
  certificate: Bytes,
  context: PlanContext,
): boolean {
  switch (phase) {
    case "certified":
    case "committed":
      return true;
    case "prepared":
    case "recovered":
      if (plan.settlements.length > 0 || context.now >= applyBy(plan, context)) return false;
      return verifyCertificate(plan, hash, certificate, context) === null;
    case "accepted":
    case "holding":
    case "dropped":
      return false;
  }
}

function peerOf(left: EntityId, right: EntityId, self: EntityId): EntityId | null {
  if (equalBytes(left, self)) return right;
  return equalBytes(right, self) ? left : null;
}

function acceptsHold(
  participation: Participation,
  moves: readonly PlanMove[],
  deadline: number,
  peer: EntityId | null,
): boolean {
  const { phase, plan } = participation;
  if (phase !== "accepted" && phase !== "holding") return false;
  const account = peer === null ? undefined : findAccount(participation, peer);
  if (account === undefined || account.status !== "waiting") return false;
  if (deadline !== plan.commitBy || moves.length !== account.moves.length) return false;
  return account.moves.every((move, index) => {
    const given = moves[index];
    return given?.token === move.token && given.amount === move.amount;
  });
}
