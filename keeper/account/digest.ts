/** Digests of frames, proofs and conditions; DESIGN.md, "Encodings". */
import { type Bytes, type Bytes32, EMPTY_BYTES, isZeroBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import { keccakPair, keccakParts } from "../codec/keccak.ts";
import {
  createPacker,
  hashPacked,
  packAmount,
  packBytes,
  packBytes32,
  packDelta,
  packUint8,
  packUint32,
  packUint64,
  packWord,
  restart,
} from "../codec/packed.ts";
import { startStruct, typedDigest, typeHash } from "../codec/typed.ts";
import type { EntityId, Side, TokenId } from "../jurisdiction/types.ts";
import type { Condition } from "./types.ts";

const PROOF = typeHash(
  "Proof(bytes32 account,uint64 epoch,uint64 number,uint32 leftResponse,uint32 rightResponse," +
    "bytes32 frameHash,bytes32 bodyHash)",
);

/** Kinds of conditions as the contracts number them (CND-1). */
export const CONDITION_KIND = { hashLock: 1, planLock: 2, limitOrder: 3, transformer: 4 } as const;

const packer = createPacker();

/** `keccak256(left ‖ right)`. */
export function accountKey(left: EntityId, right: EntityId): Bytes32 {
  return keccakPair(left, right);
}

export function frameHash(
  account: Bytes32,
  previousHash: Bytes32,
  proposer: Side,
  frame: Bytes,
): Bytes32 {
  return keccakParts([account, previousHash, SIDE_BYTE[proposer], frame]);
}

const SIDE_BYTE = { left: Uint8Array.of(0), right: Uint8Array.of(1) } as const;

/** The body of a proof as far as the chain enforces it; tokens strictly ascending. */
export function bodyHash(body: {
  readonly tokens: readonly {
    readonly token: TokenId;
    readonly offdelta: bigint;
    readonly leftLimit: bigint;
    readonly rightLimit: bigint;
  }[];
  readonly conditionsRoot: Bytes32;
}): Bytes32 {
  restart(packer);
  for (const { token, offdelta, leftLimit, rightLimit } of body.tokens) {
    packUint32(packer, token);
    packDelta(packer, offdelta);
    packAmount(packer, leftLimit);
    packAmount(packer, rightLimit);
  }
  packBytes32(packer, body.conditionsRoot);
  return hashPacked(packer);
}

/** The one digest that both sides sign for a state (DIS-1): it stands for frame and proof. */
export function proofDigest(
  domain: Bytes32,
  proof: {
    readonly account: Bytes32;
    readonly epoch: number;
    readonly number: number;
    readonly leftResponse: number;
    readonly rightResponse: number;
    readonly frameHash: Bytes32;
    readonly bodyHash: Bytes32;
  },
): Bytes32 {
  startStruct(packer, PROOF);
  packBytes32(packer, proof.account);
  packWord(packer, proof.epoch);
  packWord(packer, proof.number);
  packWord(packer, proof.leftResponse);
  packWord(packer, proof.rightResponse);
  packBytes32(packer, proof.frameHash);
  packBytes32(packer, proof.bodyHash);
  return typedDigest(domain, hashPacked(packer));
}

/** One condition of an account. */
export function conditionHash({ plan, deadline, moves }: Condition): Bytes32 {
  const { planLock: kind } = CONDITION_KIND;
  return packedConditionHash({ kind, deadline, subject: plan, moves, data: EMPTY_BYTES });
}

/** Any condition, by the packed layout that all kinds share. */
export function packedConditionHash(condition: {
  readonly kind: number;
  readonly deadline: number;
  readonly subject: Bytes32;
  readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
  readonly data: Bytes;
}): Bytes32 {
  const { kind, deadline, subject, moves, data } = condition;
  restart(packer);
  packUint8(packer, kind);
  packUint64(packer, deadline);
  packBytes32(packer, subject);
  packUint8(packer, moves.length);
  for (const { token, amount } of moves) {
    packUint32(packer, token);
    packDelta(packer, amount);
  }
  packBytes(packer, data);
  return hashPacked(packer);
}

/** A page is 16 hashes, 32 zero bytes for an empty slot. */
export function pageHash(slots: readonly Bytes32[]): Bytes32 {
  return keccakParts(slots);
}

/** Over the page hashes, those at the end that are zero left out; zero when none is left. */
export function conditionsRoot(pages: readonly Bytes32[]): Bytes32 {
  let count = pages.length;
  while (count > 0 && isZeroBytes(pages[count - 1] as Bytes32)) count--;
  return count === 0 ? ZERO_BYTES32 : keccakParts(pages.slice(0, count));
}
