import { type Bytes, type Bytes32, equalBytes, toHex } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import { type Board, boardHash, checkBoard, MAX_BOARD_MEMBERS } from "./board.ts";
import {
  decodeBoardSignature,
  decodeNestedSignature,
  type MemberSignature,
  type NestedSignature,
  splitKeySignature,
} from "./board-signature.ts";
import { addressOfEntity, entityClass } from "./identity.ts";
import { leafHash, rootOf } from "./merkle.ts";
import { rootDigest } from "./root.ts";
import { recoverAddress } from "./signature.ts";
import type { StandingBoards } from "./tenure.ts";

type Claim = {
  readonly entity: Bytes32;
  readonly digest: Bytes32;
  /** A key signature for an address entity, a board signature for the others. */
  readonly signature: Bytes;
};

/** A claim that `entity` signed `digest`. */
export type EntityClaim = Claim & {
  /** The current board of a number as read from the chain. */
  readonly boardHash?: ((entity: Bytes32) => Bytes32 | null | undefined) | undefined;
};

/** A claim that `entity` signed a proof or certificate, judged as of some time. */
export type ProofClaim = Claim & {
  /** The boards of a number that count as of that time. */
  readonly boards: (entity: Bytes32) => StandingBoards | null | undefined;
};

/** The root that was signed, and whether a board signed that has been replaced since. */
export type ProofSigned = { readonly root: Bytes32; readonly retired: boolean };

/**
 * Accepts exactly what the contracts accept (ENT-1, ENT-3, ENT-4), but for contracts, which only
 * the chain can ask, and returns the root that was signed. Pure: boards of numbers are looked up
 * by an argument. Refuses `entityClass`, `boardUnknown`, what the parts refuse, and
 * `signatureSigner` where another key signed.
 */
export function verifyEntitySignature(claim: EntityClaim): Result<Bytes32> {
  const { boardHash } = claim;
  const boards = (entity: Bytes32): StandingBoards | null => {
    const current = boardHash?.(entity);
    return current === undefined || current === null ? null : { current };
  };
  const signed = verifyProofSignature({ ...claim, boards });
  return signed.ok ? ok(signed.value.root) : signed;
}

/** The same for proofs and plan certificates, under which a replaced board may count (ENT-5). */
export function verifyProofSignature(claim: ProofClaim): Result<ProofSigned> {
  const { entity, digest, signature } = claim;
  const leaf = leafHash(entity, digest);
  if (entityClass(entity) !== "address") return verifyBoard(leaf, claim);
  const split = splitKeySignature(signature);
  if (!split.ok) return split;
  const root = rootOf(leaf, split.value.path);
  const verified = verifyKey(entity, rootDigest(root), split.value.signature);
  return verified.ok ? ok({ root, retired: false }) : verified;
}

/** What is the same for all boards of one signature, and what has been found so far. */
type Run = {
  readonly boards: ProofClaim["boards"];
  readonly signed: Bytes32;
  signatures: number;
  retired: boolean;
};

function verifyBoard(leaf: Bytes32, claim: ProofClaim): Result<ProofSigned> {
  const { entity, boards } = claim;
  if (entityClass(entity) === undefined) {
    return refuse("entityClass", "no entity has this id", { entity: toHex(entity) });
  }
  const decoded = decodeBoardSignature(claim.signature);
  if (!decoded.ok) return decoded;
  const root = rootOf(leaf, decoded.value.path);
  const run: Run = { boards, signed: rootDigest(root), signatures: 0, retired: false };
  const verified = verifyMembers(run, entity, decoded.value);
  return verified.ok ? ok({ root, retired: run.retired }) : verified;
}

/** One board and, bottom-up, all that are nested in it: a cycle of boards never ends in keys. */
function verifyMembers(
  run: Run,
  entity: Bytes32,
  { board, signatures }: NestedSignature,
): Result<Bytes32> {
  const checked = checkBoard(board);
  if (!checked.ok) return checked;
  const standing = checkStanding(run, entity, boardHash(board));
  if (!standing.ok) return standing;
  const enough = checkQuorum(run, board, signatures);
  if (!enough.ok) return enough;
  for (const { member, signature } of signatures) {
    const { id } = board.members[member] as Board["members"][number];
    const verified = verifyMember(run, id, signature);
    if (!verified.ok) return verified;
  }
  return ok(entity);
}

function checkStanding(run: Run, entity: Bytes32, hash: Bytes32): Result<Bytes32> {
  const standing = entityClass(entity) === "lazy" ? { current: entity } : run.boards(entity);
  if (standing === undefined || standing === null) {
    const details = { entity: toHex(entity) };
    return refuse("boardUnknown", "the chain gave this number no board yet", details);
  }
  const { current, previous } = standing;
  if (equalBytes(hash, current)) return ok(hash);
  if (previous === undefined || !equalBytes(hash, previous)) {
    return refuse("boardHash", "this is not the entity's board", { board: toHex(current) });
  }
  run.retired = true;
  return ok(hash);
}

/** Everything that costs no curve operation comes first. */
function checkQuorum(
  run: Run,
  board: Board,
  signatures: readonly MemberSignature[],
): Result<number> {
  run.signatures += signatures.length;
  if (run.signatures > MAX_BOARD_MEMBERS) {
    return refuse("boardSignatures", "at most 64 members sign, nested ones included", {
      count: `${run.signatures}`,
    });
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

function verifyMember(run: Run, id: Bytes32, signature: Bytes): Result<Bytes32> {
  if (entityClass(id) === "address") return verifyKey(id, run.signed, signature);
  const decoded = decodeNestedSignature(signature);
  return decoded.ok ? verifyMembers(run, id, decoded.value) : decoded;
}

function verifyKey(id: Bytes32, signed: Bytes32, signature: Bytes): Result<Bytes32> {
  const signer = recoverAddress(signature, signed);
  if (!signer.ok) return signer;
  if (!equalBytes(signer.value, addressOfEntity(id))) {
    const details = { expected: toHex(id), signer: toHex(signer.value) };
    return refuse("signatureSigner", "another key signed this", details);
  }
  return ok(id);
}
