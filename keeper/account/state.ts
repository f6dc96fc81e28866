/** The agreed state as RLP; page hashes are computed anew from the conditions. */
import { ZERO_BYTES32 } from "../base/bytes.ts";
import {
  fail,
  hasMore,
  type RlpReader,
  readAmount,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
} from "../codec/rlp/decode.ts";
import { type RlpValue, zigzag } from "../codec/rlp/encode.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { hashPages } from "./condition.ts";
import { accountKey } from "./digest.ts";
import { MAX_CONDITIONS, MAX_DIFFS, MAX_MOVES, MAX_TOKENS } from "./limit.ts";
import { diffValue, moveValue, readDiff, readMove, readToken } from "./transaction/codec.ts";
import type { AccountState, Condition, Conditions, OpenSettlement, TokenRow } from "./types.ts";

export function stateValue(state: AccountState): RlpValue {
  const { left, right, epoch, number, head, timestamp, observed, settlement } = state;
  return [
    left,
    right,
    epoch,
    number,
    head,
    timestamp,
    state.leftResponse,
    state.rightResponse,
    state.rows.map(rowValue),
    state.conditions.slots.map(slotValue),
    state.conditions.free,
    settlement === null ? [] : settlementValue(settlement),
    [observed.height, observed.hash],
  ];
}

export function readState(reader: RlpReader): AccountState {
  return readList(reader, () => {
    const left = readBytes32(reader);
    const right = readBytes32(reader);
    const epoch = readNumber(reader);
    return {
      left,
      right,
      key: accountKey(left, right),
      epoch,
      number: readNumber(reader),
      head: readBytes32(reader),
      timestamp: readNumber(reader),
      leftResponse: readNumber(reader),
      rightResponse: readNumber(reader),
      rows: readItems(reader, MAX_TOKENS, readRow),
      conditions: readConditions(reader),
      settlement: readSettlement(reader, left, right, epoch),
      observed: readList(reader, () => ({
        height: readNumber(reader),
        hash: readBytes32(reader),
      })),
    };
  });
}

function rowValue(row: TokenRow): RlpValue {
  const { token, collateral, ondelta, offdelta, leftLimit, rightLimit } = row;
  const { leftSoftLimit, rightSoftLimit } = row;
  const deltas = [zigzag(ondelta), zigzag(offdelta)];
  return [token, collateral, ...deltas, leftLimit, rightLimit, leftSoftLimit, rightSoftLimit];
}

function readRow(reader: RlpReader): TokenRow {
  return readList(reader, () => ({
    token: readToken(reader),
    collateral: readAmount(reader),
    ondelta: readDelta(reader),
    offdelta: readDelta(reader),
    leftLimit: readAmount(reader),
    rightLimit: readAmount(reader),
    leftSoftLimit: readAmount(reader),
    rightSoftLimit: readAmount(reader),
  }));
}

function slotValue(condition: Condition | null): RlpValue {
  if (condition === null) return [];
  return [condition.plan, condition.deadline, condition.moves.map(moveValue)];
}

function readSlot(reader: RlpReader): Condition | null {
  return readList(reader, () => {
    if (!hasMore(reader)) return null;
    const plan = readBytes32(reader);
    const deadline = readNumber(reader);
    return { kind: "planLock", plan, deadline, moves: readItems(reader, MAX_MOVES, readMove) };
  });
}

function readConditions(reader: RlpReader): Conditions {
  const slots = readItems(reader, MAX_CONDITIONS, readSlot);
  const free = readItems(reader, MAX_CONDITIONS, () => {
    const slot = readNumber(reader, MAX_CONDITIONS);
    return slots[slot] === null ? slot : fail("a slot that is taken cannot be free");
  });
  return { slots, free, pages: hashPages(slots) };
}

function settlementValue({ proposer, settlement }: OpenSettlement): RlpValue {
  const { number, deadline, diffs } = settlement;
  return [proposer === "left" ? 0 : 1, number, deadline, diffs.map(diffValue)];
}

function readSettlement(
  reader: RlpReader,
  left: EntityId,
  right: EntityId,
  epoch: number,
): OpenSettlement | null {
  return readList(reader, () => {
    if (!hasMore(reader)) return null;
    const proposer = readNumber(reader, 1) === 0 ? "left" : "right";
    const number = readNumber(reader);
    const deadline = readNumber(reader);
    const diffs = readItems(reader, MAX_DIFFS, readDiff);
    const plan = ZERO_BYTES32;
    return { proposer, settlement: { left, right, epoch, number, deadline, plan, diffs } };
  });
}
