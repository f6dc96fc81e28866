import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, bytes32FromBigint } from "../base/bytes.ts";

/** ENT-1: registered in order; a single key; the hash of a board. */
export type EntityClass = "numbered" | "address" | "lazy";

/** The class of an id by its range, or undefined for 0, which nobody is. */
export function entityClass(id: Bytes32): EntityClass | undefined {
  if (hasBit(id, 0, 12)) return "lazy";
  if (hasBit(id, 12, 24)) return "address";
  return hasBit(id, 24, 32) ? "numbered" : undefined;
}

function hasBit(id: Bytes32, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (id[i] !== 0) return true;
  return false;
}

/**
 * The id of the entity that a single key is: its address, padded on the left.
 * @throws InvariantError for an address below 2^64, whose id would be a number; nobody has one.
 */
export function addressEntity(address: Bytes): Bytes32 {
  assert(address.length === 20, "20 bytes expected", { length: address.length });
  const id = new Uint8Array(32) as Bytes32;
  id.set(address, 12);
  assert(entityClass(id) === "address", "address inside of the range of numbers");
  return id;
}

/** The id of a registered entity, 1 ≤ number < 2^64. @throws InvariantError outside of it. */
export function numberedEntity(number: bigint): Bytes32 {
  assert(number >= 1n && number < 2n ** 64n, "not an entity's number", { number });
  return bytes32FromBigint(number);
}

/** The 20 bytes of an address entity, as a view. @throws InvariantError for another class. */
export function addressOfEntity(id: Bytes32): Bytes {
  assert(entityClass(id) === "address", "not an address entity");
  return id.subarray(12);
}
