/** Rows that participants hand a coordinator (NET-1): asked for, signed, and compared. */

import type { Claim } from "../account/message.ts";
import type { Account } from "../account/types.ts";
import { type Bytes32, compareBytes, equalBytes, toHex } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { handedRowsDigest } from "./codec/rows.ts";
import { keepOpen, openOf } from "./command/command.ts";
import { HANDED_ROWS_MAX, ROWS_FROM_MAX } from "./limit.ts";
import type { EntityMessage } from "./message.ts";
import { fail, type Session, succeed } from "./session.ts";
import type { CommandId, Handed, HandedRow } from "./types.ts";

type RowsMessage = EntityMessage & { kind: "rows" };

/** Command `collectRows`: asks every entity named, itself too where it is named. */
export function collectRows(session: Session, id: CommandId, from: readonly EntityId[]): void {
  if (from.length === 0 || from.length > ROWS_FROM_MAX) {
    const message = `name 1 to ${ROWS_FROM_MAX} entities`;
    return fail(session, id, { code: "rowsFromCount", message });
  }
  keepOpen(session, { id, waitsFor: { kind: "rows", missing: from, handed: [] } });
  for (const peer of from) ask(session, peer, id);
}

function ask(session: Session, to: EntityId, request: CommandId): void {
  session.effects.push({ kind: "send", to, message: { kind: "askRows", request }, sign: null });
}

/** A connection came up: what was asked over the one that is gone is asked again. */
export function askMissingRows(session: Session, peer: EntityId): void {
  for (const { id, waitsFor } of openOf(session, "rows")) {
    if (waitsFor.missing.some((other) => equalBytes(other, peer))) ask(session, peer, id);
  }
}

/** After a restart: questions to entities of this same process died with it. */
export function resumeRows(session: Session): void {
  const { entity, context } = session;
  for (const { id, waitsFor } of openOf(session, "rows")) {
    for (const peer of waitsFor.missing) {
      const isNear = equalBytes(peer, entity.id) || context.connectionOf(peer) !== null;
      if (isNear) ask(session, peer, id);
    }
  }
}

/**
 * Hands this entity's rows to whoever asks: signed, with its standing consent. Of more than one
 * message holds those go first in which something is owed: anybody may open accounts, and what
 * cannot be sent, or read from the log again, would be worse than a smaller round of netting.
 */
export function answerRows(session: Session, to: EntityId, request: string): void {
  const { accounts, consent } = session.entity;
  const all: HandedRow[] = [];
  for (const index of accounts.keys()) {
    all.push(...rowsOf(accounts.get(index) as Account, consent.netting));
  }
  const rows = all.length <= HANDED_ROWS_MAX ? all : foremost(all);
  const digest = rowsDigest(session, request, rows);
  session.effects.push({
    kind: "send",
    to,
    message: { kind: "rows", request, rows },
    sign: { slot: { kind: "rows" }, digest },
  });
}

function foremost(rows: readonly HandedRow[]): readonly HandedRow[] {
  const isOwed = ({ delta, collateral }: HandedRow) => delta < 0n || delta > collateral;
  const ordered = [...rows.filter(isOwed), ...rows.filter((row) => !isOwed(row))];
  return ordered.slice(0, HANDED_ROWS_MAX);
}

function rowsDigest(session: Session, request: string, rows: readonly HandedRow[]): Bytes32 {
  return handedRowsDigest(session.context.jurisdiction.domain, request, rows);
}

function rowsOf(account: Account, consent: boolean): HandedRow[] {
  const { left, right, rows } = account.state;
  return rows.map((row) => ({
    left,
    right,
    token: row.token,
    delta: row.ondelta + row.offdelta,
    collateral: row.collateral,
    leftLimit: row.leftLimit,
    rightLimit: row.rightLimit,
    leftSoftLimit: row.leftSoftLimit,
    rightSoftLimit: row.rightSoftLimit,
    consent,
  }));
}

/** An answer counts once, from the entity that was asked, signed, and only about its accounts. */
export function receiveRows(
  session: Session,
  from: EntityId,
  message: RowsMessage,
  claim: Claim | null,
): void {
  const command = session.entity.open.get(message.request);
  if (command?.waitsFor.kind !== "rows") return;
  const { missing, handed } = command.waitsFor;
  if (!missing.some((other) => equalBytes(other, from))) return;
  const digest = rowsDigest(session, message.request, message.rows);
  const signed = claim !== null && equalBytes(claim.digest, digest);
  const own = message.rows.every(
    ({ left, right }) => equalBytes(left, from) || equalBytes(right, from),
  );
  if (!signed || !own) {
    const text = signed ? "rows of accounts that are not its own" : "rows without its signature";
    const refusal = { code: "badRows", message: `the peer handed in ${text}` };
    session.effects.push({ kind: "alarm", peer: from, refusal });
    return;
  }
  const left = missing.filter((other) => !equalBytes(other, from));
  const all = [...handed, { by: from, rows: message.rows }];
  if (left.length > 0) {
    const waitsFor = { kind: "rows", missing: left, handed: all } as const;
    return keepOpen(session, { id: command.id, waitsFor });
  }
  succeed(session, command.id, { kind: "rows", ...agreedRows(all) });
}

/**
 * The rows that both of their sides handed in alike, by (left, right, token): a row that only one
 * side knows, or that they tell differently because a payment is under way, is left out.
 */
export function agreedRows(handed: readonly Handed[]): {
  readonly rows: readonly HandedRow[];
  readonly disagreed: number;
} {
  const byLeft = new Map<string, HandedRow>();
  const byRight = new Map<string, HandedRow>();
  for (const { by, rows } of handed) {
    for (const row of rows) {
      if (!isPossible(row)) continue;
      const side = equalBytes(row.left, by) ? byLeft : byRight;
      side.set(`${toHex(row.left)}${toHex(row.right)}${row.token}`, row);
    }
  }
  const rows: HandedRow[] = [];
  for (const [key, row] of byLeft) {
    const other = byRight.get(key);
    if (other && sameRow(row, other)) rows.push({ ...row, consent: row.consent && other.consent });
  }
  const known = new Set([...byLeft.keys(), ...byRight.keys()]).size;
  rows.sort(compareRows);
  return { rows, disagreed: known - rows.length };
}

/**
 * Two that agree on what cannot be, a row out of order or outside of RCP-1, would spoil the round
 * for everybody: the solver takes its rows for true.
 */
function isPossible(row: HandedRow): boolean {
  const { left, right, token, delta, collateral, leftLimit, rightLimit } = row;
  const inOrder = compareBytes(left, right) < 0 && token > 0;
  return inOrder && -leftLimit <= delta && delta <= collateral + rightLimit;
}

function sameRow(a: HandedRow, b: HandedRow): boolean {
  return (
    a.delta === b.delta &&
    a.collateral === b.collateral &&
    a.leftLimit === b.leftLimit &&
    a.rightLimit === b.rightLimit &&
    a.leftSoftLimit === b.leftSoftLimit &&
    a.rightSoftLimit === b.rightSoftLimit
  );
}

function compareRows(a: HandedRow, b: HandedRow): number {
  return compareBytes(a.left, b.left) || compareBytes(a.right, b.right) || a.token - b.token;
}
