import { assert } from "../../keeper/base/assert.ts";
import { type Bytes, type Bytes32, compareBytes, concatBytes } from "../../keeper/base/bytes.ts";
import { type Board, boardHash } from "../../keeper/codec/board.ts";
import {
  encodeBoardSignature,
  encodeNestedSignature,
  type NestedSignature,
} from "../../keeper/codec/board-signature.ts";
import { numberedEntity } from "../../keeper/codec/identity.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { buildTree, leafHash } from "../../keeper/codec/merkle.ts";
import { rootDigest } from "../../keeper/codec/root.ts";
import { signDigest } from "../../keeper/codec/signature.ts";
import { type DevKey, devKeys } from "./dev-key.ts";
import { replaced } from "./signature.ts";

/** Sorted by id, so that a board's members are a slice of it. */
export const keys: readonly DevKey[] = devKeys(8)
  .slice()
  .sort((a, b) => compareBytes(a.entity, b.entity));

export function keyAt(index: number): DevKey {
  const key = keys[index];
  assert(key !== undefined, "no key at this index", { index });
  return key;
}

/** A board of the first keys with these weights. */
export function boardOf(threshold: number, weights: readonly number[]): Board {
  return { threshold, members: weights.map((weight, i) => ({ id: keyAt(i).entity, weight })) };
}

/** A board of members of one weight each. */
export function boardOfIds(threshold: number, ids: readonly Bytes32[]): Board {
  return { threshold, members: ids.map((id) => ({ id, weight: 1 })) };
}

export const four = boardOf(3, [1, 1, 1, 1]);
export const FOUR_NUMBER = 7n;

const number = (value: bigint): Bytes32 => numberedEntity(value);
const key = (index: number): Bytes32 => keyAt(index).entity;

// Boards of numbers may name one another, since a number does not depend on its board.
const needsTwo = boardOfIds(2, [number(2n), key(0)]);
const needsOne = boardOfIds(2, [number(1n), key(1)]);
const holdsItself = boardOfIds(3, [number(3n), key(0), key(1), key(2)]);
const pair = boardOfIds(2, [key(4), key(5)]);
const mixed = boardOfIds(3, [number(4n), key(0), key(6), boardHash(four)]);
const alone = boardOfIds(1, [number(5n)]);

/** The hashes of the boards of numbers 1, 2, 3 and so on. */
export function numberHashes(): readonly Bytes32[] {
  return [needsTwo, needsOne, holdsItself, pair, mixed, alone, four].map(boardHash);
}

export type SignatureCase = {
  readonly name: string;
  readonly entity: Bytes32;
  readonly digest: Bytes32;
  readonly signature: Bytes;
};

/** A board and who of it signs: by member's index, with a key's index, a board, or bytes. */
export type Signing = {
  readonly board: Board;
  readonly signers: readonly (readonly [member: number, by: number | Signing | Bytes])[];
};

/** A board's part of a signature under what its keys sign. */
export function signNested({ board, signers }: Signing, signed: Bytes32): NestedSignature {
  const signatures = signers.map(([member, by]) => {
    if (by instanceof Uint8Array) return { member, signature: by };
    if (typeof by !== "number") {
      return { member, signature: encodeNestedSignature(signNested(by, signed)) };
    }
    return { member, signature: signDigest(keyAt(by).privateKey, signed) };
  });
  return { board, signatures };
}

const digest = keccakText("what the nested boards sign");

function signingOf(entity: Bytes32): { readonly signed: Bytes32; readonly path: Bytes } {
  const others = [1, 2, 3].map((i) => leafHash(entity, keccakText(`beside it ${i}`)));
  const { root, paths } = buildTree([leafHash(entity, digest), ...others]);
  return { signed: rootDigest(root), path: paths[0] as Bytes };
}

function signatureOf(entity: Bytes32, signing: Signing): Bytes {
  const { signed, path } = signingOf(entity);
  return encodeBoardSignature({ ...signNested(signing, signed), path });
}

const caseOf = (name: string, entity: Bytes32, signing: Signing): SignatureCase => ({
  name: `nested: ${name}`,
  entity,
  digest,
  signature: signatureOf(entity, signing),
});

/** Boards of one member each, the innermost a key: that many signatures. */
export function chainOf(signatures: number): Signing {
  let signing: Signing = { board: boardOf(1, [1]), signers: [[0, 0]] };
  for (let i = 1; i < signatures; i++) {
    signing = { board: boardOfIds(1, [boardHash(signing.board)]), signers: [[0, signing]] };
  }
  return signing;
}

