import { type Bytes, type Bytes32, equalBytes, toHex } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { type Board, boardHash, checkBoard, MAX_BOARD_MEMBERS } from "./board.ts";
import {
  decodeBoardSignature,
  type MemberSignature,
  splitKeySignature,
} from "./board-signature.ts";
import { addressOfEntity, entityClass } from "./identity.ts";
import { leafHash, rootOf } from "./merkle.ts";
import { rootDigest } from "./root.ts";
import { recoverAddress } from "./signature.ts";

/** A claim that `entity` signed `digest`. */
export type EntityClaim = {
  readonly entity: Bytes32;
  readonly digest: Bytes32;
  /** A key signature for an address entity, a board signature for the others. */
  readonly signature: Bytes;
  /** The board of a numbered entity as read from the chain; ignored for the other classes. */
  readonly boardHash?: Bytes32 | null | undefined;
};

/**
 * Accepts exactly what the contracts accept (ENT-1, ENT-3, ENT-4), and returns the root that was
 * signed. Pure: a numbered entity's board is an argument. Refuses `entityClass`,
 * `boardUnknown`, what the parts refuse, and `signatureSigner` where another key signed.
 */
export function verifyEntitySignature(claim: EntityClaim): Result<Bytes32> {
  const { entity, digest, signature } = claim;
  const kind = entityClass(entity);
  switch (kind) {
    case undefined:
      return refuse("entityClass", "no entity has this id", { entity: toHex(entity) });
    case "address":
      return verifyKey(entity, digest, signature);
    case "lazy":
      return verifyBoard(leafHash(entity, digest), signature, entity);
    case "numbered":
      if (claim.boardHash === undefined || claim.boardHash === null) {
        const details = { entity: toHex(entity) };
        return refuse("boardUnknown", "the chain gave this number no board yet", details);
      }
      return verifyBoard(leafHash(entity, digest), signature, claim.boardHash);
  }
}

function verifyKey(entity: Bytes32, digest: Bytes32, bytes: Bytes): Result<Bytes32> {
  const split = splitKeySignature(bytes);
  if (!split.ok) return split;
  const root = rootOf(leafHash(entity, digest), split.value.path);
  return verifyMember(entity, rootDigest(root), split.value.signature, root);
}

function verifyBoard(leaf: Bytes32, bytes: Bytes, expected: Bytes32): Result<Bytes32> {
  const decoded = decodeBoardSignature(bytes);
  if (!decoded.ok) return decoded;
  const { board, path, signatures } = decoded.value;
  const checked = checkBoard(board);
  if (!checked.ok) return checked;
  if (!equalBytes(boardHash(board), expected)) {
    return refuse("boardHash", "this is not the entity's board", { board: toHex(expected) });
  }
  const enough = checkQuorum(board, signatures);
  if (!enough.ok) return enough;
  const root = rootOf(leaf, path);
  const signed = rootDigest(root);
  for (const { member, signature } of signatures) {
    const id = (board.members[member] as Board["members"][number]).id;
    const verified = verifyMember(id, signed, signature, root);
    if (!verified.ok) return verified;
  }
  return ok(root);
}

/** Everything that costs no curve operation comes first. */
function checkQuorum(board: Board, signatures: readonly MemberSignature[]): Result<number> {
  if (signatures.length > MAX_BOARD_MEMBERS) {
    return refuse("boardSignatures", "at most 64 members sign", { count: `${signatures.length}` });
  }
  let weight = 0;
  let next = 0;
  for (const { member } of signatures) {
    const found = board.members[member];
    if (member < next || found === undefined) {
      const details = { member: `${member}` };
      return refuse("memberOrder", "members sign in ascending order, each once", details);
    }
    next = member + 1;
    weight += found.weight;
  }
  if (weight < board.threshold) {
    const details = { weight: `${weight}`, threshold: `${board.threshold}` };
    return refuse("boardWeight", "members of more weight must sign", details);
  }
  return ok(weight);
}

function verifyMember(
  id: Bytes32,
  signed: Bytes32,
  signature: Bytes,
  root: Bytes32,
): Result<Bytes32> {
  const signer = recoverAddress(signature, signed);
  if (!signer.ok) return signer;
  if (!equalBytes(signer.value, addressOfEntity(id))) {
    const details = { expected: toHex(id), signer: toHex(signer.value) };
    return refuse("signatureSigner", "another key signed this", details);
  }
  return ok(root);
}
