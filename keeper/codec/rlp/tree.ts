import type { Bytes } from "../../base/bytes.ts";
import type { Result } from "../../base/result.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  isListNext,
  MAX_RLP_DEPTH,
  type RlpReader,
  readBytes,
  readList,
} from "./decode.ts";

/** RLP without a schema: for inspection and for Ethereum's examples, not for machines. */
export type RlpTree = Bytes | readonly RlpTree[];

/** Any canonical item, whole; `encodeRlp` gives the same bytes again. Refuses `badEncoding`. */
export function decodeTree(bytes: Bytes): Result<RlpTree> {
  return decodeRlp(bytes, (reader) => readTree(reader, 0));
}

function readTree(reader: RlpReader, depth: number): RlpTree {
  if (!isListNext(reader)) return readBytes(reader, reader.bytes.length);
  if (depth === MAX_RLP_DEPTH) fail("lists are nested too deeply");
  return readList(reader, () => {
    const items: RlpTree[] = [];
    while (hasMore(reader)) items.push(readTree(reader, depth + 1));
    return items;
  });
}
