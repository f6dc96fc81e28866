/** A runtime out of the pages that `checkpoint.ts` made of it. */
import { type Bytes, type Bytes32, toHex } from "../base/bytes.ts";
import { createInterner, type Interner } from "../base/intern.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  type RlpReader,
  readBytes32,
  readItems,
  readList,
  readNumber,
} from "../codec/rlp/decode.ts";
import {
  type EntityBatches,
  type EntityHead,
  readBatches,
  readHead,
} from "../entity/codec/head.ts";
import { readPlans } from "../entity/codec/plans.ts";
import type { Entity } from "../entity/types.ts";
import { readView } from "../jurisdiction/codec.ts";
import type { View } from "../jurisdiction/types.ts";
import type { PlanBook } from "../plan/types.ts";
import { createCheckpoints, eachMap, type Tracked } from "./checkpoint.ts";
import {
  asEntityMaps,
  type EntityMaps,
  type MapCodec,
  type MapName,
  mapCodecs,
  PAGE_IDS,
  type PageName,
  pageName,
  pageText,
} from "./page.ts";
import { runtimeRoot } from "./root.ts";
import { createSlottedMap, type SlotPage } from "./slotted.ts";
import type { Runtime } from "./types.ts";
import { PROTOCOL_VERSION } from "./types.ts";

/** Connections of one keeper, against a flipped byte. */
const LINKS_MAX = 2 ** 24;

type Head = Pick<Runtime, "protocol" | "height" | "root" | "now" | "connections" | "local"> & {
  readonly ids: number;
  readonly entities: number;
  readonly links: readonly (readonly [number, number])[];
};

type Count = { readonly size: number; readonly given: number };

type EntityParts = {
  readonly head: EntityHead;
  readonly counts: Readonly<Record<MapName, Count>>;
  batches: EntityBatches | null;
  plans: PlanBook | null;
  readonly pages: Record<MapName, SlotPage<unknown, unknown>[]>;
};

/** What has been read so far. */
type Parts = {
  head: Head | null;
  view: View | null;
  readonly interner: Interner;
  readonly entities: EntityParts[];
};

/**
 * Reads pages in the ascending order of their keys, and computes the root anew: what comes back
 * is the runtime as it was, its maps in their order, and knows that all of it is written.
 * @returns refusals `badPage`, which name the page; `missingPage`; `badRoot`; `unknownProtocol`
 */
export function restoreRuntime(
  pages: Iterable<{ readonly key: Bytes; readonly value: Bytes }>,
): Result<Tracked> {
  const parts: Parts = { head: null, view: null, interner: createInterner(), entities: [] };
  for (const { key, value } of pages) {
    const name = pageName(key);
    const read =
      name === null ? refuse("badPage", "no page has this key") : readPage(parts, name, value);
    if (!read.ok) {
      const { code, message } = read.refusal;
      if (code === "unknownProtocol") return read;
      return refuse("badPage", `${pageText(key)}: ${message}`);
    }
  }
  const { head, view, interner, entities } = parts;
  if (head === null || view === null) return refuse("missingPage", "there is no head or no view");
  if (interner.size !== head.ids || entities.length !== head.entities) {
    const found = `${interner.size} ids and ${entities.length} entities`;
    return refuse("missingPage", `${found}, of ${head.ids} and ${head.entities}`);
  }
  return assemble(head, view, interner, entities);
}

function readPage(parts: Parts, name: PageName, value: Bytes): Result<unknown> {
  switch (name.kind) {
    case "head":
      return readHeadPage(parts, value);
    case "view":
      return decodeRlp(value, (reader) => {
        parts.view = readView(reader);
      });
    case "ids":
      return decodeRlp(value, (reader) => readIds(parts, name.page, reader));
    case "entity":
      return decodeRlp(value, (reader) => readEntityPage(parts, name.entity, reader));
    case "batches":
      return decodeRlp(value, (reader) => {
        newest(parts, name.entity).batches = readBatches(reader);
      });
    case "plans":
      return decodeRlp(value, (reader) => {
        newest(parts, name.entity).plans = readPlans(reader);
      });
    default:
      return decodeRlp(value, (reader) => readMapPage(parts, name, reader));
  }
}

