/**
 * The runtime as pages (STO-1): each checkpoint writes those that changed since the last one.
 * What a page holds is taken at once, its bytes are made later: values never change, so the bytes
 * are those of the tick although the runtime has moved on.
 */
import { assert } from "../base/assert.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { ReadableMap } from "../base/overlay.ts";
import { encodeRlp } from "../codec/rlp/encode.ts";
import { batchesItem, headItem } from "../entity/codec/head.ts";
import { plansItem } from "../entity/codec/plans.ts";
import type { Entity } from "../entity/types.ts";
import { encodeView } from "../jurisdiction/codec.ts";
import type { View } from "../jurisdiction/types.ts";
import type { PlanBook } from "../plan/types.ts";
import {
  asEntityMaps,
  type EntityMaps,
  type MapCodec,
  type MapName,
  mapCodecs,
  PAGE_IDS,
  pageKey,
} from "./page.ts";
import { createSlottedMap, type SlotPage } from "./slotted.ts";
import type { Runtime } from "./types.ts";

/** A page to be written, whose bytes are made when asked for; null says that the page is gone. */
export type PageDraft = { readonly key: Bytes; readonly encode: (() => Bytes) | null };

export type Checkpoints = {
  /**
   * Pages in which `runtime` differs from what was taken last. Whoever takes them writes them, or
   * keeps them until they are written: they are told once.
   */
  readonly take: (runtime: Runtime) => readonly PageDraft[];
  /** All of its pages, for comparison; nothing counts as taken. */
  readonly all: (runtime: Runtime) => readonly PageDraft[];
};

/** A runtime whose changes are noted, by the maps that its entities now have. */
export type Tracked = { readonly runtime: Runtime; readonly checkpoints: Checkpoints };

/** Notes changes from here on: the first `take` gives every page. */
export function trackRuntime(runtime: Runtime): Tracked {
  const maps = new Map<number, EntityMaps>();
  for (const index of runtime.entities.keys()) {
    const entity = runtime.entities.get(index) as Entity;
    const own = eachMap(({ name, pageSize }) => {
      const map = createSlottedMap<unknown, unknown>(pageSize);
      const plain = entity[name] as ReadableMap<unknown, unknown>;
      for (const key of plain.keys()) map.set(key, plain.get(key));
      return map;
    });
    maps.set(index, own);
    runtime.entities.set(index, { ...entity, ...asEntityMaps(own) });
  }
  return { runtime, checkpoints: createCheckpoints(maps, null) };
}

/** One of something for each of an entity's maps. */
export function eachMap<T>(make: (codec: MapCodec) => T): Record<MapName, T> {
  return Object.fromEntries(mapCodecs.map((codec) => [codec.name, make(codec)])) as Record<
    MapName,
    T
  >;
}

/** What is compared by identity: these are replaced when they change. */
type Taken = {
  readonly view: View;
  readonly ids: number;
  readonly entities: ReadonlyMap<number, Entity>;
};

/** @param stored the runtime whose pages are written already, or null where none are */
export function createCheckpoints(
  maps: ReadonlyMap<number, EntityMaps>,
  stored: Runtime | null,
): Checkpoints {
  let taken: Taken | null = stored === null ? null : takenOf(stored);

  function pagesOf(runtime: Runtime, since: Taken | null): PageDraft[] {
    const drafts = [headPage(runtime)];
    if (runtime.view !== since?.view) drafts.push(viewPage(runtime.view));
    drafts.push(...idPages(runtime, since?.ids ?? 0));
    for (const [position, index] of [...runtime.entities.keys()].entries()) {
      const entity = runtime.entities.get(index) as Entity;
      const before = since?.entities.get(index);
      // A step makes another entity, whatever it changes.
      if (entity !== before) drafts.push(...entityPages(position, index, entity, before));
    }
    return drafts;
  }

  function entityPages(
    position: number,
    index: number,
    entity: Entity,
    before: Entity | undefined,
  ): PageDraft[] {
    const own = maps.get(index) as EntityMaps;
    assert(entity.accounts === asEntityMaps(own).accounts, "an entity left its maps", { index });
    const drafts = [entityPage(position, entity, own)];
    if (!sameBatches(entity, before)) drafts.push(batchesPage(position, entity));
    if (entity.plans !== before?.plans) drafts.push(plansPage(position, entity.plans));
    for (const codec of mapCodecs) {
      const map = own[codec.name];
      const pages = before === undefined ? map.allPages() : map.takeChanged();
      for (const page of pages) drafts.push(mapPage(position, codec, page));
    }
    return drafts;
  }

  return {
    take(runtime) {
      const drafts = pagesOf(runtime, taken);
      if (taken === null) forgetChanges(maps);
      taken = takenOf(runtime);
      return drafts;
    },
    all: (runtime) => pagesOf(runtime, null),
  };
}

