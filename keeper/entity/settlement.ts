/** When an entity asks for settlement, and when it agrees to one (DEP-4, ACC-9). */

import type { Transaction } from "../account/transaction.ts";
import type { Account, TokenRow } from "../account/types.ts";
import { equalBytes } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { EntityId, SettlementDiff } from "../jurisdiction/types.ts";
import { stepAccount } from "./account.ts";
import { keepOpen, openOf } from "./command/command.ts";
import { SETTLEMENT_SECONDS_MAX } from "./limit.ts";
import { spentByAll } from "./reserve.ts";
import { fail, findAccount, type Session, succeed } from "./session.ts";
import type { Command, CommandId } from "./types.ts";

type Proposal = Transaction & { kind: "proposeSettlement" };

/** Command `settle`: all that either side owes in these tokens is paid from its reserve. */
export function proposeSettlement(
  session: Session,
  id: CommandId,
  command: Command & { kind: "settle" },
): void {
  const { peer, tokens, deadline } = command;
  const account = findAccount(session, peer);
  if (!account) {
    return fail(session, id, {
      code: "noAccount",
      message: "open an account with this peer first",
    });
  }
  const busy = openOf(session, "settlement").some(({ waitsFor }) =>
    equalBytes(waitsFor.peer, peer),
  );
  if (busy) {
    const message = "a settlement of this account is under way; ask again when it has ended";
    return fail(session, id, { code: "settlementBusy", message });
  }
  const diffs = account.state.rows
    .filter(({ token }) => tokens.includes(token))
    .flatMap((row) => settlingDiff(row) ?? []);
  if (diffs.length === 0) {
    const message = "nobody owes anything beyond collateral in these tokens";
    return fail(session, id, { code: "nothingToSettle", message });
  }
  keepOpen(session, { id, waitsFor: { kind: "settlement", peer } });
  const transaction: Proposal = { kind: "proposeSettlement", deadline, diffs };
  stepAccount(session, peer, { kind: "submit", transactions: [transaction] });
}

/** What brings the exposure of one row to zero, or null when there is none. */
export function settlingDiff(row: TokenRow): SettlementDiff | null {
  const delta = row.ondelta + row.offdelta;
  const { token } = row;
  if (delta < 0n) {
    const owed = -delta;
    return { token, leftDiff: -owed, rightDiff: owed, collateralDiff: 0n, ondeltaDiff: owed };
  }
  const owed = delta - row.collateral;
  if (owed <= 0n) return null;
  return { token, leftDiff: owed, rightDiff: -owed, collateralDiff: 0n, ondeltaDiff: -owed };
}

/**
 * The peer proposed a settlement in a frame that both signed. It is agreed to when it is fair by
 * itself, in time, and this side's final reserve covers its part beside all else that may be paid
 * first; otherwise it expires by its deadline.
 */
export function answerSettlement(session: Session, peer: EntityId, proposal: Proposal): void {
  const account = findAccount(session, peer) as Account;
  if (!isTimely(session, proposal.deadline)) return;
  const spent = spentByAll(session);
  const agreed = proposal.diffs.every((diff) => {
    const own = account.me === "left" ? diff.leftDiff : diff.rightDiff;
    const first = spent.get(diff.token) ?? 0n;
    const left = (session.entity.reserves.get(diff.token) ?? 0n) - first;
    return isFair(diff) && (own >= 0n || left + own >= 0n);
  });
  if (!agreed) return;
  const transaction: Transaction = { kind: "signSettlement", number: 0 };
  stepAccount(session, peer, { kind: "submit", transactions: [transaction] });
}

/** Each side's claim changes by exactly what its reserve changes the other way. */
export function isFair(diff: SettlementDiff): boolean {
  return diff.leftDiff === -diff.ondeltaDiff;
}

/**
 * Time enough to land, and not too much of it: until it has ended the account has no other, and
 * what it may take stays reserved.
 */
function isTimely({ context }: Session, deadline: number): boolean {
  const { now, jurisdiction } = context;
  return deadline > now + jurisdiction.inclusionMargin && deadline <= now + SETTLEMENT_SECONDS_MAX;
}

/** A final block showed how the open settlement ended. */
export function settlementClosed(
  session: Session,
  peer: EntityId,
  number: number,
  landed: boolean,
): void {
  for (const { id, waitsFor } of openOf(session, "settlement")) {
    if (!equalBytes(waitsFor.peer, peer)) continue;
    succeed(session, id, { kind: "settlement", number, landed });
  }
}

/** Our proposal was refused by its content. */
export function settlementDropped(session: Session, peer: EntityId, refusal: Refusal): void {
  for (const { id, waitsFor } of openOf(session, "settlement")) {
    if (equalBytes(waitsFor.peer, peer)) fail(session, id, refusal);
  }
}

/** The other side did not agree to our proposal before its deadline. */
export function settlementLapsed(session: Session, peer: EntityId): void {
  const message = "the other side did not agree before the deadline: ask again, or ask it why";
  settlementDropped(session, peer, { code: "settlementNotAgreed", message });
}
