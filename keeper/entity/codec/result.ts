/** Results of commands: remembered, so in checkpoints and in the entity's running hash. */
import { unreachable } from "../../base/assert.ts";
import {
  fail,
  hasMore,
  type RlpReader,
  readBoolean,
  readBytes32,
  readItems,
  readList,
  readNumber,
  readText,
} from "../../codec/rlp/decode.ts";
import type { RlpValue } from "../../codec/rlp/encode.ts";
import { readEntity } from "../../jurisdiction/codec.ts";
import type { CommandResult, CommandValue } from "../types.ts";
import { readRows, rowItems } from "./rows.ts";

const KINDS = ["done", "frame", "batch", "settlement", "rows", "plan"] as const;

const CODE_BYTES_MAX = 200;
const MESSAGE_BYTES_MAX = 4_000;
const DETAILS_MAX = 100;
const REFUSALS_MAX = 1_000;
/** Rows of all who were asked: what memory bounds, against a flipped byte. */
const ROWS_MAX = 2 ** 24;

export function resultItem(result: CommandResult): RlpValue {
  if (result.ok) return [true, KINDS.indexOf(result.value.kind), ...fieldsOf(result.value)];
  const { code, message, details } = result.refusal;
  return details === undefined
    ? [false, code, message]
    : [false, code, message, Object.entries(details).map(([key, value]) => [key, value])];
}

function fieldsOf(value: CommandValue): readonly RlpValue[] {
  switch (value.kind) {
    case "done":
      return [];
    case "frame":
      return [value.number, value.hash];
    case "batch":
      return [value.nonce];
    case "settlement":
      return [value.number, value.landed];
    case "rows":
      return [value.rows.map(rowItems), value.disagreed];
    case "plan":
      return [value.committed, value.refusals.map(({ by, code }) => [by, code])];
    default:
      return unreachable(value);
  }
}

export function readResult(reader: RlpReader): CommandResult {
  return readList(reader, () => {
    if (readBoolean(reader)) return { ok: true, value: readValue(reader) };
    const code = readText(reader, CODE_BYTES_MAX);
    const message = readText(reader, MESSAGE_BYTES_MAX);
    if (!hasMore(reader)) return { ok: false, refusal: { code, message } };
    const entries = readItems(reader, DETAILS_MAX, () =>
      readList(reader, (): [string, string] => [
        readText(reader, CODE_BYTES_MAX),
        readText(reader, MESSAGE_BYTES_MAX),
      ]),
    );
    return { ok: false, refusal: { code, message, details: Object.fromEntries(entries) } };
  });
}

function readValue(reader: RlpReader): CommandValue {
  const kind = KINDS[readNumber(reader, KINDS.length - 1)];
  switch (kind) {
    case "done":
      return { kind };
    case "frame":
      return { kind, number: readNumber(reader), hash: readBytes32(reader) };
    case "batch":
      return { kind, nonce: readNumber(reader) };
    case "settlement":
      return { kind, number: readNumber(reader), landed: readBoolean(reader) };
    case "rows":
      return { kind, rows: readRows(reader, ROWS_MAX), disagreed: readNumber(reader) };
    case "plan": {
      const committed = readBoolean(reader);
      const refusals = readItems(reader, REFUSALS_MAX, () =>
        readList(reader, () => ({
          by: readEntity(reader),
          code: readText(reader, CODE_BYTES_MAX),
        })),
      );
      return { kind, committed, refusals };
    }
    default:
      return fail("an unknown result");
  }
}
