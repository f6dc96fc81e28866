/** A proof's body as the contracts take it: what they enforce, byte for byte (DIS-1, CND-1). */
import { assert } from "../base/assert.ts";
import {
  asBytes32,
  type Bytes,
  type Bytes32,
  EMPTY_BYTES,
  isZeroBytes,
  ZERO_BYTES32,
} from "../base/bytes.ts";
import {
  createPacker,
  type Packer,
  packBytes,
  packBytes32,
  packDelta,
  packedBytes,
  packUint8,
  packUint16,
  packUint32,
  packUint64,
  restart,
} from "../codec/packed.ts";
import type { Side, TokenId } from "../jurisdiction/types.ts";
import {
  bodyHash,
  CONDITION_KIND,
  conditionsRoot,
  packedConditionHash,
  pageHash,
} from "./digest.ts";
import type { AccountState, TokenRow } from "./types.ts";

/** One token of a body. */
export type BodyRow = Pick<TokenRow, "token" | "offdelta" | "leftLimit" | "rightLimit">;

/** The change of delta if a condition applies; of a transformer the most that it may be. */
export type Move = { readonly token: TokenId; readonly amount: bigint };

type Timed = {
  /** Unix seconds; what is recorded at the deadline is in time. */
  readonly deadline: number;
  /** Strictly ascending by token, at least one. */
  readonly moves: readonly Move[];
};
/** Applies if the preimage was revealed in time. */
export type HashLock = Timed & { readonly kind: "hashLock"; readonly hash: Bytes32 };
/** Applies if the plan was committed in time. */
export type PlanLock = Timed & { readonly kind: "planLock"; readonly plan: Bytes32 };
/** Applies as far as the taker recorded that it takes. */
export type LimitOrder = Timed & {
  readonly kind: "limitOrder";
  readonly order: Bytes32;
  readonly taker: Side;
};
/** Applies what a contract answers, within bounds that both sides signed. */
export type Transformer = Timed & {
  readonly kind: "transformer";
  /** 20 bytes. */
  readonly transformer: Bytes;
  /** What it gets, in gas. */
  readonly gas: number;
  /** The least change of each token. */
  readonly lower: readonly bigint[];
  readonly payload: Bytes;
};

/** A condition as the chain enforces it. A condition of the account machine is one of these. */
export type EnforcedCondition = HashLock | PlanLock | LimitOrder | Transformer;

/** What both sides signed of an account, as far as the chain enforces it. */
export type Body = {
  /** Strictly ascending by token. */
  readonly rows: readonly BodyRow[];
  /** Null for an empty slot; the last one is taken. */
  readonly slots: readonly (EnforcedCondition | null)[];
};

const PAGE_SLOTS = 16;
const packer = createPacker();

/** What an account's proof lets the chain enforce. */
export function bodyOf({ rows, conditions }: Pick<AccountState, "rows" | "conditions">): Body {
  let used = conditions.slots.length;
  while (used > 0 && conditions.slots[used - 1] === null) used--;
  return {
    rows: rows.map(({ token, offdelta, leftLimit, rightLimit }) => ({
      token,
      offdelta,
      leftLimit,
      rightLimit,
    })),
    slots: conditions.slots.slice(0, used),
  };
}

/** The hash that the proof signs. */
export function hashBody({ rows, slots }: Body): Bytes32 {
  const pages: Bytes32[] = [];
  for (let first = 0; first < slots.length; first += PAGE_SLOTS) {
    const hashes = Array.from({ length: PAGE_SLOTS }, (_, i) => slotHash(slots[first + i] ?? null));
    pages.push(hashes.every(isZeroBytes) ? ZERO_BYTES32 : pageHash(hashes));
  }
  return bodyHash({ tokens: rows, conditionsRoot: conditionsRoot(pages) });
}

/**
 * The conditions in calldata: for each slot its length as `u16` and the condition as it is hashed;
 * length 0 for an empty slot.
 */
export function packSlots(slots: readonly (EnforcedCondition | null)[]): Bytes {
  assert(slots.length === 0 || slots.at(-1) !== null, "the last slot is empty");
  const packed = slots.map((slot) => (slot === null ? EMPTY_BYTES : packCondition(slot)));
  restart(packer);
  for (const bytes of packed) {
    packUint16(packer, bytes.length);
    packBytes(packer, bytes);
  }
  return packedBytes(packer);
}

/** One condition as it is hashed. */
export function packCondition(condition: EnforcedCondition): Bytes {
  const data = dataOf(condition);
  restart(packer);
  packUint8(packer, CONDITION_KIND[condition.kind]);
  packUint64(packer, condition.deadline);
  packBytes32(packer, subjectOf(condition));
  packUint8(packer, condition.moves.length);
  for (const { token, amount } of condition.moves) {
    packUint32(packer, token);
    packDelta(packer, amount);
  }
  packBytes(packer, data);
  return packedBytes(packer);
}

function slotHash(slot: EnforcedCondition | null): Bytes32 {
  if (slot === null) return ZERO_BYTES32;
  const { kind, deadline, moves } = slot;
  const subject = subjectOf(slot);
  const data = dataOf(slot);
  return packedConditionHash({ kind: CONDITION_KIND[kind], deadline, subject, moves, data });
}

function subjectOf(condition: EnforcedCondition): Bytes32 {
  switch (condition.kind) {
    case "hashLock":
      return condition.hash;
    case "planLock":
      return condition.plan;
    case "limitOrder":
      return condition.order;
    case "transformer": {
      const word = new Uint8Array(32);
      word.set(condition.transformer, 12);
      return asBytes32(word);
    }
  }
}

function dataOf(condition: EnforcedCondition): Bytes {
  switch (condition.kind) {
    case "hashLock":
    case "planLock":
      return EMPTY_BYTES;
    case "limitOrder":
      return Uint8Array.of(condition.taker === "left" ? 0 : 1);
    case "transformer":
      return packTransformer(restart(packer), condition);
  }
}

function packTransformer(into: Packer, { gas, lower, payload, moves }: Transformer): Bytes {
  assert(lower.length === moves.length, "a bound for each token");
  packUint32(into, gas);
  for (const amount of lower) packDelta(into, amount);
  packBytes(into, payload);
  return packedBytes(into);
}
