/**
 * Frames and messages as canonical RLP. What both sides know stays off the wire (SPEED 7): the
 * account, the proposer, and of the previous hash all but four bytes that tell the bases apart.
 */
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes, type Bytes32, equalBytes } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  type RlpReader,
  readBytes,
  readBytes32,
  readExactly,
  readItems,
  readList,
  readNumber,
  readText,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../codec/rlp/encode.ts";
import {
  MAX_CODE_LENGTH,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_RECENT_FRAMES,
  MAX_SIGNATURE_BYTES,
  MAX_TRAIL_BYTES,
  MAX_TRANSACTIONS,
  TRAIL_STEP_BYTES,
} from "./limit.ts";
import type { AccountMessage } from "./message.ts";
import { readTransaction, transactionValue } from "./transaction/codec.ts";
import type { Frame, SignedFrame } from "./types.ts";

/** Of the previous hash, enough to tell a head from a frame in flight; the proof binds the rest. */
const BASE_BYTES = 4;

/** Append only: the place of a kind is its code. */
const kinds: readonly AccountMessage["kind"][] = [
  "hello",
  "frame",
  "acknowledge",
  "refuse",
  "history",
  "settlement",
];

/** The canonical bytes of a frame: what is sent, hashed and kept. */
export function encodeFrame(frame: Frame): Bytes {
  return encodeRlp([
    frame.epoch,
    frame.number,
    frame.previousHash.subarray(0, BASE_BYTES),
    frame.timestamp,
    frame.stateRoot,
    frame.transactions.map(transactionValue),
  ]);
}

/**
 * Reads a frame that is built on one of `bases`. Refuses `frameTooLong`, `badEncoding`, and
 * `baseUnknown` for one that is built on something else.
 */
export function decodeFrame(bytes: Bytes, bases: readonly Bytes32[]): Result<Frame> {
  if (bytes.length > MAX_FRAME_BYTES) {
    const details = { length: `${bytes.length}` };
    return refuse("frameTooLong", `a frame has at most ${MAX_FRAME_BYTES} bytes`, details);
  }
  const decoded = decodeRlp(bytes, (reader) => readList(reader, readFrame));
  if (!decoded.ok) return decoded;
  const { base, ...rest } = decoded.value;
  const previousHash = bases.find((hash) => equalBytes(hash.subarray(0, BASE_BYTES), base));
  if (previousHash === undefined) {
    return refuse("baseUnknown", "the frame is not built on what this side has");
  }
  return ok({ ...rest, previousHash });
}

function readFrame(reader: RlpReader) {
  return {
    epoch: readNumber(reader),
    number: readNumber(reader),
    base: readExactly(reader, BASE_BYTES),
    timestamp: readNumber(reader),
    stateRoot: readBytes32(reader),
    transactions: readItems(reader, MAX_TRANSACTIONS, readTransaction),
  };
}

/** The canonical bytes of a message; its claim travels beside it, in the envelope. */
export function encodeMessage(message: AccountMessage): Bytes {
  const code = kinds.indexOf(message.kind);
  assert(code >= 0, "a kind without code");
  return encodeRlp([code, ...messageFields(message)]);
}

/** Refuses `messageTooLong` and `badEncoding`. Bytes in the result are views of the input. */
export function decodeMessage(bytes: Bytes): Result<AccountMessage> {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    const details = { length: `${bytes.length}` };
    return refuse("messageTooLong", `a message has at most ${MAX_MESSAGE_BYTES} bytes`, details);
  }
  return decodeRlp(bytes, (reader) => readList(reader, readMessage));
}

function messageFields(message: AccountMessage): readonly RlpValue[] {
  switch (message.kind) {
    case "hello": {
      const { epoch, number, head, inFlight, highestSigned } = message;
      return [epoch, number, head, inFlight, highestSigned];
    }
    case "frame":
    case "acknowledge":
      return [message.frame];
    case "refuse": {
      const { frame, highest, code, transaction, stateRoot, trail } = message;
      return [frame, highest, code, transaction + 1, stateRoot, trail];
    }
    case "history":
      return [message.frames.map(signedFrameValue)];
    case "settlement":
      return [message.number];
    default:
      return unreachable(message);
  }
}

function readMessage(reader: RlpReader): AccountMessage {
  const kind = kinds[readNumber(reader, kinds.length - 1)] as AccountMessage["kind"];
  switch (kind) {
    case "hello":
      return {
        kind,
        epoch: readNumber(reader),
        number: readNumber(reader),
        head: readBytes32(reader),
        inFlight: readBytes32(reader),
        highestSigned: readNumber(reader),
      };
    case "frame":
      return { kind, frame: readBytes(reader, MAX_FRAME_BYTES) };
    case "acknowledge":
      return { kind, frame: readBytes32(reader) };
    case "refuse":
      return {
        kind,
        frame: readBytes32(reader),
        highest: readNumber(reader),
        code: readCode(reader),
        transaction: readNumber(reader, MAX_TRANSACTIONS) - 1,
        stateRoot: readBytes32(reader),
        trail: readTrail(reader),
      };
    case "history":
      return { kind, frames: readItems(reader, MAX_RECENT_FRAMES, readSignedFrame) };
    case "settlement":
      return { kind, number: readNumber(reader) };
    default:
      return unreachable(kind);
  }
}

/** A refusal's code ends in logs: letters only. */
function readCode(reader: RlpReader): string {
  const code = readText(reader, MAX_CODE_LENGTH);
  return /^[A-Za-z]+$/.test(code) ? code : fail("a code has letters only");
}

/** Whole steps only. */
function readTrail(reader: RlpReader): Bytes {
  const trail = readBytes(reader, MAX_TRAIL_BYTES);
  return trail.length % TRAIL_STEP_BYTES === 0 ? trail : fail("a trail has whole steps");
}

export function signedFrameValue(frame: SignedFrame): RlpValue {
  const { bytes, proposer, hash, number, stateRoot, digest, signature } = frame;
  return [bytes, proposer === "left" ? 0 : 1, hash, number, stateRoot, digest, signature];
}

export function readSignedFrame(reader: RlpReader): SignedFrame {
  return readList(reader, () => ({
    bytes: readBytes(reader, MAX_FRAME_BYTES),
    proposer: readNumber(reader, 1) === 0 ? "left" : "right",
    hash: readBytes32(reader),
    number: readNumber(reader),
    stateRoot: readBytes32(reader),
    digest: readBytes32(reader),
    signature: readBytes(reader, MAX_SIGNATURE_BYTES),
  }));
}
