/**
 * One digest in a slot, ever; a batch's alone may be given another when a final block past its
 * deadline shows that it never landed: from then on the chain refuses it. What is new is written
 * down and synced before any signature leaves; what is already written may be signed again; all
 * else is refused.
 *
 * It cannot notice that its own folder was restored from an older copy: then it knows no better
 * than the log beside it, and the exchange of ACC-6 has to bring the marks back from the peers.
 */
import { unreachable } from "../base/assert.ts";
import { asBytes32, type Bytes, type Bytes32, ZERO_BYTES32 } from "../base/bytes.ts";
import { createInterner, type Interner } from "../base/intern.ts";
import { type Result, refuse } from "../base/result.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { SignatureRequest } from "../runtime/types.ts";
import { addTo, createLine, judge, type Line, type Signed, type Verdict } from "./line.ts";
import { decodeRecords, encodeLine, encodeSigned } from "./record.ts";
import type { GuardedSlot, GuardJournal, Survey } from "./types.ts";

/** The journal is rewritten when it is larger than this and than twice what must be kept. */
export const COMPACT_BYTES = 16 * 1024 * 1024;
/** Lines in one entry of a rewritten journal. */
const LINES_AN_ENTRY = 4096;

export type Admission = {
  /** Small integer of the line that the slot is on; -1 for slots that are not guarded. */
  readonly line: number;
  readonly refusal: (Result<never> & { readonly ok: false }) | null;
};

export type Guard = {
  /** Decides each request and notes what is new, in memory. */
  readonly admit: (requests: readonly SignatureRequest[]) => readonly Admission[];
  /** True when something at or above this slot's number was signed in its epoch or a later one. */
  readonly remembers: (entity: EntityId, slot: GuardedSlot) => boolean;
  /** What it remembers beside these slots, one for each account of a log. */
  readonly survey: (slots: Iterable<readonly [EntityId, GuardedSlot]>) => Survey;
  /** Resolves when all that was admitted is durable. After a failure it may be called again. */
  readonly settle: () => Promise<void>;
};

type State = {
  readonly journal: GuardJournal;
  readonly names: Interner;
  readonly lines: Line[];
  readonly compactBytes: number;
  /** Admitted and not yet durable. */
  pending: Bytes[];
  writing: Promise<void>;
  compactedBytes: number;
};

/** Reads the guard's journal and compacts it if that is worth it. @throws SignerError `guard`. */
export async function openGuard(
  journal: GuardJournal,
  compactBytes = COMPACT_BYTES,
): Promise<Guard> {
  const state: State = {
    journal,
    names: createInterner(),
    lines: [],
    compactBytes,
    pending: [],
    writing: Promise.resolve(),
    compactedBytes: 0,
  };
  for await (const { payload } of journal.read(0)) {
    for (const record of decodeRecords(payload)) {
      const index = state.names.intern(record.line);
      if (record.kind === "line") state.lines[index] = record.state;
      else addTo(lineAt(state, index, record.signed.epoch), record.signed);
    }
  }
  await compactIfLarge(state);
  return {
    admit: (requests) => requests.map((request) => admit(state, request)),
    remembers: (entity, slot) => remembers(state, entity, slot),
    survey: (slots) => survey(state, slots),
    settle: () => settle(state),
  };
}

function remembers({ names, lines }: State, entity: EntityId, slot: GuardedSlot): boolean {
  const line = lines[names.find(nameOf(entity, slot))];
  return line !== undefined && reaches(line, slot);
}

function reaches(line: Line, slot: GuardedSlot): boolean {
  const { epoch, number } = signedOf(slot, ZERO_BYTES32);
  return line.epoch === epoch ? line.mark >= number : line.epoch > epoch;
}

function survey(
  { names, lines }: State,
  slots: Iterable<readonly [EntityId, GuardedSlot]>,
): Survey {
  const remembered = new Set<number>();
  let others = lines.reduce((count, line) => count + (isOfAccount(line) ? 1 : 0), 0);
  let place = 0;
  for (const [entity, slot] of slots) {
    const line = lines[names.find(nameOf(entity, slot))];
    if (line !== undefined && isOfAccount(line)) others--;
    if (line !== undefined && reaches(line, slot)) remembered.add(place);
    place++;
  }
  return { remembered, hasOthers: others > 0 };
}

/** No account has a number below 2; a plan has the number 1 only, and a batch a deadline. */
function isOfAccount({ mark, until }: Line): boolean {
  return mark > 1 && until === 0;
}

