import { type Bytes32, compareBytes, equalBytes, toHex } from "../base/bytes.ts";
import { compareStrings } from "../base/order.ts";
import { addressEntity, entityClass } from "../codec/identity.ts";
import { addressOf, isPrivateKey, publicKeyOf } from "../codec/signature.ts";
import type { Board } from "../entity/types.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { hashOfBoard } from "./board.ts";
import { SignerError } from "./fault.ts";
import type { SignerKey } from "./types.ts";

/** An entity with its keys checked. Entities with the same keys share one tree a tick. */
export type Identity = {
  readonly entity: EntityId;
  readonly board: Board | null;
  /** Ascending by index in the board; an address entity has one, at 0. */
  readonly members: readonly Member[];
  /** The same for entities that sign with the same keys; made of addresses. */
  readonly keyring: string;
};

export type Member = {
  /** Index in the board. */
  readonly member: number;
  readonly privateKey: Bytes32;
  readonly address: string;
};

/**
 * Checks that the keys are those of the entity, and that they reach its board's threshold. Whether
 * a numbered entity has this board only the chain can tell.
 * @throws SignerError `keys`, which names the entity and never a key
 */
export function identify(key: SignerKey): Identity {
  const { entity, board } = key;
  const name = toHex(entity);
  const keys = board === null ? [key.privateKey] : key.privateKeys;
  for (const one of keys) {
    if (!isPrivateKey(one)) throw keysError(`a key of ${name} is not one of secp256k1`);
  }
  const owned = keys.map((privateKey) => ({
    id: addressEntity(addressOf(publicKeyOf(privateKey))),
    privateKey,
  }));
  const keyring = owned
    .map(({ id }) => toHex(id))
    .sort(compareStrings)
    .join();
  const kind = entityClass(entity);
  if (board === null) {
    const own = owned[0];
    if (kind !== "address" || own === undefined || !equalBytes(own.id, entity)) {
      throw keysError(`the key given for ${name} is not its key`);
    }
    const member = { member: 0, privateKey: own.privateKey, address: toHex(own.id) };
    return { entity, board, members: [member], keyring };
  }
  if (kind !== "numbered" && kind !== "lazy") throw keysError(`${name} has no board`);
  if (kind === "lazy" && !equalBytes(hashOfBoard(board), entity)) {
    throw keysError(`the board given for ${name} is not its board`);
  }
  return { entity, board, members: membersOf(board, owned, name), keyring };
}

function membersOf(
  board: Board,
  owned: readonly { readonly id: EntityId; readonly privateKey: Bytes32 }[],
  name: string,
): Identity["members"] {
  checkBoard(board, name);
  const members = owned.map(({ id, privateKey }) => ({
    member: board.members.findIndex((member) => equalBytes(member.id, id)),
    privateKey,
    address: toHex(id),
  }));
  if (members.some(({ member }) => member < 0)) {
    throw keysError(`a key given for ${name} is no member of its board`);
  }
  members.sort((a, b) => a.member - b.member);
  const weight = members.reduce((sum, one) => sum + (board.members[one.member]?.weight ?? 0), 0);
  if (new Set(members.map(({ member }) => member)).size < members.length) {
    throw keysError(`a key of ${name} is given twice`);
  }
  if (weight < board.threshold) {
    throw keysError(`the keys of ${name} weigh ${weight} of the ${board.threshold} needed`);
  }
  return members;
}

/** ENT-2 and the canonical order of members. */
function checkBoard(board: Board, name: string): void {
  const { members, threshold } = board;
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const isOrdered = members.every((member, index) => {
    const before = members[index - 1];
    return before === undefined || compareBytes(before.id, member.id) < 0;
  });
  const isSized = members.length >= 1 && members.length <= 64 && threshold <= total;
  const isWeighted = members.every(({ weight }) => weight >= 1);
  const isSafe = members.length === 1 ? threshold >= 1 : 3 * threshold > 2 * total;
  if (!isOrdered || !isSized || !isWeighted || !isSafe) {
    throw keysError(`the board given for ${name} breaks the rules of boards`);
  }
}

function keysError(message: string): SignerError {
  return new SignerError("keys", message, "correct the keys file");
}
