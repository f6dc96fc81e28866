/** What both sides compare and sign: the root of a state, and the digest of its proof. */
import { type Bytes32, ZERO_BYTES32 } from "../base/bytes.ts";
import { keccak256 } from "../codec/keccak.ts";
import {
  createPacker,
  hashPacked,
  type Packer,
  packAmount,
  packBytes32,
  packDelta,
  packUint8,
  packUint32,
  packUint64,
  restart,
} from "../codec/packed.ts";
import { bodyHash, conditionsRoot, proofDigest } from "./digest.ts";
import { encodeEssence } from "./replica.ts";
import type { Account, AccountState, OpenSettlement, TokenRow } from "./types.ts";

const packer = createPacker();

/**
 * Root of everything agreed but the frame itself, which names the root: the same for both sides
 * (ACC-2). Conditions enter by their pages' hashes, so one change costs one page.
 */
export function stateRoot(state: AccountState): Bytes32 {
  const settlement = state.settlement === null ? ZERO_BYTES32 : settlementRoot(state.settlement);
  restart(packer);
  packBytes32(packer, state.key);
  packUint64(packer, state.epoch);
  packUint32(packer, state.leftResponse);
  packUint32(packer, state.rightResponse);
  packUint64(packer, state.observed.height);
  packBytes32(packer, state.observed.hash);
  packBytes32(packer, conditionsRoot(state.conditions.pages));
  packBytes32(packer, settlement);
  packRows(packer, state);
  return hashPacked(packer);
}

/** The digest that both sides sign for a state: its proof, which names its frame (DIS-1). */
export function proofDigestOf(domain: Bytes32, state: AccountState): Bytes32 {
  const { key, epoch, number, leftResponse, rightResponse, head, rows, conditions } = state;
  return proofDigest(domain, {
    account: key,
    epoch,
    number,
    leftResponse,
    rightResponse,
    frameHash: head,
    bodyHash: bodyHash({ tokens: rows, conditionsRoot: conditionsRoot(conditions.pages) }),
  });
}

/** Root of a whole replica, what is only this side's included: for the runtime's root. */
export function accountRoot(account: Account): Bytes32 {
  return keccak256(encodeEssence(account));
}

function packRows(into: Packer, state: AccountState): void {
  for (const row of state.rows) packRow(into, row);
}

/** All that is agreed about one token. */
export function packRow(into: Packer, row: TokenRow): void {
  packUint32(into, row.token);
  packAmount(into, row.collateral);
  packDelta(into, row.ondelta);
  packDelta(into, row.offdelta);
  packAmount(into, row.leftLimit);
  packAmount(into, row.rightLimit);
  packAmount(into, row.leftSoftLimit);
  packAmount(into, row.rightSoftLimit);
}

/** Of an open settlement, its number 0 while it is only proposed. */
export function settlementRoot({ proposer, settlement }: OpenSettlement): Bytes32 {
  restart(packer);
  packUint8(packer, proposer === "left" ? 0 : 1);
  packUint64(packer, settlement.number);
  packUint64(packer, settlement.deadline);
  for (const diff of settlement.diffs) {
    packUint32(packer, diff.token);
    packDelta(packer, diff.leftDiff);
    packDelta(packer, diff.rightDiff);
    packDelta(packer, diff.collateralDiff);
    packDelta(packer, diff.ondeltaDiff);
  }
  return hashPacked(packer);
}
