/**
 * Says whether a key ever signed two different things where the guard allows one. It shares no code
 * with the guard or its recorder: it reads what keepers sent each other, checks each signature, and
 * demands that the keeper's own record, read line by line, knows it too. So the record is whole as
 * far as anything left, and no slot of it may hold two digests.
 */
import { fromRlp, hexToNumber } from "viem";
import { type Bytes, toHex } from "../../base/bytes.ts";
import { verifyEntitySignature } from "../../codec/authority.ts";
import { decodeEntityMessage } from "../../entity/codec/message.ts";
import type { EntityMessage } from "../../entity/message.ts";
import { decodeEnvelope } from "../../runtime/codec.ts";

/** A slot that was signed twice, and both digests. */
export type DoubleSignature = {
  readonly entity: string;
  readonly slot: string;
  readonly first: string;
  readonly second: string;
};

export type Testimony = {
  readonly doubleSignatures: readonly DoubleSignature[];
  /** Signatures that left and that no record knows, or that their sender did not give. */
  readonly faults: readonly string[];
  /** How much was looked at. */
  readonly heard: number;
  readonly recorded: number;
};

export type Witness = {
  /** An envelope as it passed between two keepers. */
  readonly hear: (envelope: Bytes) => void;
  /** Judges all that was heard by the records' lines, in the order in which they were written. */
  readonly judge: (lines: readonly string[]) => Testimony;
};

/** A claim on the wire, and what its message alone says of its slot. */
type Claim = {
  readonly entity: string;
  readonly digest: string;
  readonly kind: "proof" | "settlement" | "plan";
  readonly number: number | null;
};

export function createWitness(): Witness {
  const claims = new Map<string, Claim>();
  const faults: string[] = [];
  let heard = 0;

  function hear(bytes: Bytes): void {
    const envelope = decodeEnvelope(bytes, 0);
    if (!envelope.ok) return void faults.push(`an envelope cannot be read: ${toHex(bytes)}`);
    const { from: entity, payload, claim } = envelope.value;
    if (claim === null) return;
    const message = decodeEntityMessage(payload);
    if (!message.ok) return void faults.push(`${toHex(entity)} sent ${message.refusal.message}`);
    const known = claimOf(message.value, toHex(entity), toHex(claim.digest));
    if (known === null) return;
    heard++;
    if (!verifyEntitySignature({ entity, ...claim }).ok) {
      faults.push(`${known.entity} sent a ${known.kind} that it did not sign: ${known.digest}`);
    }
    const name = [known.entity, known.digest, known.kind].join(" ");
    // An acknowledgement does not tell the number that the same proof's frame told.
    if (known.number !== null || !claims.has(name)) claims.set(name, known);
  }

  return {
    hear,
    judge: (lines) => {
      const slots = new Map<string, Line>();
      const known = new Map<string, Line>();
      const doubleSignatures: DoubleSignature[] = [];
      const unread = lines.filter((text) => text !== "" && readLine(text) === null);
      const read = lines.flatMap((text) => readLine(text) ?? []);
      for (const line of read) {
        const { entity, slot, digest } = line;
        const first = slots.get(`${entity} ${slot}`);
        if (first === undefined || isVoid(first, line)) slots.set(`${entity} ${slot}`, line);
        else if (first.digest !== digest) {
          doubleSignatures.push({ entity, slot, first: first.digest, second: digest });
        }
        known.set([entity, digest, line.kind].join(" "), line);
      }
      const strange = [...claims].flatMap(([name, claim]) => {
        const line = known.get(name);
        const same = line !== undefined && (claim.number ?? line.number) === line.number;
        return same ? [] : [`${claim.entity} signed ${claim.digest} as another ${claim.kind}`];
      });
      const broken = unread.map((text) => `a record cannot be read: ${text}`);
      return {
        doubleSignatures,
        faults: [...faults, ...broken, ...strange],
        heard,
        recorded: read.length,
      };
    },
  };
}

/** Null for what binds nobody: rows that are handed in. */
function claimOf(message: EntityMessage, entity: string, digest: string): Claim | null {
  switch (message.kind) {
    case "rows":
    case "askRows":
      return null;
    case "plan":
      return { entity, digest, kind: "plan", number: null };
    case "account": {
      const inner = message.message;
      if (inner.kind === "settlement") {
        return { entity, digest, kind: "settlement", number: inner.number };
      }
      const number = inner.kind === "frame" ? numberOf(inner.frame) : null;
      return { entity, digest, kind: "proof", number };
    }
  }
}

/** The second field of a frame. */
function numberOf(frame: Bytes): number {
  const fields = fromRlp(frame, "hex");
  const number = fields[1];
  if (typeof number !== "string") throw new Error("a frame has its number in the second place");
  return number === "0x" ? 0 : hexToNumber(number as `0x${string}`);
}

type Line = {
  readonly entity: string;
  readonly kind: string;
  readonly digest: string;
  readonly number: number | null;
  readonly slot: string;
  /** Of batches: until when the chain takes it, and when none of its number had landed. */
  readonly deadline: number | null;
  readonly unused: number | null;
};

/** The chain had none of this number after the first one's last moment: that one is void. */
function isVoid(first: Line, second: Line): boolean {
  return first.deadline !== null && second.unused !== null && first.deadline < second.unused;
}

/** Proofs and settlements of one account and epoch draw from one counter. */
function readLine(text: string): Line | null {
  let line: Record<string, string | number | undefined>;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  const { entity, kind, digest, domain, account, plan, epoch, number } = line;
  const place = kind === "plan" ? plan : `${domain} ${account} ${epoch} ${number}`;
  const slot = `${kind === "plan" || kind === "batch" ? kind : "number"} ${place}`;
  const numeral = (value: unknown) => (typeof value === "number" ? value : null);
  return {
    entity: `${entity}`,
    kind: `${kind}`,
    digest: `${digest}`,
    number: numeral(number),
    slot,
    deadline: numeral(line.deadline),
    unused: numeral(line.unused),
  };
}
