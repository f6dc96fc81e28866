/** Commands that are not finished, and what they wait for, for checkpoints: canonical, strict. */
import { unreachable } from "../../base/assert.ts";
import {
  fail,
  hasMore,
  type RlpReader,
  readBytes32,
  readItems,
  readList,
  readNumber,
  readText,
} from "../../codec/rlp/decode.ts";
import type { RlpValue } from "../../codec/rlp/encode.ts";
import { readEntity } from "../../jurisdiction/codec.ts";
import { COMMAND_ID_BYTES_MAX, COMMAND_TRANSACTIONS_MAX, ROWS_FROM_MAX } from "../limit.ts";
import type { Handed, OpenCommand, Outstanding } from "../types.ts";
import { ownerTransactionItem, readOwnerTransaction } from "./command.ts";
import { readRows, rowItems } from "./rows.ts";

/** Each is written as its place in the list: append only. */
const WAITS = ["transactions", "batch", "settlement", "rows", "plan"] as const;

/** Commands that wait in one account: what memory bounds, against a flipped byte. */
const QUEUE_MAX = 2 ** 24;

export function openItem({ id, waitsFor }: OpenCommand): RlpValue {
  return [id, WAITS.indexOf(waitsFor.kind), ...fieldsOf(waitsFor)];
}

function fieldsOf(waitsFor: OpenCommand["waitsFor"]): readonly RlpValue[] {
  switch (waitsFor.kind) {
    case "transactions":
    case "settlement":
      return [waitsFor.peer];
    case "batch":
      return waitsFor.nonce === null ? [] : [waitsFor.nonce];
    case "rows":
      return [waitsFor.missing, waitsFor.handed.map(({ by, rows }) => [by, rows.map(rowItems)])];
    case "plan":
      return [waitsFor.plan];
    default:
      return unreachable(waitsFor);
  }
}

export function readOpen(reader: RlpReader): OpenCommand {
  return readList(reader, () => ({
    id: readText(reader, COMMAND_ID_BYTES_MAX),
    waitsFor: readWaitsFor(reader),
  }));
}

function readWaitsFor(reader: RlpReader): OpenCommand["waitsFor"] {
  const kind = WAITS[readNumber(reader, WAITS.length - 1)];
  switch (kind) {
    case "transactions":
    case "settlement":
      return { kind, peer: readEntity(reader) };
    case "batch":
      return { kind, nonce: hasMore(reader) ? readNumber(reader) : null };
    case "rows": {
      const missing = readItems(reader, ROWS_FROM_MAX, readEntity);
      return { kind, missing, handed: readItems(reader, ROWS_FROM_MAX, readHanded) };
    }
    case "plan":
      return { kind, plan: readBytes32(reader) };
    default:
      return fail("nothing that a command can wait for");
  }
}

function readHanded(reader: RlpReader): Handed {
  return readList(reader, () => ({ by: readEntity(reader), rows: readRows(reader) }));
}

export function outstandingItem(queue: readonly Outstanding[]): RlpValue {
  return queue.map(({ id, transactions, from }) => [
    id,
    from,
    transactions.map(ownerTransactionItem),
  ]);
}

export function readOutstanding(reader: RlpReader): readonly Outstanding[] {
  return readItems(reader, QUEUE_MAX, () =>
    readList(reader, () => {
      const id = readText(reader, COMMAND_ID_BYTES_MAX);
      const from = readNumber(reader, COMMAND_TRANSACTIONS_MAX);
      const maximum = COMMAND_TRANSACTIONS_MAX;
      const transactions = readItems(reader, maximum, readOwnerTransaction);
      return from < transactions.length
        ? { id, transactions, from }
        : fail("a command waits for no transaction");
    }),
  );
}
