/**
 * What was signed along one line of numbers: an account's proofs and settlements, an entity's
 * batches, or one plan. Numbers only rise; a settlement alone may take one that proofs left out.
 */
import { type Bytes, type Bytes32, equalBytes } from "../base/bytes.ts";

/** Newest proofs whose digests are kept, so that the same can be signed again. */
export const KEPT_PROOFS = 16;

export type Line = {
  /** A later epoch begins anew: what was signed in an earlier one is void on chain. */
  epoch: number;
  /** Highest number signed; nothing new at or below it, gaps for settlements apart. */
  mark: number;
  /** Highest proof number whose digest is no longer kept. */
  floor: number;
  /** On a line of batches the deadline of the newest, Unix seconds; else 0. */
  until: number;
  /** Ascending. */
  readonly proofs: Digests;
  /** All of the epoch. */
  readonly settlements: Digests;
};

/** Numbers with their digests, packed: most lines are idle, and there may be a million. */
export type Digests = { numbers: number[]; digests: Uint8Array };

export type Role = "proof" | "settlement";
/** `known`: the very same was signed before. The rest tells why it must not be signed. */
export type Verdict = "new" | "known" | "otherDigest" | "belowMark" | "otherUse" | "oldEpoch";

export type Signed = {
  readonly role: Role;
  readonly epoch: number;
  readonly number: number;
  readonly digest: Bytes32;
  /** Null but for batches. */
  readonly term: Term | null;
};

/** When a batch can land at last, and until when no other of its number had (CHN-3). */
export type Term = { readonly deadline: number; readonly unused: number };

const NONE = new Uint8Array(0);

export function createLine(epoch: number): Line {
  return {
    epoch,
    mark: 0,
    floor: 0,
    until: 0,
    proofs: { numbers: [], digests: NONE },
    settlements: { numbers: [], digests: NONE },
  };
}

/** Whether this may be signed (ACC-4, ACC-6, ACC-9). Changes nothing. */
export function judge(line: Line, signed: Signed): Verdict {
  if (signed.epoch !== line.epoch) return signed.epoch > line.epoch ? "new" : "oldEpoch";
  const isProof = signed.role === "proof";
  const same = find(isProof ? line.proofs : line.settlements, signed.number);
  if (same !== undefined) {
    if (equalBytes(same, signed.digest)) return "known";
    return isExpired(line, signed) ? "new" : "otherDigest";
  }
  if (find(isProof ? line.settlements : line.proofs, signed.number) !== undefined) {
    return "otherUse";
  }
  return signed.number <= (isProof ? line.mark : line.floor) ? "belowMark" : "new";
}

/**
 * The newest batch can never land: a final block past its deadline lacks it. Only then may another
 * have its number; a line that does not know the deadline never gives it up.
 */
function isExpired(line: Line, { number, term }: Signed): boolean {
  if (term === null || line.until === 0 || number !== line.mark) return false;
  return term.unused > line.until && term.deadline > line.until;
}

/** Writes down what {@link judge} found new. */
export function addTo(line: Line, signed: Signed): void {
  if (signed.epoch > line.epoch) startEpoch(line, signed.epoch);
  const isProof = signed.role === "proof";
  put(isProof ? line.proofs : line.settlements, signed.number, signed.digest);
  line.mark = Math.max(line.mark, signed.number);
  line.until = signed.term?.deadline ?? 0;
  if (line.proofs.numbers.length <= KEPT_PROOFS) return;
  line.floor = line.proofs.numbers.shift() as number;
  line.proofs.digests.copyWithin(0, 32);
}

function startEpoch(line: Line, epoch: number): void {
  line.epoch = epoch;
  line.mark = 0;
  line.floor = 0;
  line.until = 0;
  for (const kept of [line.proofs, line.settlements]) {
    kept.numbers = [];
    kept.digests = NONE;
  }
}

function find(kept: Digests, number: number): Bytes | undefined {
  const index = kept.numbers.lastIndexOf(number);
  return index < 0 ? undefined : kept.digests.subarray(32 * index, 32 * index + 32);
}

function put(kept: Digests, number: number, digest: Bytes32): void {
  const known = kept.numbers.lastIndexOf(number);
  if (known >= 0) return kept.digests.set(digest, 32 * known);
  const end = 32 * kept.numbers.length;
  if (kept.digests.length < end + 32) {
    const grown = new Uint8Array(Math.max(32, Math.min(2 * end, end + 1024)));
    grown.set(kept.digests.subarray(0, end));
    kept.digests = grown;
  }
  kept.digests.set(digest, end);
  kept.numbers.push(number);
}
