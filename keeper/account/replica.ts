/**
 * One side's whole replica as canonical bytes: the record of a checkpoint. What can be computed
 * from the rest (page hashes, frames from their bytes) is left out.
 */
import type { Bytes } from "../base/bytes.ts";
import type { Refusal, Result } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  readBoolean,
  readBytes,
  readBytes32,
  readItems,
  readList,
  readNumber,
  readText,
  type RlpReader,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../codec/rlp/encode.ts";
import { decodeFrame, readSignedFrame, signedFrameValue } from "./codec.ts";
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
} from "./types.ts";

/** A checkpoint is our own; these bounds only keep a flipped byte from allocating memory. */
const MANY = 2 ** 24;
const TEXT_BYTES = 4_096;

const phases = ["down", "exchanging", "ready", "catchingUp"] as const;

export function encodeAccount(account: Account): Bytes {
  return encodeRlp([
    account.me === "left" ? 0 : 1,
    stateValue(account.state),
    optional(account.headProof, headProofValue),
    account.recent.map(signedFrameValue),
    optional(account.inFlight, inFlightValue),
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
  ]);
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
    recent: readItems(reader, limit.MAX_RECENT_FRAMES, readSignedFrame),
    inFlight: readOptional(reader, () => readInFlight(reader, state)),
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
function optional<T>(value: T | null, valueOf: (value: T) => RlpValue): RlpValue {
  return value === null ? [] : [valueOf(value)];
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

function readInFlight(reader: RlpReader, base: AccountState): InFlight {
  return readList(reader, () => {
    const bytes = readBytes(reader, limit.MAX_FRAME_BYTES);
    const frame = decodeFrame(bytes, [base.head]);
    if (!frame.ok) return fail(frame.refusal.message);
    return {
      frame: frame.value,
      bytes,
      hash: readBytes32(reader),
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
