/**
 * The pages of a checkpoint: their keys, and what each of an entity's maps puts into its own.
 * Keys sort in the order in which pages are read back: what names others comes before them.
 */
import { decodeAccount, encodeAccount } from "../account/replica.ts";
import type { Account } from "../account/types.ts";
import { assert } from "../base/assert.ts";
import { type Bytes, equalBytes, toHex } from "../base/bytes.ts";
import type { Interner } from "../base/intern.ts";
import {
  fail,
  type RlpReader,
  readAmount,
  readBytes,
  readBytes32,
  readList,
  readNumber,
  readText,
} from "../codec/rlp/decode.ts";
import type { RlpValue } from "../codec/rlp/encode.ts";
import { openItem, outstandingItem, readOpen, readOutstanding } from "../entity/codec/open.ts";
import { readResult, resultItem } from "../entity/codec/result.ts";
import { COMMAND_ID_BYTES_MAX } from "../entity/limit.ts";
import type {
  CommandId,
  CommandResult,
  Entity,
  OpenCommand,
  Outstanding,
} from "../entity/types.ts";
import { readToken } from "../jurisdiction/codec.ts";
import type { EntityId, TokenId } from "../jurisdiction/types.ts";
import type { SlottedMap } from "./slotted.ts";

/** Bytes of one page, against a flipped byte. */
export const PAGE_BYTES_MAX = 2 ** 28;
/** Ids of one page of the interner. */
export const PAGE_IDS = 256;
/** Entries of one page, where entries are small and come and go together. */
const PAGE_ENTRIES = 64;

/** What a page's key tells. Entities are counted in the order in which their roots are hashed. */
export type PageName =
  | { readonly kind: "head" }
  | { readonly kind: "view" }
  | { readonly kind: "ids"; readonly page: number }
  | { readonly kind: "entity" | "batches" | "plans"; readonly entity: number }
  | { readonly kind: MapName; readonly entity: number; readonly page: number };

/** Each is written as its place in the list, which is the order of reading: append only. */
const KINDS = ["head", "view", "ids"] as const;
const ENTITY_KINDS = ["entity", "batches", "plans"] as const;
const MAPS = [
  "accounts",
  "waiting",
  "reserves",
  "open",
  "outstanding",
  "results",
  "boards",
] as const;

export type MapName = (typeof MAPS)[number];

const ENTITY = KINDS.length;
/** Kind, entity (u32), part, page (u48). */
const LONG_KEY = 12;

export function pageKey(name: PageName): Bytes {
  switch (name.kind) {
    case "head":
    case "view":
      return Uint8Array.of(KINDS.indexOf(name.kind));
    case "ids":
      return keyOf([KINDS.indexOf("ids"), 1], [name.page, 4]);
    case "entity":
    case "batches":
    case "plans":
      return keyOf([ENTITY, 1], [name.entity, 4], [ENTITY_KINDS.indexOf(name.kind), 1]);
    default: {
      const part = ENTITY_KINDS.length + MAPS.indexOf(name.kind);
      return keyOf([ENTITY, 1], [name.entity, 4], [part, 1], [name.page, 6]);
    }
  }
}

/** The name behind a key, or null for a key that `pageKey` does not give. */
export function pageName(key: Bytes): PageName | null {
  const first = key[0] ?? -1;
  const kind = KINDS[first];
  if (kind === "ids") return key.length === 5 ? { kind, page: numberAt(key, 1, 4) } : null;
  if (kind !== undefined) return key.length === 1 ? { kind } : null;
  if (first !== ENTITY || key.length < 6) return null;
  const entity = numberAt(key, 1, 4);
  const part = key[5] as number;
  const whole = ENTITY_KINDS[part];
  if (whole !== undefined) return key.length === 6 ? { kind: whole, entity } : null;
  const map = MAPS[part - ENTITY_KINDS.length];
  if (map === undefined || key.length !== LONG_KEY) return null;
  return { kind: map, entity, page: numberAt(key, 6, 6) };
}

/** For people: what the page of this key holds. */
export function pageText(key: Bytes): string {
  const name = pageName(key);
  if (name === null) return `the unknown page ${toHex(key)}`;
  const of = "entity" in name ? ` of entity ${name.entity}` : "";
  const at = "page" in name ? `, page ${name.page}` : "";
  return `${name.kind === "entity" ? "head" : name.kind}${of}${at}`;
}