const byKeys = (board: Board, ...signers: readonly number[]): Signing => ({
  board,
  signers: signers.map((member) => [member, member]),
});
const pairSigns: Signing = {
  board: pair,
  signers: [
    [0, 4],
    [1, 5],
  ],
};
const mixedSigns: Signing = {
  board: mixed,
  signers: [
    [0, pairSigns],
    [1, 0],
    [3, byKeys(four, 0, 1, 3)],
  ],
};

export function nestedCases(): readonly SignatureCase[] {
  const deepest = chainOf(64);
  const tooDeep = chainOf(65);
  return [
    caseOf("a number and a lazy board among the members", number(5n), mixedSigns),
    caseOf("the only member is a number", number(6n), { board: alone, signers: [[0, mixedSigns]] }),
    caseOf("lazy, the same", boardHash(mixed), mixedSigns),
    caseOf("64 signatures, each of the board in the one before", boardHash(deepest.board), deepest),
    caseOf("65 signatures", boardHash(tooDeep.board), tooDeep),
    ...cycles(),
    ...withOneWrong(),
    ...wrongBytes(),
  ];
}

function cycles(): readonly SignatureCase[] {
  const itself: Signing = {
    board: holdsItself,
    signers: [
      [1, 0],
      [2, 1],
      [3, 2],
    ],
  };
  const [, ...others] = itself.signers;
  const through = { board: holdsItself, signers: [[0, itself] as const, ...others] };
  const one: Signing = { board: needsTwo, signers: [[1, 0]] };
  const two: Signing = {
    board: needsOne,
    signers: [
      [0, one],
      [1, 1],
    ],
  };
  const round: Signing = {
    board: needsTwo,
    signers: [
      [0, two],
      [1, 0],
    ],
  };
  return [
    caseOf("a board that holds itself, by its other members", number(3n), itself),
    caseOf("the same, through itself once", number(3n), through),
    caseOf("two boards that need each other", number(1n), round),
    caseOf("two boards that need each other, from the other", number(2n), two),
  ];
}

/** The signing of number 5 with one of its three signers changed. */
function mixedWith(by: number | Signing | Bytes, at = 0): Signing {
  const signers = mixedSigns.signers.map((signer, i) => (i === at ? [signer[0], by] : signer));
  return { board: mixed, signers: signers as Signing["signers"] };
}

function withOneWrong(): readonly SignatureCase[] {
  const five = number(5n);
  const elsewhere = signNested(pairSigns, signingOf(number(4n)).signed);
  const stranger = boardOfIds(1, [number(99n)]);
  return [
    caseOf("another number's board", five, mixedWith(byKeys(four, 0, 1, 2))),
    caseOf("another lazy board", five, mixedWith(pairSigns, 2)),
    caseOf("too few of a nested board", five, mixedWith({ ...pairSigns, signers: [[0, 4]] })),
    caseOf("another key in a nested board", five, mixedWith(byKeys(pair, 0, 1))),
    caseOf("signed for the member, not for the outermost", five, mixedWith(bytesOf(elsewhere))),
    caseOf("a number that nobody has", boardHash(stranger), {
      board: stranger,
      signers: [[0, byKeys(four, 0, 1, 2)]],
    }),
    caseOf("a nested board that is none", five, mixedWith(byKeys(boardOf(2, [1, 1, 1]), 0, 1), 2)),
  ];
}

const bytesOf = (nested: NestedSignature): Bytes => encodeNestedSignature(nested);

function wrongBytes(): readonly SignatureCase[] {
  const five = number(5n);
  const { signed, path } = signingOf(five);
  const nested = signNested(pairSigns, signed);
  const bytes = bytesOf(nested);
  const raw = (name: string, changed: Bytes): SignatureCase =>
    caseOf(name, five, mixedWith(changed));
  return [
    raw("a key signature for a board", signDigest(keyAt(4).privateKey, signed)),
    raw("no byte for a board", new Uint8Array(0)),
    raw("a path inside", encodeBoardSignature({ ...nested, path })),
    raw("a word behind the end", concatBytes(bytes, new Uint8Array(32))),
    raw("a byte behind the end", concatBytes(bytes, Uint8Array.of(0))),
    raw("a word short", bytes.slice(0, -32)),
    raw("padding that is not zero", replaced(bytes, bytes.length - 1, 1)),
    raw("an offset that points elsewhere", replaced(bytes, 63, (bytes[63] as number) ^ 32)),
    raw("members at another offset", replaced(bytes, 127, 96)),
    raw("a count that reaches beyond", replaced(bytes, 159, 60)),
    caseOf("a key with a path inside", five, mixedWith(withLevel(signed), 1)),
  ];
}

const withLevel = (signed: Bytes32): Bytes =>
  concatBytes(signDigest(keyAt(0).privateKey, signed), new Uint8Array(32));
