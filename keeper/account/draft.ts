/**
 * The draft of a state while the transactions of one frame run on it (SPEED 10): what is touched
 * is copied once, reads fall through, and a draft that is refused is forgotten.
 */
import { assert } from "../base/assert.ts";
import { type Bytes32, equalBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import { insertSorted } from "../base/order.ts";
import type { TokenId } from "../jurisdiction/types.ts";
import { pageOf, rehashPages } from "./condition.ts";
import { NOTHING_RESERVED, type Reserved, reservedOf } from "./rcpan.ts";
import type { AccountState, Condition, Conditions, OpenSettlement, TokenRow } from "./types.ts";

export type Draft = {
  readonly base: AccountState;
  rows: TokenRow[];
  /** In the order of `rows`; null while nothing is held and no settlement is signed. */
  reserved: Reserved[] | null;
  settlement: OpenSettlement | null;
  observed: AccountState["observed"];
  conditions: ConditionDraft | null;
  /** Heights of the chain events that this frame has entered. */
  readonly events: number[];
  /** Plans whose holds this frame has ended: no later transaction of it begins them anew. */
  readonly ended: Bytes32[];
  rowsCopied: boolean;
};

type ConditionDraft = {
  readonly slots: (Condition | null)[];
  readonly free: number[];
  readonly touched: Set<number>;
};

/** A draft over `base`; costs nothing for what is not touched. */
export function createDraft(base: AccountState): Draft {
  const { rows, conditions, settlement } = base;
  const quiet = conditions.slots.length === 0 && (settlement?.settlement.number ?? 0) === 0;
  return {
    base,
    rows: rows as TokenRow[],
    reserved: quiet ? null : reservedOf(rows, conditions.slots, settlement),
    settlement,
    observed: base.observed,
    conditions: null,
    events: [],
    ended: [],
    rowsCopied: false,
  };
}

/** The index of a token's row, or -1. Accounts list few tokens: a scan beats a search. */
export function rowIndex(draft: Draft, token: TokenId): number {
  const { rows } = draft;
  for (let i = 0; i < rows.length; i++) if ((rows[i] as TokenRow).token === token) return i;
  return -1;
}

export function rowAt(draft: Draft, index: number): TokenRow {
  return draft.rows[index] as TokenRow;
}

export function reservedAt(draft: Draft, index: number): Reserved {
  return draft.reserved === null ? NOTHING_RESERVED : (draft.reserved[index] as Reserved);
}

export function setRow(draft: Draft, index: number, row: TokenRow): void {
  if (!draft.rowsCopied) {
    draft.rows = draft.rows.slice();
    draft.rowsCopied = true;
  }
  draft.rows[index] = row;
}

/** Lists a token; there must be no row for it. Returns its index. */
export function addRow(draft: Draft, row: TokenRow): number {
  draft.rows = draft.rows.slice();
  draft.rowsCopied = true;
  const index = insertSorted(draft.rows, row, (a, b) => a.token - b.token);
  draft.reserved?.splice(index, 0, NOTHING_RESERVED);
  return index;
}

export function setReserved(draft: Draft, index: number, reserved: Reserved): void {
  draft.reserved ??= draft.rows.map(() => NOTHING_RESERVED);
  draft.reserved[index] = reserved;
}

/** Opens, replaces or closes the settlement, and counts it anew as RCP-1 wants. */
export function setSettlement(draft: Draft, settlement: OpenSettlement | null): void {
  draft.settlement = settlement;
  draft.reserved = reservedOf(draft.rows, slotsOf(draft), settlement);
}

/** What would be reserved if the open settlement ended. */
export function withoutSettlement(draft: Draft): readonly Reserved[] {
  return reservedOf(draft.rows, slotsOf(draft), null);
}

/** The slot that holds a plan's legs, or -1. */
export function findHold(draft: Draft, plan: Bytes32): number {
  return slotsOf(draft).findIndex((slot) => slot !== null && equalBytes(slot.plan, plan));
}

/** True when a hold of this plan has ended in this frame: what it left is told after the frame. */
export function hasEnded(draft: Draft, plan: Bytes32): boolean {
  return draft.ended.some((ended) => equalBytes(ended, plan));
}

export function conditionAt(draft: Draft, slot: number): Condition {
  const condition = slotsOf(draft)[slot];
  assert(condition, "no condition in this slot", { slot });
  return condition;
}

export function conditionCount(draft: Draft): number {
  const { slots, free } = draft.conditions ?? draft.base.conditions;
  return slots.length - free.length;
}

/** Puts a condition into the slot that was freed last, or a new one. */
export function addCondition(draft: Draft, condition: Condition): void {
  const { slots, free, touched } = copyConditions(draft);
  const slot = free.pop() ?? slots.length;
  slots[slot] = condition;
  touched.add(pageOf(slot));
}

export function removeCondition(draft: Draft, slot: number): void {
  draft.ended.push(conditionAt(draft, slot).plan);
  const { slots, free, touched } = copyConditions(draft);
  slots[slot] = null;
  free.push(slot);
  touched.add(pageOf(slot));
}

/** The state that the draft leads to; its head is set by whoever knows the frame's hash. */
export function finishDraft(
  draft: Draft,
  frame: { readonly number: number; readonly timestamp: number },
): AccountState {
  return {
    ...draft.base,
    number: frame.number,
    head: ZERO_BYTES32,
    timestamp: frame.timestamp,
    rows: draft.rows,
    conditions: finishConditions(draft),
    settlement: draft.settlement,
    observed: draft.observed,
  };
}

/** The conditions as they stand in the draft. */
export function slotsOf(draft: Draft): readonly (Condition | null)[] {
  return (draft.conditions ?? draft.base.conditions).slots;
}

function copyConditions(draft: Draft): ConditionDraft {
  const { slots, free } = draft.base.conditions;
  draft.conditions ??= { slots: slots.slice(), free: free.slice(), touched: new Set() };
  return draft.conditions;
}

function finishConditions(draft: Draft): Conditions {
  if (draft.conditions === null) return draft.base.conditions;
  const { slots, free, touched } = draft.conditions;
  if (slots.length === free.length) return { slots: [], free: [], pages: [] };
  return { slots, free, pages: rehashPages(draft.base.conditions.pages, slots, touched) };
}
