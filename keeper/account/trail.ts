/**
 * Where two sides' computations part (ACC-2): what one side's run of a frame changed, transaction
 * by transaction, in a few bytes each. Made only when the roots differ, and read only by people:
 * no decision rests on what a peer says here.
 */
import { type Bytes, type Bytes32, equalBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import { keccakParts } from "../codec/keccak.ts";
import { createPacker, hashPacked, packBytes32, packUint32, restart } from "../codec/packed.ts";
import type { Side } from "../jurisdiction/types.ts";
import { conditionHash } from "./condition.ts";
import { createDraft, type Draft, slotsOf } from "./draft.ts";
import { TRAIL_STEP_BYTES } from "./limit.ts";
import { packRow, settlementRoot, stateRoot } from "./root.ts";
import { apply } from "./transaction/apply.ts";
import type { AccountState, Condition, Context, Frame, ObservedBlock, TokenRow } from "./types.ts";

const packer = createPacker();

/**
 * The first bytes of the root before the frame, then of a hash of what each transaction changed.
 * It ends before the first transaction that is refused: the proposer's plans may have moved on
 * since it proposed. Costs about as much as running the frame, however large the state is.
 */
export function trailOf(
  base: AccountState,
  frame: Pick<Frame, "number" | "timestamp" | "transactions">,
  proposer: Side,
  pending: readonly ObservedBlock[],
  context: Context,
): Bytes {
  const draft = createDraft(base);
  const facts = { proposer, number: frame.number, timestamp: frame.timestamp, pending };
  const trail = new Uint8Array((frame.transactions.length + 1) * TRAIL_STEP_BYTES);
  const write = (step: number, hash: Bytes32) =>
    trail.set(hash.subarray(0, TRAIL_STEP_BYTES), step * TRAIL_STEP_BYTES);
  write(0, stateRoot(base));
  let steps = 1;
  for (const transaction of frame.transactions) {
    const before = sightOf(draft);
    if (apply(draft, transaction, facts, context) !== null) break;
    write(steps, changeHash(before, draft));
    steps += 1;
  }
  return trail.subarray(0, steps * TRAIL_STEP_BYTES);
}

/**
 * Where two trails part: −1 for states that differed before the frame, else the index of the first
 * transaction that changed something else. Where neither trail shows a difference, the index of
 * the first transaction that one of them does not reach.
 */
export function partingOf(own: Bytes, other: Bytes): number {
  const steps = Math.min(own.length, other.length) / TRAIL_STEP_BYTES;
  for (let step = 0; step < steps; step++) {
    const [from, to] = [step * TRAIL_STEP_BYTES, (step + 1) * TRAIL_STEP_BYTES];
    if (!equalBytes(own.subarray(from, to), other.subarray(from, to))) return step - 1;
  }
  return steps - 1;
}

/** What a draft holds at a moment. Rows and conditions are replaced whole, never written into. */
type Sight = Pick<Draft, "rows" | "settlement" | "observed"> & {
  readonly slots: ReturnType<typeof slotsOf>;
};

function sightOf(draft: Draft): Sight {
  const { rows, settlement, observed } = draft;
  return { rows: rows.slice(), slots: slotsOf(draft).slice(), settlement, observed };
}

/** Everything that is not as it was, in a fixed order. */
function changeHash(before: Sight, draft: Draft): Bytes32 {
  const { rows, settlement, observed } = draft;
  const hashes: Bytes32[] = [];
  // Both are ascending by token, and none is ever taken away.
  let at = 0;
  for (const row of rows) {
    const known = before.rows[at]?.token === row.token;
    if (!known || before.rows[at] !== row) hashes.push(rowHash(row));
    if (known) at += 1;
  }
  for (const [slot, condition] of slotsOf(draft).entries()) {
    if (condition !== (before.slots[slot] ?? null)) hashes.push(slotHash(slot, condition));
  }
  if (settlement !== before.settlement) {
    hashes.push(settlement === null ? ZERO_BYTES32 : settlementRoot(settlement));
  }
  if (observed !== before.observed) hashes.push(observed.hash);
  return keccakParts(hashes);
}

function rowHash(row: TokenRow): Bytes32 {
  packRow(restart(packer), row);
  return hashPacked(packer);
}

/** Which slot a condition takes is part of what both sides agree on. */
function slotHash(slot: number, condition: Condition | null): Bytes32 {
  const hash = condition === null ? ZERO_BYTES32 : conditionHash(condition);
  packUint32(restart(packer), slot);
  packBytes32(packer, hash);
  return hashPacked(packer);
}
