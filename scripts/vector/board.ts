import {
  type Bytes,
  type Bytes32,
  bigintFromBytes,
  concatBytes,
  toHex,
} from "../../keeper/base/bytes.ts";
import { verifyEntitySignature } from "../../keeper/codec/authority.ts";
import { type Board, boardHash, checkBoard } from "../../keeper/codec/board.ts";
import {
  type BoardSignature,
  encodeBoardSignature,
  encodeKeySignature,
} from "../../keeper/codec/board-signature.ts";
import { numberedEntity } from "../../keeper/codec/identity.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { buildTree, leafHash } from "../../keeper/codec/merkle.ts";
import { rootDigest } from "../../keeper/codec/root.ts";
import { signDigest } from "../../keeper/codec/signature.ts";
import {
  boardOf,
  FOUR_NUMBER,
  four,
  keyAt,
  keys,
  nestedCases,
  numberHashes,
  type SignatureCase,
} from "./nested.ts";
import { highS, replaced } from "./signature.ts";

const NUMBER = numberedEntity(FOUR_NUMBER);
const MAX = 2 ** 32 - 1;

function boards(): readonly (readonly [name: string, board: Board])[] {
  const [first, second] = [keyAt(0).entity, keyAt(1).entity];
  const pair = (a: Bytes32, b: Bytes32): Board => ({
    threshold: 2,
    members: [a, b].map((id) => ({ id, weight: 1 })),
  });
  return [
    ["one member", boardOf(1, [1])],
    ["one member, threshold below 2/3", boardOf(1, [9])],
    ["one member, greatest weight", boardOf(MAX, [MAX])],
    ["two of two", boardOf(2, [1, 1])],
    ["three of four", four],
    ["seven of ten by weight", boardOf(7, [1, 2, 3, 4])],
    ["more than 2/3 of unequal weights", boardOf(MAX, [MAX, 1, 2])],
    ["no member", boardOf(1, [])],
    ["2/3 exactly", boardOf(2, [1, 1, 1])],
    ["threshold above the weight", boardOf(5, [1, 1, 1, 1])],
    ["threshold zero", boardOf(0, [1])],
    ["weight zero", boardOf(3, [1, 0, 2])],
    ["unsorted", pair(second, first)],
    ["a member twice", pair(first, first)],
    ["nobody as a member", pair(new Uint8Array(32) as Bytes32, first)],
    ["a numbered member", pair(NUMBER, first)],
    ["a lazy member", pair(first, keccakText("a board"))],
  ];
}

/** What a signature is made from; a variant changes one thing. */
type Draft = BoardSignature & { readonly entity: Bytes32; readonly digest: Bytes32 };

function draftOf(board: Board, signers: readonly number[], entity = boardHash(board)): Draft {
  const digest = keccakText("what the board signs");
  const others = [1, 2, 3].map((i) => leafHash(entity, keccakText(`beside it ${i}`)));
  const { root, paths } = buildTree([leafHash(entity, digest), ...others]);
  const signed = rootDigest(root);
  const signatures = signers.map((member) => ({
    member,
    signature: signDigest(keyAt(member).privateKey, signed),
  }));
  return { board, entity, digest, path: paths[0] as Bytes, signatures };
}

type Case = { readonly name: string; readonly draft: Draft; readonly bytes?: Bytes };

function boardCases(): readonly Case[] {
  const good = draftOf(four, [0, 1, 3]);
  const [first, second, last] = good.signatures as [Member, Member, Member];
  const list = (name: string, ...signatures: readonly Member[]): Case => ({
    name,
    draft: { ...good, signatures },
  });
  const bytes = encodeBoardSignature(good);
  const raw = (name: string, changed: Bytes): Case => ({ name, draft: good, bytes: changed });
  const swapped = { ...second, signature: last.signature };
  return [
    { name: "three of four", draft: good },
    { name: "all four, more than needed", draft: draftOf(four, [0, 1, 2, 3]) },
    { name: "a numbered entity", draft: draftOf(four, [1, 2, 3], NUMBER) },
    { name: "one member", draft: draftOf(boardOf(1, [1]), [0]) },
    { name: "weights reach the threshold", draft: draftOf(boardOf(7, [1, 2, 3, 4]), [2, 3]) },
    { name: "weights do not reach it", draft: draftOf(boardOf(7, [1, 2, 3, 4]), [1, 3]) },
    { name: "two of four", draft: draftOf(four, [0, 1]) },
    { name: "nobody", draft: draftOf(four, []) },
    { name: "another board", draft: { ...good, board: boardOf(4, [1, 1, 1, 1]) } },
    { name: "another digest", draft: { ...good, digest: keccakText("another") } },
    { name: "another entity", draft: { ...good, entity: NUMBER } },
    { name: "no path", draft: { ...good, path: new Uint8Array(0) } },
    { name: "a path of 33 levels", draft: good, bytes: withPath(good, 33) },
    { name: "a level too many", draft: { ...good, path: concatBytes(good.path, good.entity) } },
    list("a member twice", first, first, second, last),
    list("descending members", second, first, last),
    list("an index outside of the board", first, second, { ...last, member: 4 }),
    list("another member's signature", first, swapped, last),
    list("high s", first, { ...second, signature: highS(second.signature) }, last),
    list("the other v", first, { ...second, signature: otherV(second.signature) }, last),
    raw("a byte behind the end", concatBytes(bytes, Uint8Array.of(0))),
    raw("a word behind the end", concatBytes(bytes, new Uint8Array(32))),
    raw("one byte short", bytes.slice(0, -1)),
    raw("no byte", new Uint8Array(0)),
    raw("padding that is not zero", replaced(bytes, bytes.length - 1, 1)),
    raw("an offset that points elsewhere", replaced(bytes, 95, (bytes[95] as number) - 32)),
    raw("a weight above 32 bits", replaced(bytes, 32 * 7 + 27, 1)),
    raw("a key signature", encodeKeySignature(first.signature, good.path)),
  ];
}

