import { assert } from "../base/assert.ts";
import { asBytes32, type Bytes, concatBytes, equalBytes } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { type Board, type BoardMember, MAX_BOARD_MEMBERS } from "./board.ts";
import { isPath, MAX_PATH_DEPTH } from "./merkle.ts";
import {
  createPacker,
  type Packer,
  packBytes,
  packBytes32,
  packedBytes,
  packWord,
} from "./packed.ts";
import { SIGNATURE_BYTES } from "./signature.ts";

/**
 * A member's index in the board, and what it signs the root with: 65 bytes of a key, what a
 * contract takes, or the bytes of a {@link NestedSignature} for a member that has a board.
 */
export type MemberSignature = { readonly member: number; readonly signature: Bytes };

/** What a board signs with that is a member of another one: the path is the outermost board's. */
export type NestedSignature = {
  readonly board: Board;
  readonly signatures: readonly MemberSignature[];
};

/** What a board signs with: all members sign the root that `path` gives for the leaf. */
export type BoardSignature = NestedSignature & { readonly path: Bytes };

/** The longest board signature that the contracts read, boards nested in it included. */
export const MAX_BOARD_SIGNATURE_BYTES = 32_768;

/** Threshold, offset and count of a board, and then its members. */
const BOARD_WORDS = 3;
const MEMBER_WORDS = 2;
/** A member's index, offset and length of the bytes, and then the bytes. */
const SIGNATURE_WORDS = 3;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT8 = 255;

/**
 * `abi.encode(Board, bytes32[] path, MemberSignature[])` as Solidity lays it out.
 * @throws InvariantError for a path of broken length.
 */
export function encodeBoardSignature({ board, path, signatures }: BoardSignature): Bytes {
  assert(isPath(path), "path of broken length", { length: path.length });
  const packer = createPacker();
  const boardBytes = bytesOfBoard(board);
  for (const offset of [96, 96 + boardBytes, 96 + boardBytes + 32 + path.length]) {
    packWord(packer, offset);
  }
  packBoard(packer, board);
  packWord(packer, path.length / 32);
  packBytes(packer, path);
  packSignatures(packer, signatures);
  return packedBytes(packer);
}

/** `abi.encode(Board, MemberSignature[])` as Solidity lays it out. */
export function encodeNestedSignature({ board, signatures }: NestedSignature): Bytes {
  const packer = createPacker();
  packWord(packer, 64);
  packWord(packer, 64 + bytesOfBoard(board));
  packBoard(packer, board);
  packSignatures(packer, signatures);
  return packedBytes(packer);
}

function bytesOfBoard(board: Board): number {
  return 32 * (BOARD_WORDS + MEMBER_WORDS * board.members.length);
}

function packBoard(packer: Packer, { threshold, members }: Board): void {
  packWord(packer, threshold);
  packWord(packer, 64);
  packWord(packer, members.length);
  for (const { id, weight } of members) {
    packBytes32(packer, id);
    packWord(packer, weight);
  }
}

function packSignatures(packer: Packer, signatures: readonly MemberSignature[]): void {
  packWord(packer, signatures.length);
  let offset = 32 * signatures.length;
  for (const { signature } of signatures) {
    packWord(packer, offset);
    offset += 32 * SIGNATURE_WORDS + padded(signature.length);
  }
  for (const { member, signature } of signatures) {
    packWord(packer, member);
    packWord(packer, 64);
    packWord(packer, signature.length);
    packBytes(packer, signature);
    packBytes(packer, new Uint8Array(padded(signature.length) - signature.length));
  }
}

function padded(length: number): number {
  return Math.ceil(length / 32) * 32;
}

/**
 * Decodes a board signature strictly: only the bytes that {@link encodeBoardSignature} gives.
 * What it says is not judged here. Refuses `boardSignatureEncoding`.
 */
export function decodeBoardSignature(bytes: Bytes): Result<BoardSignature> {
  if (bytes.length > MAX_BOARD_SIGNATURE_BYTES) return malformed("too long");
  const reader = readerOf(bytes);
  reader.word += 3;
  const board = readBoard(reader);
  if (board === undefined) return malformed("board");
  const depth = readNumber(reader, MAX_PATH_DEPTH);
  if (depth === undefined) return malformed("length of the path");
  const path = readBytes(reader, 32 * depth);
  const signatures = path === undefined ? undefined : readSignatures(reader);
  if (path === undefined || signatures === undefined) return malformed("signatures");
  const decoded = { board, path, signatures };
  // Offsets, padding and lengths have one right value: writing it again compares them all.
  if (!equalBytes(encodeBoardSignature(decoded), bytes)) return malformed("not canonical");
  return ok(decoded);
}

/** The same for a board that is a member. Refuses `boardSignatureEncoding`. */
export function decodeNestedSignature(bytes: Bytes): Result<NestedSignature> {
  if (bytes.length > MAX_BOARD_SIGNATURE_BYTES) return malformed("too long");
  const reader = readerOf(bytes);
  reader.word += 2;
  const board = readBoard(reader);
  if (board === undefined) return malformed("board");
  const signatures = readSignatures(reader);
  if (signatures === undefined) return malformed("signatures");
  const decoded = { board, signatures };
  if (!equalBytes(encodeNestedSignature(decoded), bytes)) return malformed("not canonical");
  return ok(decoded);
}

/** Reads words one after the other; what lies behind the end is undefined. */
type Reader = { readonly bytes: Bytes; readonly view: DataView; word: number };

function readerOf(bytes: Bytes): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, word: 0 };
}

function readNumber(reader: Reader, maximum: number): number | undefined {
  const start = 32 * reader.word++;
  if (start + 32 > reader.bytes.length) return undefined;
  for (let offset = start; offset < start + 28; offset += 4) {
    if (reader.view.getUint32(offset) !== 0) return undefined;
  }
  const value = reader.view.getUint32(start + 28);
  return value <= maximum ? value : undefined;
}

/** A copy of as many bytes, behind which the reader goes on at the next word. */
function readBytes(reader: Reader, length: number): Bytes | undefined {
  const start = 32 * reader.word;
  if (start + length > reader.bytes.length) return undefined;
  reader.word += padded(length) / 32;
  return reader.bytes.slice(start, start + length);
}

function readBoard(reader: Reader): Board | undefined {
  const threshold = readNumber(reader, MAX_UINT32);
  reader.word += 1;
  const count = readNumber(reader, MAX_BOARD_MEMBERS);
  if (threshold === undefined || count === undefined) return undefined;
  const members: BoardMember[] = [];
  for (let i = 0; i < count; i++) {
    const id = readBytes(reader, 32);
    const weight = readNumber(reader, MAX_UINT32);
    if (id === undefined || weight === undefined) return undefined;
    members.push({ id: asBytes32(id), weight });
  }
  return { threshold, members };
}

function readSignatures(reader: Reader): readonly MemberSignature[] | undefined {
  const count = readNumber(reader, MAX_BOARD_MEMBERS);
  if (count === undefined) return undefined;
  reader.word += count;
  const signatures: MemberSignature[] = [];
  for (let i = 0; i < count; i++) {
    const member = readNumber(reader, MAX_UINT8);
    reader.word += 1;
    const length = readNumber(reader, MAX_BOARD_SIGNATURE_BYTES);
    if (member === undefined || length === undefined) return undefined;
    const signature = readBytes(reader, length);
    if (signature === undefined) return undefined;
    signatures.push({ member, signature });
  }
  return signatures;
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
