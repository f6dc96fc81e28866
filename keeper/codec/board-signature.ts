import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, concatBytes, equalBytes } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { type Board, type BoardMember, MAX_BOARD_MEMBERS } from "./board.ts";
import { isPath, MAX_PATH_DEPTH } from "./merkle.ts";
import { createPacker, packBytes, packBytes32, packedBytes, packWord, restart } from "./packed.ts";
import { SIGNATURE_BYTES } from "./signature.ts";

/** A member's index in the board and its 65 bytes under the root. */
export type MemberSignature = { readonly member: number; readonly signature: Bytes };

/** What a board signs with: all members sign the root that `path` gives for the leaf. */
export type BoardSignature = {
  readonly board: Board;
  readonly path: Bytes;
  readonly signatures: readonly MemberSignature[];
};

/** Three offsets; then threshold, offset and count of members; path's and signatures' counts. */
const FIXED_WORDS = 8;
const MEMBER_WORDS = 2;
/** An offset; then member, offset and length of the bytes, and 65 bytes padded to 96. */
const SIGNATURE_WORDS = 7;
const PADDING = new Uint8Array(96 - SIGNATURE_BYTES);
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT8 = 255;

/** The longest board signature: 64 members, all signing, under a path of 32 levels. */
export const MAX_BOARD_SIGNATURE_BYTES =
  32 * (FIXED_WORDS + MAX_PATH_DEPTH + MAX_BOARD_MEMBERS * (MEMBER_WORDS + SIGNATURE_WORDS));

const packer = createPacker();

/**
 * `abi.encode(Board, bytes32[] path, MemberSignature[])` as Solidity lays it out.
 * @throws InvariantError for a path of broken length or a signature that has not 65 bytes.
 */
export function encodeBoardSignature({ board, path, signatures }: BoardSignature): Bytes {
  assert(isPath(path), "path of broken length", { length: path.length });
  restart(packer);
  const boardBytes = 32 * (3 + MEMBER_WORDS * board.members.length);
  for (const offset of [96, 96 + boardBytes, 96 + boardBytes + 32 + path.length]) {
    packWord(packer, offset);
  }
  packWord(packer, board.threshold);
  packWord(packer, 64);
  packWord(packer, board.members.length);
  for (const { id, weight } of board.members) {
    packBytes32(packer, id);
    packWord(packer, weight);
  }
  packWord(packer, path.length / 32);
  packBytes(packer, path);
  packWord(packer, signatures.length);
  for (let i = 0; i < signatures.length; i++) {
    packWord(packer, 32 * (signatures.length + (SIGNATURE_WORDS - 1) * i));
  }
  for (const { member, signature } of signatures) {
    assert(signature.length === SIGNATURE_BYTES, "a member's signature has 65 bytes");
    packWord(packer, member);
    packWord(packer, 64);
    packWord(packer, SIGNATURE_BYTES);
    packBytes(packer, signature);
    packBytes(packer, PADDING);
  }
  return packedBytes(packer);
}

/**
 * Decodes a board signature strictly: only the bytes that {@link encodeBoardSignature} gives.
 * What it says is not judged here. Refuses `boardSignatureEncoding`.
 */
export function decodeBoardSignature(bytes: Bytes): Result<BoardSignature> {
  if (bytes.length > MAX_BOARD_SIGNATURE_BYTES) return malformed("too long");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = countAt(view, 5, MAX_BOARD_MEMBERS);
  if (members === undefined) return malformed("count of members");
  const pathStart = 6 + MEMBER_WORDS * members;
  const depth = countAt(view, pathStart, MAX_PATH_DEPTH);
  if (depth === undefined) return malformed("length of the path");
  const listStart = pathStart + 1 + depth;
  const count = countAt(view, listStart, MAX_BOARD_MEMBERS);
  if (count === undefined) return malformed("count of signatures");
  const words = FIXED_WORDS + MEMBER_WORDS * members + depth + SIGNATURE_WORDS * count;
  if (bytes.length !== 32 * words) return malformed("length");
  const decoded = readParts(bytes, view, { members, depth, count });
  if (decoded === undefined) return malformed("number out of range");
  // Offsets, padding and lengths have one right value: writing it again compares them all.
  if (!equalBytes(encodeBoardSignature(decoded), bytes)) return malformed("not canonical");
  return ok(decoded);
}

type Counts = { readonly members: number; readonly depth: number; readonly count: number };

function readParts(
  bytes: Bytes,
  view: DataView,
  { members, depth, count }: Counts,
): BoardSignature | undefined {
  const threshold = numberAt(view, 3, MAX_UINT32);
  if (threshold === undefined) return undefined;
  const list: BoardMember[] = [];
  for (let i = 0; i < members; i++) {
    const weight = numberAt(view, 7 + MEMBER_WORDS * i, MAX_UINT32);
    if (weight === undefined) return undefined;
    const start = 32 * (6 + MEMBER_WORDS * i);
    list.push({ id: bytes.slice(start, start + 32) as Bytes32, weight });
  }
  const pathStart = 32 * (7 + MEMBER_WORDS * members);
  const path = bytes.slice(pathStart, pathStart + 32 * depth);
  const firstSignature = FIXED_WORDS + MEMBER_WORDS * members + depth + count;
  const signatures: MemberSignature[] = [];
  for (let i = 0; i < count; i++) {
    const word = firstSignature + (SIGNATURE_WORDS - 1) * i;
    const member = numberAt(view, word, MAX_UINT8);
    if (member === undefined) return undefined;
    const start = 32 * (word + 3);
    signatures.push({ member, signature: bytes.slice(start, start + SIGNATURE_BYTES) });
  }
  return { board: { threshold, members: list }, path, signatures };
}

function countAt(view: DataView, word: number, maximum: number): number | undefined {
  return view.byteLength < 32 * (word + 1) ? undefined : numberAt(view, word, maximum);
}

function numberAt(view: DataView, word: number, maximum: number): number | undefined {
  for (let offset = 32 * word; offset < 32 * word + 28; offset += 4) {
    if (view.getUint32(offset) !== 0) return undefined;
  }
  const value = view.getUint32(32 * word + 28);
  return value <= maximum ? value : undefined;
}

function malformed(what: string): Result<never> {
  return refuse("boardSignatureEncoding", "encode it as abi.encode does", { fault: what });
}

/** `r ‖ s ‖ v`, then the path (ENT-4). @throws InvariantError for parts of broken length. */
export function encodeKeySignature(signature: Bytes, path: Bytes): Bytes {
  assert(signature.length === SIGNATURE_BYTES, "a key's signature has 65 bytes");
  assert(isPath(path), "path of broken length", { length: path.length });
  return path.length === 0 ? signature : concatBytes(signature, path);
}

/** The 65 bytes and the path of a key signature, as views. Refuses `signatureLength`. */
export function splitKeySignature(
  bytes: Bytes,
): Result<{ readonly signature: Bytes; readonly path: Bytes }> {
  const path = bytes.subarray(SIGNATURE_BYTES);
  if (bytes.length < SIGNATURE_BYTES || !isPath(path)) {
    const details = { length: `${bytes.length}` };
    return refuse("signatureLength", "65 bytes and 32 for each of at most 32 levels", details);
  }
  return ok({ signature: bytes.subarray(0, SIGNATURE_BYTES), path });
}
