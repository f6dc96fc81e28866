import type { PlanMove, PlanVerdict } from "../account/types.ts";
import { type Bytes32, equalBytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { verifyCertificate } from "./certificate.ts";
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
 * and the moves are all that the plan means for the account; a commit with every signature; an
 * abort while it has not signed "prepared". Asked by the account machine for each transaction.
 */
export function verdict(book: PlanBook, plan: Bytes32, context: PlanContext): PlanVerdict {
  const participation = findParticipation(book, plan);
  if (participation === undefined) return NOTHING;
  const { phase } = participation;
  return {
    acceptsHold: (moves, deadline, left, right) =>
      acceptsHold(participation, moves, deadline, peerOf(left, right, context.self)),
    acceptsCertificate: (certificate) => {
      if (phase === "certified") return true;
      if (phase !== "prepared") return false;
      return verifyCertificate(participation.plan, plan, certificate, context) === null;
    },
    mayAbort: phase === "accepted" || phase === "holding" || phase === "dropped",
  };
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
