import { assert } from "../base/assert.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { keccak256 } from "../codec/keccak.ts";
import {
  createPacker,
  type Packer,
  packBytes,
  packBytes32,
  packedBytes,
  packUint32,
  packWord,
  restart,
} from "../codec/packed.ts";
import { SIGNATURE_BYTES } from "../codec/signature.ts";
import type { Board } from "../entity/types.ts";

/** A member's signature of the root, by the member's index in the board. */
export type MemberSignature = { readonly member: number; readonly signature: Bytes };

const packer = createPacker();
const WORD = 32;
/** 65 bytes, padded to whole words. */
const PADDED_SIGNATURE = 96;

/** The id of a lazy entity: `keccak256(threshold ‖ n × (member ‖ weight))`. */
export function hashOfBoard(board: Board): Bytes32 {
  packUint32(restart(packer), board.threshold);
  for (const { id, weight } of board.members) {
    packBytes32(packer, id);
    packUint32(packer, weight);
  }
  return keccak256(packedBytes(packer));
}

/**
 * A board signature as the contracts decode it: `abi.encode(Board, bytes32[] path,
 * MemberSignature[])`, in the one form that an ABI encoder gives.
 */
export function encodeBoardSignature(
  board: Board,
  path: Bytes,
  signatures: readonly MemberSignature[],
): Bytes {
  const boardSize = WORD * (3 + 2 * board.members.length);
  restart(packer);
  packWord(packer, 3 * WORD);
  packWord(packer, 3 * WORD + boardSize);
  packWord(packer, 3 * WORD + boardSize + WORD + path.length);
  packWord(packer, board.threshold);
  packWord(packer, 2 * WORD);
  packWord(packer, board.members.length);
  for (const { id, weight } of board.members) {
    packBytes32(packer, id);
    packWord(packer, weight);
  }
  packWord(packer, path.length / WORD);
  packBytes(packer, path);
  packSignatures(packer, signatures);
  return packedBytes(packer);
}

function packSignatures(into: Packer, signatures: readonly MemberSignature[]): void {
  const size = 3 * WORD + PADDED_SIGNATURE;
  packWord(into, signatures.length);
  for (let i = 0; i < signatures.length; i++) packWord(into, WORD * signatures.length + i * size);
  for (const { member, signature } of signatures) {
    assert(signature.length === SIGNATURE_BYTES, "a key's signature has 65 bytes");
    packWord(into, member);
    packWord(into, 2 * WORD);
    packWord(into, SIGNATURE_BYTES);
    packBytes(into, signature);
    packBytes(into, PADDING);
  }
}

const PADDING = new Uint8Array(PADDED_SIGNATURE - SIGNATURE_BYTES);
