/** Transactions as RLP: `[kind, …]`, kinds by their place in the list below (ARC-4). */
import { assert, unreachable } from "../../base/assert.ts";
import {
  fail,
  type RlpReader,
  readAmount,
  readBytes,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
} from "../../codec/rlp/decode.ts";
import { type RlpValue, zigzag } from "../../codec/rlp/encode.ts";
import type { SettlementDiff } from "../../jurisdiction/types.ts";
import { MAX_CERTIFICATE_BYTES, MAX_DIFFS, MAX_MOVES, MAX_TOKENS } from "../limit.ts";
import type { Transaction, TransactionKind } from "../transaction.ts";
import type { ObservedBlock, PlanMove } from "../types.ts";

/** Append only: the place of a kind is its code. */
const kinds: readonly TransactionKind[] = [
  "setCredit",
  "pay",
  "planHold",
  "planCommit",
  "planAbort",
  "proposeSettlement",
  "signSettlement",
  "chainEvent",
];

const codes = new Map(kinds.map((kind, code) => [kind, code]));

const MAX_TOKEN = 2 ** 32 - 1;

export function transactionValue(transaction: Transaction): RlpValue {
  const code = codes.get(transaction.kind);
  assert(code !== undefined, "a kind without code");
  switch (transaction.kind) {
    case "setCredit":
      return [code, transaction.token, transaction.limit, transaction.softLimit];
    case "pay":
      return [code, transaction.token, transaction.amount];
    case "planHold": {
      const { plan, deadline, moves } = transaction;
      return [code, plan, deadline, moves.map(moveValue)];
    }
    case "planCommit":
      return [code, transaction.plan, transaction.certificate];
    case "planAbort":
      return [code, transaction.plan];
    case "proposeSettlement":
      return [code, transaction.deadline, transaction.diffs.map(diffValue)];
    case "signSettlement":
      return [code, transaction.number];
    case "chainEvent": {
      const { height, blockHash, timestamp, epoch, number, rows } = transaction;
      return [code, height, blockHash, timestamp, epoch, number, rows.map(eventRowValue)];
    }
    default:
      return unreachable(transaction);
  }
}

export function readTransaction(reader: RlpReader): Transaction {
  return readList(reader, readOpenTransaction);
}

function readOpenTransaction(reader: RlpReader): Transaction {
  const kind = kinds[readNumber(reader, kinds.length - 1)] as TransactionKind;
  switch (kind) {
    case "setCredit": {
      const token = readToken(reader);
      return { kind, token, limit: readAmount(reader), softLimit: readAmount(reader) };
    }
    case "pay":
      return { kind, token: readToken(reader), amount: readAmount(reader) };
    case "planHold": {
      const plan = readBytes32(reader);
      const deadline = readNumber(reader);
      return { kind, plan, deadline, moves: readItems(reader, MAX_MOVES, readMove) };
    }
    case "planCommit": {
      const plan = readBytes32(reader);
      return { kind, plan, certificate: readBytes(reader, MAX_CERTIFICATE_BYTES) };
    }
    case "planAbort":
      return { kind, plan: readBytes32(reader) };
    case "proposeSettlement": {
      const deadline = readNumber(reader);
      return { kind, deadline, diffs: readItems(reader, MAX_DIFFS, readDiff) };
    }
    case "signSettlement":
      return { kind, number: readNumber(reader) };
    case "chainEvent":
      return readChainEvent(reader);
    default:
      return unreachable(kind);
  }
}

function readChainEvent(reader: RlpReader): Transaction {
  return {
    kind: "chainEvent",
    height: readNumber(reader),
    blockHash: readBytes32(reader),
    timestamp: readNumber(reader),
    epoch: readNumber(reader),
    number: readNumber(reader),
    rows: readItems(reader, MAX_TOKENS, readEventRow),
  };
}

/**
 * Bytes that a transaction takes in a frame, at most: amounts have 16 bytes and a header, numbers
 * 7, a token 4.
 */
export function sizeBound(transaction: Transaction): number {
  switch (transaction.kind) {
    case "setCredit":
      return 48;
    case "pay":
      return 32;
    case "planHold":
      return 64 + 32 * transaction.moves.length;
    case "planCommit":
      return 64 + transaction.certificate.length;
    case "planAbort":
      return 48;
    case "proposeSettlement":
      return 32 + 96 * transaction.diffs.length;
    case "signSettlement":
      return 16;
    case "chainEvent":
      return 96 + 48 * transaction.rows.length;
    default:
      return unreachable(transaction);
  }
}

export function moveValue({ token, amount }: PlanMove): RlpValue {
  return [token, zigzag(amount)];
}

export function readMove(reader: RlpReader): PlanMove {
  return readList(reader, () => ({ token: readToken(reader), amount: readDelta(reader) }));
}

export function diffValue(diff: SettlementDiff): RlpValue {
  const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } = diff;
  return [token, zigzag(leftDiff), zigzag(rightDiff), zigzag(collateralDiff), zigzag(ondeltaDiff)];
}

export function readDiff(reader: RlpReader): SettlementDiff {
  return readList(reader, () => ({
    token: readToken(reader),
    leftDiff: readDelta(reader),
    rightDiff: readDelta(reader),
    collateralDiff: readDelta(reader),
    ondeltaDiff: readDelta(reader),
  }));
}

export function eventRowValue(row: ObservedBlock["rows"][number]): RlpValue {
  return [row.token, row.collateral, zigzag(row.ondelta)];
}

export function readEventRow(reader: RlpReader): ObservedBlock["rows"][number] {
  return readList(reader, () => ({
    token: readToken(reader),
    collateral: readAmount(reader),
    ondelta: readDelta(reader),
  }));
}

/** A `uint32`, never 0. */
export function readToken(reader: RlpReader): number {
  const token = readNumber(reader, MAX_TOKEN);
  return token === 0 ? fail("token 0 is never registered") : token;
}
