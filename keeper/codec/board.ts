import { type Bytes32, compareBytes, toHex } from "../base/bytes.ts";
import { isStrictlyAscending } from "../base/order.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { entityClass } from "./identity.ts";
import { createPacker, hashPacked, packBytes32, packUint32, restart } from "./packed.ts";

/** ENT-2: no more members, and no more signatures of members, than this. */
export const MAX_BOARD_MEMBERS = 64;

/** A key, a contract or another entity, and what its signature weighs: 1 ≤ weight < 2^32. */
export type BoardMember = { readonly id: Bytes32; readonly weight: number };

/** Weighted members, strictly ascending by id, and the weight that must sign. */
export type Board = { readonly threshold: number; readonly members: readonly BoardMember[] };

const MAX_UINT32 = 2 ** 32 - 1;
const packer = createPacker();

/**
 * Accepts a board (ENT-2). Refuses, in this order, `boardSize`, `boardUnsorted`,
 * `memberClass` (a member that is nobody), `memberWeight` and `boardThreshold`.
 */
export function checkBoard(board: Board): Result<Board> {
  const { threshold, members } = board;
  if (members.length === 0 || members.length > MAX_BOARD_MEMBERS) {
    return refuse("boardSize", "a board has 1 to 64 members", { members: `${members.length}` });
  }
  if (!isStrictlyAscending(members, (a, b) => compareBytes(a.id, b.id))) {
    return refuse("boardUnsorted", "sort the members by id, each once");
  }
  let total = 0;
  for (const { id, weight } of members) {
    if (entityClass(id) === undefined) {
      return refuse("memberClass", "a member is an entity's id", { member: toHex(id) });
    }
    if (!Number.isInteger(weight) || weight < 1 || weight > MAX_UINT32) {
      return refuse("memberWeight", "a weight is 1 to 2^32 - 1", { weight: `${weight}` });
    }
    total += weight;
  }
  const safe = members.length === 1 || 3 * threshold > 2 * total;
  const inRange = Number.isInteger(threshold) && threshold >= 1 && threshold <= MAX_UINT32;
  if (!inRange || threshold > total || !safe) {
    const details = { threshold: `${threshold}`, weight: `${total}` };
    return refuse(
      "boardThreshold",
      "the threshold exceeds 2/3 of the weight, and fits it",
      details,
    );
  }
  return ok(board);
}

/** `keccak256(threshold:u32 ‖ n × (member:bytes32 ‖ weight:u32))`: a lazy entity's id. */
export function boardHash(board: Board): Bytes32 {
  restart(packer);
  packUint32(packer, board.threshold);
  for (const { id, weight } of board.members) {
    packBytes32(packer, id);
    packUint32(packer, weight);
  }
  return hashPacked(packer);
}
