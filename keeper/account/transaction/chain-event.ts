import { equalBytes } from "../../base/bytes.ts";
import { type Refusal, refuse } from "../../base/result.ts";
import type { BlockReference } from "../../jurisdiction/types.ts";
import {
  type Draft,
  reservedAt,
  rowAt,
  rowIndex,
  setRow,
  setSettlement,
  withoutSettlement,
} from "../draft.ts";
import { listedRows } from "../pending.ts";
import { checkBounds, isRowInRange, type Reserved } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { Context, ObservedBlock } from "../types.ts";
import type { FrameFacts } from "./facts.ts";

type Event = Transaction & { kind: "chainEvent" };

/**
 * Enters a final block that both sides' own watchers have seen (ACC-8). Rows are absolute. Without
 * rows it says only that the open settlement's deadline has passed. Refuses `eventNotFinal`,
 * `epochChanged`, then what the two kinds of event do.
 */
export function applyChainEvent(
  draft: Draft,
  event: Event,
  frame: FrameFacts,
  context: Context,
): Refusal | null {
  const { final } = context;
  if (final === null || event.height > final.height) {
    return eventRefusal("eventNotFinal", "wait until the own watcher has this block", event);
  }
  if (event.epoch !== draft.base.epoch) {
    return eventRefusal("epochChanged", "a dispute closed the account on chain", event);
  }
  if (event.rows.length === 0) return applyPassing(draft, event, frame, final);
  return applyRows(draft, event, frame);
}

/** Refuses `eventUnknown`, `eventMismatch`, `eventOutOfOrder`, `amountRange` and bounds. */
function applyRows(draft: Draft, event: Event, frame: FrameFacts): Refusal | null {
  const block = frame.pending.find(({ height }) => height === event.height);
  if (block === undefined || draft.events.includes(event.height)) {
    return eventRefusal("eventUnknown", "the own watcher saw nothing due in this block", event);
  }
  if (!matches(draft, event, block)) {
    return eventRefusal("eventMismatch", "the own watcher saw other values", event);
  }
  if (isOneDueBefore(draft, event.height, frame)) {
    return eventRefusal("eventOutOfOrder", "an earlier block is due first", event);
  }
  const closes = endsSettlement(draft, event);
  const reserved = closes ? withoutSettlement(draft) : null;
  for (const row of event.rows) {
    const refusal = checkRow(draft, row, reserved);
    if (refusal !== null) return refusal;
  }
  if (closes) setSettlement(draft, null);
  for (const { token, collateral, ondelta } of event.rows) {
    const index = rowIndex(draft, token);
    setRow(draft, index, { ...rowAt(draft, index), collateral, ondelta });
  }
  draft.events.push(event.height);
  if (event.height > draft.observed.height) {
    draft.observed = { height: event.height, hash: event.blockHash };
  }
  return null;
}

/**
 * The open settlement's deadline has passed without it. The block may be one that the receiver's
 * watcher no longer has at hand: that its own final time is past the deadline is proof enough.
 * Refuses `noSettlement`, `eventMismatch`, `deadlineAhead`, `eventOutOfOrder`,
 * `settlementLanded`.
 */
function applyPassing(
  draft: Draft,
  event: Event,
  frame: FrameFacts,
  final: BlockReference,
): Refusal | null {
  const open = draft.settlement;
  if (open === null || open.settlement.number === 0) {
    return eventRefusal("noSettlement", "no signed settlement is open", event);
  }
  const same =
    event.height !== final.height ||
    (equalBytes(event.blockHash, final.hash) && event.timestamp === final.timestamp);
  if (!same || event.number !== 0) {
    return eventRefusal("eventMismatch", "the own watcher saw another block", event);
  }
  const { deadline } = open.settlement;
  if (event.timestamp <= deadline || final.timestamp <= deadline) {
    return eventRefusal("deadlineAhead", "the settlement may still land", event);
  }
  if (isOneDueBefore(draft, event.height, frame)) {
    return eventRefusal("eventOutOfOrder", "an earlier block is due first", event);
  }
  if (frame.pending.some(({ number }) => number >= open.settlement.number)) {
    return eventRefusal("settlementLanded", "the own watcher saw it land", event);
  }
  setSettlement(draft, null);
  return null;
}

/** Landed, or a block past its deadline lacks it (ACC-9). */
function endsSettlement(draft: Draft, event: Event): boolean {
  const number = draft.settlement?.settlement.number ?? 0;
  if (draft.settlement === null || number === 0) return false;
  return event.number >= number || event.timestamp > draft.settlement.settlement.deadline;
}

function matches(draft: Draft, event: Event, block: ObservedBlock): boolean {
  const expected = listedRows(draft.rows, block);
  return (
    equalBytes(event.blockHash, block.hash) &&
    event.timestamp === block.timestamp &&
    event.epoch === block.epoch &&
    event.number === block.number &&
    event.rows.length === expected.length &&
    event.rows.every((row, i) => {
      const own = expected[i] as (typeof expected)[number];
      return (
        row.token === own.token && row.collateral === own.collateral && row.ondelta === own.ondelta
      );
    })
  );
}

function isOneDueBefore(draft: Draft, height: number, frame: FrameFacts): boolean {
  return frame.pending.some(
    (block) =>
      block.height < height &&
      !draft.events.includes(block.height) &&
      listedRows(draft.rows, block).length > 0,
  );
}

function checkRow(
  draft: Draft,
  { token, collateral, ondelta }: Event["rows"][number],
  reserved: readonly Reserved[] | null,
): Refusal | null {
  if (!isRowInRange(collateral, ondelta)) {
    return refuse("amountRange", "amounts stay below 2^127", { token: `${token}` }).refusal;
  }
  const index = rowIndex(draft, token);
  const after = { ...rowAt(draft, index), collateral, ondelta };
  return checkBounds(after, reserved?.[index] ?? reservedAt(draft, index));
}

function eventRefusal(code: string, message: string, event: Event): Refusal {
  const details = { height: `${event.height}`, number: `${event.number}` };
  return refuse(code, message, details).refusal;
}