function forgetChanges(maps: ReadonlyMap<number, EntityMaps>): void {
  for (const own of maps.values()) for (const { name } of mapCodecs) own[name].takeChanged();
}

function takenOf({ view, interner, entities }: Runtime): Taken {
  const known = new Map<number, Entity>();
  for (const index of entities.keys()) known.set(index, entities.get(index) as Entity);
  return { view, ids: interner.size, entities: known };
}

function sameBatches(entity: Entity, before: Entity | undefined): boolean {
  return (
    entity.pendingBatch === before?.pendingBatch && entity.waitingBatches === before?.waitingBatches
  );
}

/** Links change in place, so they are copied now. */
function headPage(runtime: Runtime): PageDraft {
  const { protocol, height, root, now, connections, local, links, interner, entities } = runtime;
  const numbers = [height, now, connections, local, interner.size, entities.size];
  const listed = Array.from(links.keys(), (peer) => [peer, links.get(peer) as number]);
  const key = pageKey({ kind: "head" });
  return { key, encode: () => encodeRlp([protocol, root, numbers, listed]) };
}

function viewPage(view: View): PageDraft {
  return { key: pageKey({ kind: "view" }), encode: () => encodeView(view) };
}

/** Ids are only ever added: the last page is written again, and new ones behind it. */
function idPages({ interner }: Runtime, known: number): PageDraft[] {
  const { size } = interner;
  if (size === known) return [];
  const drafts: PageDraft[] = [];
  for (let page = Math.floor(known / PAGE_IDS); page * PAGE_IDS < size; page++) {
    const end = Math.min(size, (page + 1) * PAGE_IDS);
    const encode = () => {
      const ids: Bytes32[] = [];
      for (let index = page * PAGE_IDS; index < end; index++) ids.push(interner.bytesOf(index));
      return encodeRlp(ids);
    };
    drafts.push({ key: pageKey({ kind: "ids", page }), encode });
  }
  return drafts;
}

/** With each map's size and places given, so that a page which is missing is noticed. */
function entityPage(position: number, entity: Entity, own: EntityMaps): PageDraft {
  const counts = mapCodecs.map(({ name }) => [own[name].size, own[name].given]);
  const key = pageKey({ kind: "entity", entity: position });
  return { key, encode: () => encodeRlp([headItem(entity), counts]) };
}

function batchesPage(position: number, entity: Entity): PageDraft {
  const key = pageKey({ kind: "batches", entity: position });
  return { key, encode: () => encodeRlp(batchesItem(entity)) };
}

function plansPage(position: number, plans: PlanBook): PageDraft {
  const key = pageKey({ kind: "plans", entity: position });
  return { key, encode: () => encodeRlp(plansItem(plans)) };
}

function mapPage(
  position: number,
  { name, item }: MapCodec,
  { page, entries }: SlotPage<unknown, unknown>,
): PageDraft {
  const key = pageKey({ kind: name, entity: position, page });
  if (entries.length === 0) return { key, encode: null };
  return { key, encode: () => encodeRlp(entries.map(([one, value]) => item(one, value))) };
}
