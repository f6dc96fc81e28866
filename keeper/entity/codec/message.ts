/** Messages between entities: canonical bytes, decoded strictly (NETW-2). */

import { decodeMessage, encodeMessage } from "../../account/codec.ts";
import { unreachable } from "../../base/assert.ts";
import type { Bytes } from "../../base/bytes.ts";
import type { Result } from "../../base/result.ts";
import {
  decodeRlp,
  fail,
  type RlpReader,
  readBytes,
  readList,
  readNumber,
  readText,
} from "../../codec/rlp/decode.ts";
import { encodeRlp } from "../../codec/rlp/encode.ts";
import { decodePlanMessage, encodePlanMessage } from "../../plan/codec.ts";
import { COMMAND_ID_MAX } from "../limit.ts";
import type { EntityMessage } from "../message.ts";
import { readRows, rowItems } from "./rows.ts";

/** Bytes of one message, as `wire` also bounds them. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

const KIND = { account: 0, plan: 1, askRows: 2, rows: 3 } as const;

export function encodeEntityMessage(message: EntityMessage): Bytes {
  switch (message.kind) {
    case "account":
      return encodeRlp([KIND.account, encodeMessage(message.message)]);
    case "plan":
      return encodeRlp([KIND.plan, encodePlanMessage(message.message)]);
    case "askRows":
      return encodeRlp([KIND.askRows, message.request]);
    case "rows":
      return encodeRlp([KIND.rows, message.request, message.rows.map(rowItems)]);
    default:
      return unreachable(message);
  }
}

export function decodeEntityMessage(bytes: Bytes): Result<EntityMessage> {
  return decodeRlp(bytes, (reader) => readList(reader, () => readMessage(reader)));
}

function readMessage(reader: RlpReader): EntityMessage {
  const kind = readNumber(reader, KIND.rows);
  switch (kind) {
    case KIND.account:
      return { kind: "account", message: inner(reader, decodeMessage) };
    case KIND.plan:
      return { kind: "plan", message: inner(reader, decodePlanMessage) };
    case KIND.askRows:
      return { kind: "askRows", request: readText(reader, 4 * COMMAND_ID_MAX) };
    default: {
      const request = readText(reader, 4 * COMMAND_ID_MAX);
      return { kind: "rows", request, rows: readRows(reader) };
    }
  }
}

function inner<T>(reader: RlpReader, decode: (bytes: Bytes) => Result<T>): T {
  const decoded = decode(readBytes(reader, MESSAGE_BYTES_MAX));
  return decoded.ok ? decoded.value : fail(decoded.refusal.message);
}
