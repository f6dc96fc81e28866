/** Conditions in pages of 16 slots: one change rehashes one page (DIS-1, SPEED 9). */
import { type Bytes32, EMPTY_BYTES, isZeroBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import { CONDITION_KIND, packedConditionHash, pageHash } from "./digest.ts";
import type { Condition } from "./types.ts";

const PAGE_SLOTS = 16;

export function pageOf(slot: number): number {
  return Math.floor(slot / PAGE_SLOTS);
}

/** The page hashes after a change, trailing pages without conditions left out. */
export function rehashPages(
  pages: readonly Bytes32[],
  slots: readonly (Condition | null)[],
  touched: Iterable<number>,
): readonly Bytes32[] {
  const rehashed = pages.slice();
  while (rehashed.length < pageOf(slots.length + PAGE_SLOTS - 1)) rehashed.push(ZERO_BYTES32);
  for (const page of touched) rehashed[page] = hashOfPage(slots, page);
  while (rehashed.length > 0 && isZeroBytes(rehashed.at(-1) as Bytes32)) rehashed.pop();
  return rehashed;
}

/** All page hashes anew, as after reading a checkpoint. */
export function hashPages(slots: readonly (Condition | null)[]): readonly Bytes32[] {
  const count = pageOf(slots.length + PAGE_SLOTS - 1);
  return rehashPages(
    [],
    slots,
    Array.from({ length: count }, (_, page) => page),
  );
}

function hashOfPage(slots: readonly (Condition | null)[], page: number): Bytes32 {
  const hashes: Bytes32[] = [];
  let empty = true;
  for (let slot = page * PAGE_SLOTS; slot < (page + 1) * PAGE_SLOTS; slot++) {
    const condition = slots[slot] ?? null;
    if (condition !== null) empty = false;
    hashes.push(condition === null ? ZERO_BYTES32 : conditionHash(condition));
  }
  return empty ? ZERO_BYTES32 : pageHash(hashes);
}

/** As the contracts hash it: a plan lock's subject is the plan, and it carries no data. */
export function conditionHash({ kind, plan, deadline, moves }: Condition): Bytes32 {
  const fields = { kind: CONDITION_KIND[kind], deadline, subject: plan, moves, data: EMPTY_BYTES };
  return packedConditionHash(fields);
}
