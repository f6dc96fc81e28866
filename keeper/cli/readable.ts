import { toHex } from "../base/bytes.ts";

/** Any value of ours as JSON can hold it: bytes in hexadecimal, bigints in decimal text. */
export function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(readable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readable(one)]));
}
