/**
 * One side's whole replica as canonical bytes: the record of a checkpoint. What can be computed
 * from the rest (page hashes, frames from their bytes) is left out.
 */
import { type Bytes, equalBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import type { Refusal, Result } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  type RlpReader,
  readBoolean,
  readBytes,
  readBytes32,
  readItems,
  readList,
  readNumber,
  readText,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../codec/rlp/encode.ts";
import type { Side } from "../jurisdiction/types.ts";
import { decodeFrame, readSignedFrame, signedFrameValue } from "./codec.ts";
import { frameHash } from "./digest.ts";
import * as limit from "./limit.ts";
import { readState, stateValue } from "./state.ts";
import {
  eventRowValue,
  readEventRow,
  readTransaction,
  transactionValue,
} from "./transaction/codec.ts";
import type {
  Account,
  AccountState,
  DroppedTransaction,
  HeadProof,
  HeldFrame,
  InFlight,
  Link,
  ObservedBlock,
  SignedFrame,
} from "./types.ts";

/** A checkpoint is our own; these bounds only keep a flipped byte from allocating memory. */
const MANY = 2 ** 24;
const TEXT_BYTES = 4_096;

const phases = ["down", "exchanging", "ready", "catchingUp"] as const;

export function encodeAccount(account: Account): Bytes {
  const frames = account.recent.map(signedFrameValue);
  return encodeRlp(accountValue(account, frames, optional(account.inFlight, inFlightValue)));
}

/**
 * The same with hashes in place of the bytes of frames: short, however long the frames are, and as
 * binding. It is what the replica's root is taken over.
 */
export function encodeEssence(account: Account): Bytes {
  const frames = account.recent.map(({ hash, signature }) => [hash, signature]);
  const inFlight = optional(account.inFlight, ({ hash, state, proofDigest, acknowledges }) => [
    hash,
    stateValue(state),
    proofDigest,
    acknowledges,
  ]);
  return encodeRlp(accountValue(account, frames, inFlight));
}

function accountValue(account: Account, recent: RlpValue, inFlight: RlpValue): RlpValue {
  return [
    account.me === "left" ? 0 : 1,
    stateValue(account.state),
    optional(account.headProof, headProofValue),
    recent,
    inFlight,
    account.mempool.map(transactionValue),
    account.highestSigned,
    account.highestSeen,
    account.retryAbove,
    account.refusedThrough,
    account.notBefore,
    account.withheld.map(droppedValue),
    account.acknowledgeDue,
    account.settlementDue,
    linkValue(account.link),
    optional(account.held, heldValue),
    account.pending.map(blockValue),
    optional(account.settlementSignature, (signature) => signature),
    optional(account.frozen, (reason) => reason),
  ];
}

/**
 * Reads what {@link encodeAccount} wrote. Refuses `badEncoding`; parts of the result are views of
 * the bytes.
 */
export function decodeAccount(bytes: Bytes): Result<Account> {
  return decodeRlp(bytes, (reader) => readList(reader, readAccount));
}

function readAccount(reader: RlpReader): Account {
  const me = readNumber(reader, 1) === 0 ? "left" : "right";
  const state = readState(reader);
  return {
    me,
    state,
    headProof: readOptional(reader, readHeadProof),
    recent: readRecent(reader, state),
    inFlight: readOptional(reader, () => readInFlight(reader, state, me)),
    mempool: readItems(reader, MANY, readTransaction),
    highestSigned: readNumber(reader),
    highestSeen: readNumber(reader),
    retryAbove: readNumber(reader),
    refusedThrough: readNumber(reader),
    notBefore: readNumber(reader),
    withheld: readItems(reader, MANY, readDropped),
    acknowledgeDue: readBoolean(reader),
    settlementDue: readBoolean(reader),
    link: readLink(reader),
    held: readOptional(reader, readHeld),
    pending: readItems(reader, MANY, readBlock),
    settlementSignature: readOptional(reader, readSignature),
    frozen: readOptional(reader, () => readText(reader, TEXT_BYTES)),
  };
}

/** A list of one, or of none. */
function optional<T>(value: T | null, encode: (value: T) => RlpValue): RlpValue {
  return value === null ? [] : [encode(value)];
}

function readOptional<T>(reader: RlpReader, read: (reader: RlpReader) => T): T | null {
  return readList(reader, () => (hasMore(reader) ? read(reader) : null));
}

function readSignature(reader: RlpReader): Bytes {
  return readBytes(reader, limit.MAX_SIGNATURE_BYTES);
}

function headProofValue({ number, digest, signature }: HeadProof): RlpValue {
  return [number, digest, signature];
}

function readHeadProof(reader: RlpReader): HeadProof {
  return readList(reader, () => ({
    number: readNumber(reader),
    digest: readBytes32(reader),
    signature: readSignature(reader),
  }));
}

function inFlightValue({ bytes, hash, state, proofDigest, acknowledges }: InFlight): RlpValue {
  return [bytes, hash, stateValue(state), proofDigest, acknowledges];
}

/** The newest frames; each names the one before it, and the last is the head. */
function readRecent(reader: RlpReader, { key, head }: AccountState): readonly SignedFrame[] {
  const recent = readItems(reader, limit.MAX_RECENT_FRAMES, readSignedFrame);
  for (const [index, { bytes, proposer, hash }] of recent.entries()) {
    const before = recent[index - 1];
    if (before === undefined) continue;
    if (!equalBytes(hash, frameHash(key, before.hash, proposer, bytes))) fail("a frame's hash");
  }
  const newest = recent.at(-1)?.hash ?? ZERO_BYTES32;
  return equalBytes(newest, head) ? recent : fail("the newest frame is not the head");
}

function readInFlight(reader: RlpReader, base: AccountState, me: Side): InFlight {
  return readList(reader, () => {
    const bytes = readBytes(reader, limit.MAX_FRAME_BYTES);
    const frame = decodeFrame(bytes, [base.head]);
    if (!frame.ok) return fail(frame.refusal.message);
    const hash = readBytes32(reader);
    if (!equalBytes(hash, frameHash(base.key, base.head, me, bytes))) fail("a frame's hash");
    return {
      frame: frame.value,
      bytes,
      hash,
      state: readState(reader),
      proofDigest: readBytes32(reader),
      acknowledges: readBoolean(reader),
    };
  });
}

function droppedValue({ transaction, refusal }: DroppedTransaction): RlpValue {
  const { code, message, details } = refusal;
  const pairs = details === undefined ? [] : [Object.entries(details)];
  return [transactionValue(transaction), code, message, pairs];
}

function readDropped(reader: RlpReader): DroppedTransaction {
  return readList(reader, () => {
    const transaction = readTransaction(reader);
    const code = readText(reader, TEXT_BYTES);
    const message = readText(reader, TEXT_BYTES);
    const pairs = readOptional(reader, () => readItems(reader, MANY, readPair));
    const refusal: Refusal =
      pairs === null ? { code, message } : { code, message, details: Object.fromEntries(pairs) };
    return { transaction, refusal };
  });
}

function readPair(reader: RlpReader): readonly [string, string] {
  return readList(reader, () => [readText(reader, TEXT_BYTES), readText(reader, TEXT_BYTES)]);
}

function linkValue(link: Link): RlpValue {
  return [phases.indexOf(link.phase), link.phase === "down" ? 0 : link.connection];
}

function readLink(reader: RlpReader): Link {
  return readList(reader, () => {
    const phase = phases[readNumber(reader, phases.length - 1)] as Link["phase"];
    const connection = readNumber(reader);
    if (phase !== "down") return { phase, connection };
    return connection === 0 ? { phase } : fail("a link that is down has no connection");
  });
}

function heldValue({ bytes, digest, signature, waitsFor }: HeldFrame): RlpValue {
  return [bytes, digest, signature, waitsFor];
}

function readHeld(reader: RlpReader): HeldFrame {
  return readList(reader, () => ({
    bytes: readBytes(reader, limit.MAX_FRAME_BYTES),
    digest: readBytes32(reader),
    signature: readSignature(reader),
    waitsFor: readNumber(reader),
  }));
}

function blockValue(block: ObservedBlock): RlpValue {
  const { height, hash, timestamp, epoch, number, rows } = block;
  return [height, hash, timestamp, epoch, number, rows.map(eventRowValue)];
}

function readBlock(reader: RlpReader): ObservedBlock {
  return readList(reader, () => ({
    height: readNumber(reader),
    hash: readBytes32(reader),
    timestamp: readNumber(reader),
    epoch: readNumber(reader),
    number: readNumber(reader),
    rows: readItems(reader, MANY, readEventRow),
  }));
}
