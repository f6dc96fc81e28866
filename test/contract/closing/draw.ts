/** Random proofs of an account, with every kind of condition and the borders of every range. */

import { WINDOWS } from "../../../ignition/modules/Jurisdiction.ts";
import type {
  Body,
  BodyRow,
  EnforcedCondition,
  LimitOrder,
  Move,
} from "../../../keeper/account/body.ts";
import { isDelta, MAX_AMOUNT } from "../../../keeper/base/amount.ts";
import {
  asBytes32,
  type Bytes,
  type Bytes32,
  bytes32FromBigint,
} from "../../../keeper/base/bytes.ts";
import { compareNumbers } from "../../../keeper/base/order.ts";
import type { Random } from "../../../keeper/base/random.ts";
import { keccak256, keccakText } from "../../../keeper/codec/keccak.ts";
import type { TokenId } from "../../../keeper/jurisdiction/types.ts";
import { type Account, moneyOf, type Proof, type World } from "./world.ts";

/** Preimages of the hash locks that are drawn. */
export const PREIMAGES: readonly Bytes32[] = Array.from({ length: 12 }, (_, i) =>
  keccakText(`preimage ${i}`),
);

/** More than a transformer of these tests needs; what is drawn below it is less than any does. */
export const ENOUGH_GAS = 100_000;

/** 0 ≤ x < 2^127: small, of any size, and the borders. */
export function drawAmount(random: Random): bigint {
  if (random.chance(1, 3)) return BigInt(random.below(40));
  if (random.chance(1, 8)) return random.pick([0n, MAX_AMOUNT, MAX_AMOUNT - 1n, 2n ** 126n]);
  return random.bigintBelow(2n ** BigInt(random.between(1, 127)));
}

export function drawDelta(random: Random): bigint {
  const amount = drawAmount(random);
  return random.chance(1, 2) ? amount : -amount;
}

/** A number above `above`; a jump may be large. */
export function drawNumber(random: Random, above: number): number {
  return above + 1 + (random.chance(1, 4) ? random.below(2 ** 31) : random.below(3));
}

export function drawProof(random: Random, world: World, account: Account, above: number): Proof {
  const long = random.chance(1, 4) ? 2 ** 32 : WINDOWS.max;
  return {
    number: drawNumber(random, above),
    leftResponse: random.below(random.chance(1, 2) ? WINDOWS.min : long),
    rightResponse: random.below(random.chance(1, 2) ? WINDOWS.min : long),
    frameHash: asBytes32(random.bytes(32)),
    body: drawBody(random, world, account),
  };
}

/** No proof: rows may only name tokens. */
export function drawBare(random: Random, world: World): Proof {
  const rows = drawTokens(random, world).map((token) => ({
    token,
    offdelta: 0n,
    leftLimit: 0n,
    rightLimit: 0n,
  }));
  const frameHash = bytes32FromBigint(0n);
  return { number: 0, leftResponse: 0, rightResponse: 0, frameHash, body: { rows, slots: [] } };
}

export function drawTokens(random: Random, { tokens }: World): TokenId[] {
  return tokens.filter(() => random.chance(2, 3));
}

function drawBody(random: Random, world: World, account: Account): Body {
  const rows = drawTokens(random, world).map((token) => drawRow(random, account, token));
  if (rows.length === 0) return { rows, slots: [] };
  const count = random.pick([0, 0, 1, 2, 5, 15, 16, 17, 33]);
  const slots: (EnforcedCondition | null)[] = [];
  let transformers = 0;
  for (let i = 0; i < count; i++) {
    if (i < count - 1 && random.chance(1, 5)) {
      slots.push(null);
      continue;
    }
    const condition = drawCondition(random, world, rows);
    const tooMany = condition.kind === "transformer" && ++transformers > 4;
    slots.push(tooMany ? drawLock(random, world, rows) : condition);
  }
  return { rows, slots };
}

/** Limits, and a delta that is at times just within, at or just beyond one of its bounds. */
function drawRow(random: Random, account: Account, token: TokenId): BodyRow {
  const { collateral, ondelta } = moneyOf(account, token);
  const [leftLimit, rightLimit] = [drawAmount(random), drawAmount(random)];
  const borders = [-leftLimit, 0n, collateral, collateral + rightLimit];
  const near = random.pick(borders) + BigInt(random.between(-2, 2)) - ondelta;
  const offdelta = random.chance(1, 2) && isDelta(near) ? near : drawDelta(random);
  return { token, offdelta, leftLimit, rightLimit };
}

function drawCondition(random: Random, world: World, rows: readonly BodyRow[]): EnforcedCondition {
  if (random.chance(1, 2)) return drawLock(random, world, rows);
  const moves = drawMoves(random, rows);
  const deadline = drawDeadline(random, world);
  if (random.chance(1, 2)) return drawOrder(random, deadline, moves);
  const lower = moves.map(({ amount }) => {
    const least = amount - drawAmount(random);
    return isDelta(least) ? least : -MAX_AMOUNT;
  });
  return {
    kind: "transformer",
    deadline,
    moves,
    lower,
    transformer: random.chance(1, 6) ? random.bytes(20) : world.transformer,
    gas: random.chance(1, 6) ? random.below(100) : ENOUGH_GAS,
    payload: drawPayload(random, moves, lower),
  };
}

function drawLock(random: Random, world: World, rows: readonly BodyRow[]): EnforcedCondition {
  const moves = drawMoves(random, rows);
  const deadline = drawDeadline(random, world);
  if (random.chance(3, 4)) {
    return { kind: "hashLock", hash: keccak256(random.pick(PREIMAGES)), deadline, moves };
  }
  return { kind: "planLock", plan: random.pick(world.plans), deadline, moves };
}

function drawOrder(random: Random, deadline: number, moves: readonly Move[]): LimitOrder {
  const order = keccakText(`order ${random.below(4)}`);
  return { kind: "limitOrder", order, deadline, moves, taker: random.pick(["left", "right"]) };
}

/** Past, soon, about the end of the window, and far beyond the longest one. */
function drawDeadline(random: Random, { now }: World): number {
  const span = random.pick([-100, 100, WINDOWS.min, WINDOWS.max, 4 * WINDOWS.max]);
  return now + Math.floor((span * random.below(1_001)) / 1_000);
}

function drawMoves(random: Random, rows: readonly BodyRow[]): readonly Move[] {
  const chosen = random.shuffle(rows).slice(0, random.between(1, rows.length));
  return chosen
    .sort((a, b) => compareNumbers(a.token, b.token))
    .map(({ token }) => ({ token, amount: drawDelta(random) }));
}

/** Mostly an answer, which is mostly within the bounds. */
function drawPayload(random: Random, moves: readonly Move[], lower: readonly bigint[]): Bytes {
  const kind = random.chance(3, 4) ? 0 : random.between(0, 4);
  const words = moves.map(({ amount }, i) => {
    const least = lower[i] as bigint;
    const span = amount - least + 1n;
    const within = least + random.bigintBelow(span);
    return random.chance(1, 8) ? random.pick([amount + 1n, least - 1n, 2n ** 255n - 1n]) : within;
  });
  if (random.chance(1, 10)) words.pop();
  const bytes = words.flatMap((word) => [...bytes32FromBigint(BigInt.asUintN(256, word))]);
  const odd = random.chance(1, 10) ? [7] : [];
  return Uint8Array.from([kind, ...bytes, ...odd]);
}
