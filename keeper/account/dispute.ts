/** The words by which the chain remembers a dispute (DIS-2, DIS-5), and those of limit orders. */
import { clampBigint } from "../base/amount.ts";
import { type Bytes32, bigintFromBytes, bytes32FromBigint } from "../base/bytes.ts";
import { keccakPair } from "../codec/keccak.ts";
import {
  createPacker,
  hashPacked,
  packBytes32,
  packUint8,
  packUint64,
  restart,
} from "../codec/packed.ts";
import type { LimitOrder } from "./body.ts";

/** Who started a dispute, who brought the proof, and whose board was replaced since it signed. */
export const WINDOW_FLAG = {
  starterIsRight: 1,
  byRight: 2,
  byLeft: 4,
  leftRetired: 8,
  rightRetired: 16,
} as const;

/** What an account's dispute commits to beside the body. */
export type DisputeWindow = {
  /** Of the block before the start, `u64`: nobody can prepare two bodies of one commitment. */
  readonly salt: bigint;
  /** A sum of {@link WINDOW_FLAG}. */
  readonly flags: number;
  /** Unix seconds, as is `end`; the last second of the window. */
  readonly startedAt: number;
  readonly end: number;
};

/** What the chain keeps of an account beside its money. */
export type AccountHead = {
  /** What a live dispute commits to; 0 when there is none. */
  readonly dispute: bigint;
  /** Whether a proof beside the head is newer. */
  readonly overtaken: boolean;
  readonly epoch: number;
  readonly number: number;
};

const packer = createPacker();

export function windowWord({ salt, flags, startedAt, end }: DisputeWindow): bigint {
  return (salt << 136n) | (BigInt(flags) << 128n) | (BigInt(startedAt) << 64n) | BigInt(end);
}

export function readWindow(word: bigint): DisputeWindow {
  return {
    salt: word >> 136n,
    flags: Number((word >> 128n) & 0xffn),
    startedAt: Number(BigInt.asUintN(64, word >> 64n)),
    end: Number(BigInt.asUintN(64, word)),
  };
}

/** The sum of both sides' response times within the jurisdiction's bounds; all in seconds. */
export function windowLength(
  responses: { readonly left: number; readonly right: number },
  bounds: { readonly shortest: number; readonly longest: number },
): number {
  const sum = BigInt(responses.left) + BigInt(responses.right);
  return Number(clampBigint(sum, BigInt(bounds.shortest), BigInt(bounds.longest)));
}

/** The 160 bits of an account's head that a dispute takes; never 0. */
export function disputeCommitment(window: bigint, bodyHash: Bytes32): bigint {
  const low = BigInt.asUintN(160, bigintFromBytes(keccakPair(bytes32FromBigint(window), bodyHash)));
  return low === 0n ? 1n : low;
}

/** What lies beside the head for a proof that overtook the head's. */
export function overtakingWord(number: number, window: bigint, bodyHash: Bytes32): bigint {
  const hash = bigintFromBytes(keccakPair(bytes32FromBigint(window), bodyHash));
  return (BigInt(number) << 192n) | BigInt.asUintN(192, hash);
}

export function readHead(word: bigint): AccountHead {
  return {
    dispute: word >> 96n,
    overtaken: ((word >> 95n) & 1n) === 1n,
    epoch: Number((word >> 64n) & 0x7fffffffn),
    number: Number(BigInt.asUintN(64, word)),
  };
}

export function headWord({ dispute, overtaken, epoch, number }: AccountHead): bigint {
  const flag = overtaken ? 1n << 95n : 0n;
  return (dispute << 96n) | flag | (BigInt(epoch) << 64n) | BigInt(number);
}

/** Under what the chain keeps how much of a limit order was taken. */
export function orderKey(
  account: Bytes32,
  epoch: number,
  { order, deadline, taker }: Pick<LimitOrder, "order" | "deadline" | "taker">,
): Bytes32 {
  packBytes32(restart(packer), account);
  packUint64(packer, epoch);
  packBytes32(packer, order);
  packUint64(packer, deadline);
  packUint8(packer, taker === "left" ? 0 : 1);
  return hashPacked(packer);
}
