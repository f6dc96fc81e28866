/** Canonical RLP of an entity's book of plans, for checkpoints and roots. */
import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, fromHex, toHex } from "../base/bytes.ts";
import { compareStrings, isStrictlyAscending } from "../base/order.ts";
import { orderedKeys } from "../base/overlay.ts";
import type { Result } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  type RlpReader,
  readBoolean,
  readBytes,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue, zigzag } from "../codec/rlp/encode.ts";
import { readEntity, readToken } from "../jurisdiction/codec.ts";
import { planItem, readCode, readPlan } from "./codec.ts";
import { planHash } from "./digest.ts";
import {
  MAX_CERTIFICATE_BYTES,
  MAX_COORDINATIONS,
  MAX_FINISHED,
  MAX_LEGS,
  MAX_PARTICIPATIONS,
  MAX_SIGNATURE_BYTES,
  MAX_SIGNERS,
} from "./limit.ts";
import type {
  AccountStatus,
  Coordination,
  FinishedPlan,
  Participation,
  Phase,
  Plan,
  PlanAccount,
  PlanBook,
  PlanRefusal,
  Stage,
} from "./types.ts";

/** Each is written as its place in the list: append only. */
const PHASES: readonly Phase[] = [
  "accepted",
  "holding",
  "prepared",
  "certified",
  "dropped",
  "committed",
  "recovered",
];
const STATUSES: readonly AccountStatus[] = ["waiting", "held", "applied", "released"];
const STAGES: readonly Stage[] = ["proposing", "holding", "preparing", "dropping"];

/**
 * Open plans in the order of their hashes; ended ones in the order in which they ended, which is
 * the order in which they are forgotten.
 */
export function planBookItem(book: PlanBook): RlpValue {
  return [
    itemsOf(book.participations, participationItem),
    itemsOf(book.coordinations, coordinationItem),
    Array.from(book.finished, ([key, end]) => finishedItem(fromHex(key), end)),
    book.quietUntil,
  ];
}

export function readPlanBook(reader: RlpReader): PlanBook {
  return readList(reader, () => ({
    participations: readSorted(reader, MAX_PARTICIPATIONS, readParticipation),
    coordinations: readSorted(reader, MAX_COORDINATIONS, readCoordination),
    finished: readFinished(reader),
    quietUntil: readNumber(reader),
  }));
}

export function encodePlanBook(book: PlanBook): Bytes {
  return encodeRlp(planBookItem(book));
}

export function decodePlanBook(bytes: Bytes): Result<PlanBook> {
  return decodeRlp(bytes, readPlanBook);
}

function itemsOf<T>(map: ReadonlyMap<string, T>, item: (value: T) => RlpValue): RlpValue {
  return orderedKeys(map, compareStrings).map((key) => item(map.get(key) as T));
}

function readSorted<T extends { readonly hash: Bytes32 }>(
  reader: RlpReader,
  maximum: number,
  read: (reader: RlpReader) => T,
): ReadonlyMap<string, T> {
  const values = readItems(reader, maximum, read);
  const entries = values.map((value): [string, T] => [toHex(value.hash), value]);
  if (!isStrictlyAscending(entries, ([a], [b]) => compareStrings(a, b))) fail("plans out of order");
  return new Map(entries);
}

function participationItem(participation: Participation): RlpValue {
  const { plan, coordinator, phase, accounts, prepared, certificate, refusal } = participation;
  return [
    planItem(plan),
    coordinator,
    placeOf(PHASES, phase),
    accounts.map(accountItem),
    prepared.map((signature) => (signature === null ? [] : [signature])),
    certificate === null ? [] : [certificate],
    refusal === null ? [] : [refusal.own, refusal.code],
  ];
}

function readParticipation(reader: RlpReader): Participation {
  return readList(reader, () => ({
    ...readHashedPlan(reader),
    coordinator: readEntity(reader),
    phase: readPlace(reader, PHASES),
    accounts: readItems(reader, MAX_SIGNERS - 1, readAccount),
    prepared: readItems(reader, MAX_SIGNERS, () =>
      readOptional(reader, () => readBytes(reader, MAX_SIGNATURE_BYTES)),
    ),
    certificate: readOptional(reader, () => readBytes(reader, MAX_CERTIFICATE_BYTES)),
    refusal: readOptional(reader, () => ({ own: readBoolean(reader), code: readCode(reader) })),
  }));
}

function accountItem({ peer, moves, status }: PlanAccount): RlpValue {
  const listed = moves.map(({ token, amount }) => [token, zigzag(amount)]);
  return [peer, listed, placeOf(STATUSES, status)];
}

function readAccount(reader: RlpReader): PlanAccount {
  return readList(reader, () => ({
    peer: readEntity(reader),
    moves: readItems(reader, MAX_LEGS, () =>
      readList(reader, () => ({ token: readToken(reader), amount: readDelta(reader) })),
    ),
    status: readPlace(reader, STATUSES),
  }));
}

function coordinationItem(coordination: Coordination): RlpValue {
  const { plan, stage, accepted, held, done, onChain, waitsUntil, refusals } = coordination;
  return [
    planItem(plan),
    placeOf(STAGES, stage),
    accepted,
    held,
    done,
    onChain,
    waitsUntil,
    refusals.map(({ by, code }) => [by, code]),
  ];
}

function readCoordination(reader: RlpReader): Coordination {
  return readList(reader, () => ({
    ...readHashedPlan(reader),
    stage: readPlace(reader, STAGES),
    accepted: readItems(reader, MAX_SIGNERS, readBoolean),
    held: readItems(reader, MAX_SIGNERS, readBoolean),
    done: readItems(reader, MAX_SIGNERS, readBoolean),
    onChain: readBoolean(reader),
    waitsUntil: readNumber(reader),
    // One of each signer, and the coordinator's own, which need not be a signer.
    refusals: readItems(reader, MAX_SIGNERS + 1, readRefusal),
  }));
}

function readRefusal(reader: RlpReader): PlanRefusal {
  return readList(reader, () => ({ by: readEntity(reader), code: readCode(reader) }));
}

function finishedItem(hash: Bytes, end: FinishedPlan): RlpValue {
  const { coordinator, commitBy, committed, code } = end;
  return [hash, coordinator, commitBy, committed, code === null ? [] : [code]];
}

function readFinished(reader: RlpReader): ReadonlyMap<string, FinishedPlan> {
  const entries = readItems(reader, MAX_FINISHED, () =>
    readList(reader, (): [string, FinishedPlan] => [
      toHex(readBytes32(reader)),
      {
        coordinator: readEntity(reader),
        commitBy: readNumber(reader),
        committed: readBoolean(reader),
        code: readOptional(reader, () => readCode(reader)),
      },
    ]),
  );
  const finished = new Map(entries);
  if (finished.size < entries.length) fail("a plan ended twice");
  return finished;
}

/** The hash is not written: it follows from the plan. */
function readHashedPlan(reader: RlpReader): { readonly plan: Plan; readonly hash: Bytes32 } {
  const plan = readPlan(reader);
  return { plan, hash: planHash(plan) };
}

/** Nothing is an empty list. */
function readOptional<T>(reader: RlpReader, read: () => T): T | null {
  return readList(reader, () => (hasMore(reader) ? read() : null));
}

function placeOf<T>(list: readonly T[], value: T): number {
  const place = list.indexOf(value);
  assert(place >= 0, "a value without a place in the encoding", { value });
  return place;
}

function readPlace<T>(reader: RlpReader, list: readonly T[]): T {
  return list[readNumber(reader, list.length - 1)] as T;
}