/** Numbers, big-endian, each with its width in bytes. */
function keyOf(...fields: readonly (readonly [number, number])[]): Bytes {
  const key = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  let end = 0;
  for (const [value, width] of fields) {
    assert(value >= 0 && value < 256 ** width, "a key's part out of range", { value, width });
    end += width;
    let rest = value;
    for (let at = end - 1; at >= end - width; at--) {
      key[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
  return key;
}

function numberAt(key: Bytes, start: number, width: number): number {
  let value = 0;
  for (let at = start; at < start + width; at++) value = value * 256 + (key[at] as number);
  return value;
}

/** What reading an entry of a map may need. */
export type Owner = { readonly id: EntityId; readonly interner: Interner };

/** How one of an entity's maps is kept in pages. Keys and values are those of `Entity[name]`. */
export type MapCodec = {
  readonly name: MapName;
  readonly pageSize: number;
  readonly item: (key: unknown, value: unknown) => RlpValue;
  readonly read: (reader: RlpReader, owner: Owner) => readonly [unknown, unknown];
};

export type EntityMaps = Readonly<Record<MapName, SlottedMap<unknown, unknown>>>;

/** In the order of their pages. */
export const mapCodecs: readonly MapCodec[] = [
  codec<number, Account>("accounts", 1, (_, account) => encodeAccount(account), readAccountEntry),
  codec<number, true>(
    "waiting",
    PAGE_ENTRIES,
    (index) => index,
    (reader, owner) => [readIndex(reader, owner), true],
  ),
  codec<TokenId, bigint>(
    "reserves",
    PAGE_ENTRIES,
    (token, amount) => [token, amount],
    (reader) => readList(reader, () => [readToken(reader), readAmount(reader)]),
  ),
  codec<CommandId, OpenCommand>(
    "open",
    PAGE_ENTRIES,
    (_, command) => openItem(command),
    (reader) => {
      const command = readOpen(reader);
      return [command.id, command];
    },
  ),
  codec<number, readonly Outstanding[]>(
    "outstanding",
    PAGE_ENTRIES,
    (index, queue) => [index, outstandingItem(queue)],
    (reader, owner) => readList(reader, () => [readIndex(reader, owner), readOutstanding(reader)]),
  ),
  codec<CommandId, CommandResult>(
    "results",
    PAGE_ENTRIES,
    (id, result) => [id, resultItem(result)],
    (reader) =>
      readList(reader, () => [readText(reader, COMMAND_ID_BYTES_MAX), readResult(reader)]),
  ),
  codec<number, Uint8Array>(
    "boards",
    PAGE_ENTRIES,
    (index, hash) => [index, hash],
    (reader, owner) => readList(reader, () => [readIndex(reader, owner), readBytes32(reader)]),
  ),
];

/** Forgets the types of one map: they are checked where its codec is written, above. */
function codec<K, V>(
  name: MapName,
  pageSize: number,
  item: (key: K, value: V) => RlpValue,
  read: (reader: RlpReader, owner: Owner) => readonly [K, V],
): MapCodec {
  return { name, pageSize, item: (key, value) => item(key as K, value as V), read };
}

function readIndex(reader: RlpReader, { interner }: Owner): number {
  return readNumber(reader, interner.size - 1);
}

/** The account says itself whose it is: its peer's integer is not written. */
function readAccountEntry(reader: RlpReader, { id, interner }: Owner): [number, Account] {
  const account = decodeAccount(readBytes(reader, PAGE_BYTES_MAX));
  if (!account.ok) return fail(account.refusal.message);
  const { me, state } = account.value;
  const [own, peer] = me === "left" ? [state.left, state.right] : [state.right, state.left];
  const index = interner.find(peer);
  if (!equalBytes(own, id) || index < 0) fail("an account of somebody else");
  return [index, account.value];
}

/** The maps as an entity holds them; one name for each of its fields that is a map. */
export function asEntityMaps(maps: EntityMaps): Pick<Entity, MapName> {
  return maps as unknown as Pick<Entity, MapName>;
}
