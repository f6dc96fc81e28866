/** What an entity holds besides its maps and its plans, for checkpoints: canonical, strict. */
import { compareBytes } from "../../base/bytes.ts";
import { isStrictlyAscending } from "../../base/order.ts";
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
import {
  batchItem,
  operationsItem,
  readBatch,
  readEntity,
  readOperations,
} from "../../jurisdiction/codec.ts";
import { COMMAND_ID_BYTES_MAX, WAITING_BATCHES_MAX } from "../limit.ts";
import type { Board, Entity, PendingBatch } from "../types.ts";

/** Members of one board, nested ones not counted (ENT-2). */
const MEMBERS_MAX = 64;

export type EntityHead = Pick<Entity, "id" | "board" | "height" | "nonce" | "consent" | "history">;

export function headItem({ id, board, height, nonce, consent, history }: EntityHead): RlpValue {
  const members = board.members.map((member) => [member.id, member.weight]);
  return [id, [board.threshold, members], height, nonce, consent.netting, history];
}

export function readHead(reader: RlpReader): EntityHead {
  return readList(reader, () => ({
    id: readEntity(reader),
    board: readBoard(reader),
    height: readNumber(reader),
    nonce: readNumber(reader),
    consent: { netting: readBoolean(reader) },
    history: readBytes32(reader),
  }));
}

function readBoard(reader: RlpReader): Board {
  return readList(reader, () => {
    const threshold = readNumber(reader);
    const members = readItems(reader, MEMBERS_MAX, () =>
      readList(reader, () => ({ id: readEntity(reader), weight: readNumber(reader) })),
    );
    if (!isStrictlyAscending(members, (a, b) => compareBytes(a.id, b.id))) {
      fail("members of a board out of order");
    }
    return { threshold, members };
  });
}

export type EntityBatches = Pick<Entity, "pendingBatch" | "waitingBatches">;

export function batchesItem({ pendingBatch, waitingBatches }: EntityBatches): RlpValue {
  return [
    pendingBatch === null ? [] : pendingItem(pendingBatch),
    waitingBatches.map(({ id, deadline, operations }) => [
      id,
      deadline,
      operationsItem(operations),
    ]),
  ];
}

function pendingItem({ batch, digest, tick }: PendingBatch): RlpValue {
  return [batchItem(batch), digest, tick];
}

export function readBatches(reader: RlpReader): EntityBatches {
  return readList(reader, () => ({
    pendingBatch: readList(reader, () => (hasMore(reader) ? readPending(reader) : null)),
    waitingBatches: readItems(reader, WAITING_BATCHES_MAX, () =>
      readList(reader, () => ({
        id: readText(reader, COMMAND_ID_BYTES_MAX),
        deadline: readNumber(reader),
        operations: readOperations(reader),
      })),
    ),
  }));
}

function readPending(reader: RlpReader): PendingBatch {
  return { batch: readBatch(reader), digest: readBytes32(reader), tick: readNumber(reader) };
}
