/** Rows that participants hand in: their bytes, and the digest that the participant signs. */
import { type Bytes32, concatBytes } from "../../base/bytes.ts";
import { keccak256 } from "../../codec/keccak.ts";
import {
  type RlpReader,
  readAmount,
  readBoolean,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
} from "../../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue, zigzag } from "../../codec/rlp/encode.ts";
import { HANDED_ROWS_MAX } from "../limit.ts";
import type { HandedRow } from "../types.ts";

const TAG = new TextEncoder().encode("XLN rows 1");

/** What a participant signs under the rows that it hands in, for one request in one chain. */
export function handedRowsDigest(
  domain: Bytes32,
  request: string,
  rows: readonly HandedRow[],
): Bytes32 {
  return keccak256(concatBytes(TAG, encodeRlp([domain, request, rows.map(rowItems)])));
}

export function rowItems(row: HandedRow): RlpValue {
  return [
    row.left,
    row.right,
    row.token,
    zigzag(row.delta),
    row.collateral,
    row.leftLimit,
    row.rightLimit,
    row.leftSoftLimit,
    row.rightSoftLimit,
    row.consent,
  ];
}

/** @param maximum of one answer unless told otherwise */
export function readRows(reader: RlpReader, maximum: number = HANDED_ROWS_MAX): HandedRow[] {
  return readItems(reader, maximum, readRow);
}

function readRow(reader: RlpReader): HandedRow {
  return readList(reader, () => ({
    left: readBytes32(reader),
    right: readBytes32(reader),
    token: readNumber(reader, 0xffff_ffff),
    delta: readDelta(reader),
    collateral: readAmount(reader),
    leftLimit: readAmount(reader),
    rightLimit: readAmount(reader),
    leftSoftLimit: readAmount(reader),
    rightSoftLimit: readAmount(reader),
    consent: readBoolean(reader),
  }));
}