function lineAt(state: State, index: number, epoch: number): Line {
  const known = state.lines[index];
  if (known !== undefined) return known;
  const line = createLine(epoch);
  state.lines[index] = line;
  return line;
}

function admit(state: State, request: SignatureRequest): Admission {
  const { entity, slot, digest } = request;
  if (slot.kind === "rows") return { line: -1, refusal: null };
  const name = nameOf(entity, slot);
  const signed = signedOf(slot, digest);
  const index = state.names.intern(name);
  const line = lineAt(state, index, signed.epoch);
  const verdict = judge(line, signed);
  if (verdict === "new") {
    addTo(line, signed);
    state.pending.push(encodeSigned(name, signed));
  }
  const isAllowed = verdict === "new" || verdict === "known";
  return { line: index, refusal: isAllowed ? null : conflict(slot, line, verdict) };
}

/** Entries that failed to be written stay pending, so nothing they cover can leave before them. */
function settle(state: State): Promise<void> {
  const written = state.writing.then(async () => {
    const parts = state.pending;
    if (parts.length === 0) return;
    state.pending = [];
    try {
      await state.journal.append([{ height: state.journal.height() + 1, parts }]);
    } catch (thrown) {
      state.pending = [...parts, ...state.pending];
      throw thrown;
    }
    await compactIfLarge(state);
  });
  // The caller gets the failure; whoever comes next tries again.
  state.writing = written.catch(() => undefined);
  return written;
}

/** Writes every line anew behind the rest and then drops the rest. */
async function compactIfLarge(state: State): Promise<void> {
  const { journal, names, lines } = state;
  const bound = Math.max(state.compactBytes, 2 * state.compactedBytes);
  if (journal.bytes() <= bound) return;
  journal.rotate();
  const first = journal.height() + 1;
  for (let from = 0; from < lines.length; from += LINES_AN_ENTRY) {
    const parts = lines
      .slice(from, from + LINES_AN_ENTRY)
      .map((line, index) => encodeLine(names.bytesOf(from + index), line));
    await journal.append([{ height: journal.height() + 1, parts }]);
  }
  await journal.drop(first);
  state.compactedBytes = journal.bytes();
}

const nameBytes = new Uint8Array(97);

/** Lines are named by a hash: account lines and batch lines by their chain as well. */
function nameOf(entity: EntityId, slot: GuardedSlot): Bytes32 {
  nameBytes.fill(0);
  nameBytes.set(entity, 1);
  switch (slot.kind) {
    case "proof":
    case "settlement":
      nameBytes[0] = 1;
      nameBytes.set(slot.domain, 33);
      nameBytes.set(slot.account, 65);
      break;
    case "batch":
      nameBytes[0] = 2;
      nameBytes.set(slot.domain, 33);
      break;
    case "plan":
      nameBytes[0] = 3;
      nameBytes.set(slot.plan, 33);
      break;
    default:
      unreachable(slot);
  }
  return asBytes32(keccak256(nameBytes));
}

/** A batch is numbered from 1 here, its nonce from 0; a plan has one number only. */
function signedOf(slot: GuardedSlot, digest: Bytes32): Signed {
  switch (slot.kind) {
    case "proof":
    case "settlement":
      return { role: slot.kind, epoch: slot.epoch, number: slot.number, digest, term: null };
    case "batch": {
      const { deadline, unused } = slot;
      return {
        role: "proof",
        epoch: 0,
        number: slot.nonce + 1,
        digest,
        term: { deadline, unused },
      };
    }
    case "plan":
      return { role: "proof", epoch: 0, number: 1, digest, term: null };
    default:
      return unreachable(slot);
  }
}

const WORDS: Readonly<Record<Exclude<Verdict, "new" | "known">, string>> = {
  otherDigest: "another digest was signed in this slot",
  belowMark: "a number at or above this one was signed before",
  otherUse: "the number was signed for the other kind, proof or settlement",
  oldEpoch: "something of a later epoch was signed before",
};

function conflict(
  slot: GuardedSlot,
  line: Line,
  verdict: Exclude<Verdict, "new" | "known">,
): Result<never> & { readonly ok: false } {
  const number = slot.kind === "batch" ? slot.nonce : "number" in slot ? slot.number : 1;
  return refuse("guardConflict", WORDS[verdict], {
    slot: slot.kind,
    number: `${number}`,
    mark: `${line.mark}`,
    epoch: `${line.epoch}`,
  });
}
