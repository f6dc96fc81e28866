/**
 * A witness outside of the keeper: every signature's slot and digest as lines of JSON, and a check
 * of such lines that knows nothing of the guard (TST-4).
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { toHex } from "../base/bytes.ts";
import type { SignatureRequest } from "../runtime/types.ts";
import type { Recorder } from "./types.ts";

/** What one line holds; hexadecimal, so that anybody can read it. */
export type SignatureRecord = {
  readonly entity: string;
  readonly kind: "proof" | "settlement" | "batch" | "plan";
  readonly domain?: string;
  readonly account?: string;
  readonly plan?: string;
  readonly epoch?: number;
  readonly number?: number;
  /** Of a batch, Unix seconds; and of a final block by which none of its number had landed. */
  readonly deadline?: number;
  readonly unused?: number;
  readonly digest: string;
};

/** Appends to a file that outlives the process; a killed keeper's lines are there. */
export function createRecorder(file: string): Recorder {
  dropTornLine(file);
  return (requests) => {
    const lines = requests.flatMap((request) => recordOf(request) ?? []);
    if (lines.length === 0) return;
    appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), {
      mode: 0o600,
    });
  };
}

/** A kill can cut the last line short; no signature of that write has left. */
function dropTornLine(file: string): void {
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(file, whole);
}

/** Undefined for slots that are not guarded. */
export function recordOf(request: SignatureRequest): SignatureRecord | undefined {
  const { slot } = request;
  const common = { entity: toHex(request.entity), digest: toHex(request.digest) };
  switch (slot.kind) {
    case "rows":
      return undefined;
    case "plan":
      return { ...common, kind: slot.kind, plan: toHex(slot.plan) };
    case "batch":
      return {
        ...common,
        kind: slot.kind,
        domain: toHex(slot.domain),
        number: slot.nonce,
        deadline: slot.deadline,
        unused: slot.unused,
      };
    default: {
      const { kind, epoch, number } = slot;
      const account = toHex(slot.account);
      return { ...common, kind, domain: toHex(slot.domain), account, epoch, number };
    }
  }
}

/** Two signatures that one entity must never have given both. */
export type DoubleSignature = { readonly first: SignatureRecord; readonly second: SignatureRecord };

/**
 * Finds every slot with two digests, a number used by a proof and a settlement, and an account's
 * proofs whose numbers went down. A batch may follow another of its number that could no longer
 * land: a final block past that one's deadline had none. Lines are in the order in which they were
 * written; a last line that a kill cut short is passed over.
 */
export function checkRecords(lines: Iterable<string>): readonly DoubleSignature[] {
  const bySlot = new Map<string, SignatureRecord>();
  const highest = new Map<string, SignatureRecord>();
  const found: DoubleSignature[] = [];
  let broken: string | undefined;
  for (const line of lines) {
    if (line === "") continue;
    if (broken !== undefined) throw new SyntaxError(`no record: ${broken}`);
    const second = parseRecord(line);
    if (second === undefined) {
      broken = line;
      continue;
    }
    const first = bySlot.get(slotName(second));
    if (first === undefined) {
      bySlot.set(slotName(second), second);
      const before = overtaken(highest, second);
      if (before !== undefined) found.push({ first: before, second });
    } else if (first.digest !== second.digest || first.kind !== second.kind) {
      if (isSuccessor(first, second)) bySlot.set(slotName(second), second);
      else found.push({ first, second });
    }
  }
  return found;
}

function isSuccessor(first: SignatureRecord, second: SignatureRecord): boolean {
  if (second.kind !== "batch" || first.deadline === undefined) return false;
  return (second.unused ?? 0) > first.deadline && (second.deadline ?? 0) > first.deadline;
}

function parseRecord(line: string): SignatureRecord | undefined {
  try {
    return JSON.parse(line) as SignatureRecord;
  } catch {
    return undefined;
  }
}

/** Proofs and settlements of an account draw from one counter (ACC-9): one slot for both. */
function slotName(record: SignatureRecord): string {
  const { entity, domain, account, plan, epoch, number, kind } = record;
  const counter = kind === "proof" || kind === "settlement" ? "account" : kind;
  return [counter, entity, domain, account, plan, epoch, number].join(" ");
}

/** A new proof below one that was signed before (ACC-6), in the same epoch. */
function overtaken(
  highest: Map<string, SignatureRecord>,
  record: SignatureRecord,
): SignatureRecord | undefined {
  if (record.kind !== "proof") return undefined;
  const { entity, domain, account, epoch, number } = record;
  const name = [entity, domain, account, epoch].join(" ");
  const before = highest.get(name);
  if (before?.number !== undefined && number !== undefined && before.number > number) return before;
  highest.set(name, record);
  return undefined;
}