type Member = BoardSignature["signatures"][number];

const otherV = (signature: Bytes): Bytes => replaced(signature, 64, 55 - (signature[64] as number));

/** The encoding of a path that the encoder itself would not write: its last level repeated. */
function withPath(draft: Draft, levels: number): Bytes {
  const empty = encodeBoardSignature({ ...draft, path: new Uint8Array(0) });
  const pathAt = 32 * (6 + 2 * draft.board.members.length);
  const head = empty.slice(0, pathAt);
  const offset = new DataView(head.buffer);
  offset.setUint32(92, offset.getUint32(92) + 32 * levels);
  const count = new Uint8Array(32);
  count[31] = levels;
  const path = concatBytes(...Array.from({ length: levels }, () => draft.path.slice(-32)));
  return concatBytes(head, count, path, empty.slice(pathAt + 32));
}

function keyCases(): readonly Case[] {
  const { entity, privateKey } = keyAt(0);
  const digest = keccakText("what the key signs");
  const board = boardOf(1, [1]);
  const make = (name: string, size: number, change = (bytes: Bytes): Bytes => bytes): Case => {
    const others = Array.from({ length: size - 1 }, (_, i) => keccakText(`beside it ${i}`));
    const { root, paths } = buildTree([leafHash(entity, digest), ...others]);
    const path = paths[0] as Bytes;
    const signature = encodeKeySignature(signDigest(privateKey, rootDigest(root)), path);
    const draft = { board, entity, digest, path, signatures: [] };
    return { name: `key: ${name}`, draft, bytes: change(signature) };
  };
  return [
    make("alone", 1),
    make("a tree of two", 2),
    make("a tree of 37", 37),
    make("a path cut by a level", 8, (bytes) => bytes.slice(0, -32)),
    make("a path cut by a byte", 8, (bytes) => bytes.slice(0, -1)),
    make("64 bytes", 1, (bytes) => bytes.slice(0, 64)),
    make("33 levels", 1, (bytes) => concatBytes(bytes, new Uint8Array(33 * 32))),
    make("the other v", 2, otherV),
    make("another level", 2, (bytes) => replaced(bytes, 70, (bytes[70] as number) ^ 1)),
  ];
}

export function boardVectors(): unknown {
  return {
    keys: keys.map(({ index, entity }) => ({ key: `${index}`, entity: toHex(entity) })),
    numbers: numberHashes().map(toHex),
    boards: boards().map(([name, board]) => {
      const checked = checkBoard(board);
      const refusal = checked.ok ? "" : checked.refusal.code;
      return { name, ...plain(board), hash: toHex(boardHash(board)), refusal };
    }),
    signatures: [
      ...[...boardCases(), ...keyCases()].map(({ name, draft, bytes }) => ({
        name,
        entity: draft.entity,
        digest: draft.digest,
        signature: bytes ?? encodeBoardSignature(draft),
      })),
      ...nestedCases(),
    ].map(describe),
  };
}

function plain({ threshold, members }: Board): object {
  return {
    threshold: `${threshold}`,
    members: members.map(({ id, weight }) => ({ id: toHex(id), weight: `${weight}` })),
  };
}

function describe({ name, entity, digest, signature }: SignatureCase): unknown {
  const hashes = numberHashes();
  const boardHash = (id: Bytes32) => hashes[Number(bigintFromBytes(id)) - 1];
  const verified = verifyEntitySignature({ entity, digest, signature, boardHash });
  return {
    name,
    entity: toHex(entity),
    digest: toHex(digest),
    signature: toHex(signature),
    refusal: verified.ok ? "" : verified.refusal.code,
  };
}