/** The version comes first: what another one wrote is not read further. */
function readHeadPage(parts: Parts, value: Bytes): Result<unknown> {
  let protocol = PROTOCOL_VERSION;
  const read = decodeRlp(value, (reader) =>
    readList(reader, () => {
      protocol = readNumber(reader);
      if (protocol !== PROTOCOL_VERSION) fail("another protocol");
      const root = readBytes32(reader);
      const numbers = readItems(reader, 6, (inner) => readNumber(inner));
      if (numbers.length !== 6) fail("six numbers expected");
      const [height, now, connections, local, ids, entities] = numbers as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const links = readItems(reader, LINKS_MAX, () =>
        readList(reader, () => [readNumber(reader, ids - 1), readNumber(reader)] as const),
      );
      parts.head = { protocol, root, height, now, connections, local, ids, entities, links };
    }),
  );
  if (protocol === PROTOCOL_VERSION) return read;
  return refuse("unknownProtocol", `it is of protocol ${protocol}, which is not known here`);
}

function readIds({ interner }: Parts, page: number, reader: RlpReader): void {
  if (interner.size !== page * PAGE_IDS) fail("ids are missing before it");
  for (const id of readItems(reader, PAGE_IDS, readBytes32)) {
    if (interner.find(id) >= 0) fail("an id is there twice");
    interner.intern(id);
  }
}

function readEntityPage({ entities, interner }: Parts, position: number, reader: RlpReader): void {
  if (position !== entities.length) fail("an entity is missing before it");
  readList(reader, () => {
    const head = readHead(reader);
    if (interner.find(head.id) < 0) fail("an entity without an integer");
    const listed = readItems(reader, mapCodecs.length, () =>
      readList(reader, () => ({ size: readNumber(reader), given: readNumber(reader) })),
    );
    if (listed.length !== mapCodecs.length) fail("a map is missing");
    const counts = eachMap(
      ({ name }) => listed[mapCodecs.findIndex((c) => c.name === name)] as Count,
    );
    entities.push({ head, counts, batches: null, plans: null, pages: eachMap(() => []) });
  });
}

function newest({ entities }: Parts, position: number): EntityParts {
  const entity = entities[position];
  return entity === undefined ? fail("its entity is not there") : entity;
}

function readMapPage(
  parts: Parts,
  { kind, entity: position, page }: PageName & { readonly kind: MapName },
  reader: RlpReader,
): void {
  const { head, counts, pages } = newest(parts, position);
  const { pageSize, read } = mapCodecs.find(({ name }) => name === kind) as MapCodec;
  const owner = { id: head.id, interner: parts.interner };
  const entries = readItems(reader, pageSize, () => read(reader, owner));
  if (entries.length === 0) fail("an empty page is not kept");
  if (page * pageSize >= counts[kind].given) fail("a page that was never given");
  pages[kind].push({ page, entries });
}

function assemble(
  head: Head,
  view: View,
  interner: Interner,
  all: readonly EntityParts[],
): Result<Tracked> {
  const maps = new Map<number, EntityMaps>();
  const entities = new Map<number, Entity>();
  for (const parts of all) {
    const made = mapsOf(parts);
    if (!made.ok) return made;
    const { batches, plans } = parts;
    const id = toHex(parts.head.id);
    if (batches === null || plans === null) {
      return refuse("missingPage", `entity ${id} has no batches or no plans`);
    }
    const index = interner.find(parts.head.id);
    if (entities.has(index)) return refuse("badPage", `entity ${id} is there twice`);
    maps.set(index, made.value);
    entities.set(index, { ...parts.head, ...batches, plans, ...asEntityMaps(made.value) });
  }
  const { protocol, height, root, now, connections, local } = head;
  const links = new Map(head.links);
  const numbers = { protocol, height, root, now, connections, local };
  const runtime: Runtime = { ...numbers, interner, view, links, entities };
  return checked(runtime, maps, root);
}

function mapsOf({ head, counts, pages }: EntityParts): Result<EntityMaps> {
  for (const { name } of mapCodecs) {
    const keys = new Set(pages[name].flatMap(({ entries }) => entries.map(([key]) => key)));
    const listed = pages[name].reduce((sum, { entries }) => sum + entries.length, 0);
    const { size } = counts[name];
    if (keys.size === size && listed === size) continue;
    const found = `${listed} entries with ${keys.size} keys in ${name}`;
    return refuse("missingPage", `${found} of entity ${toHex(head.id)}, ${size} expected`);
  }
  const made = eachMap(({ name, pageSize }) =>
    createSlottedMap(pageSize, { pages: pages[name], given: counts[name].given }),
  );
  return ok(made);
}

function checked(
  runtime: Runtime,
  maps: ReadonlyMap<number, EntityMaps>,
  root: Bytes32,
): Result<Tracked> {
  const found = toHex(runtimeRoot(runtime));
  if (found !== toHex(root)) {
    return refuse("badRoot", `the pages give root ${found}, and were written with ${toHex(root)}`);
  }
  return ok({ runtime, checkpoints: createCheckpoints(maps, runtime) });
}
