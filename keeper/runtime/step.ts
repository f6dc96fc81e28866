/**
 * One tick over all entities of a keeper: takes everything that waited, returns the runtime that
 * results and its `Ready`. Same runtime and same tick, same bytes (ARC-4).
 */
import { unreachable } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { createOverlay } from "../base/overlay.ts";
import type { Refusal } from "../base/result.ts";
import { decodeEntityMessage } from "../entity/codec/message.ts";
import { draftEntity, foldEntity } from "../entity/entity.ts";
import type { EntityInput } from "../entity/input.ts";
import { hasOpenPlans } from "../entity/plan.ts";
import type { EntityContext } from "../entity/session.ts";
import { step as stepEntity } from "../entity/step.ts";
import type { Entity } from "../entity/types.ts";
import type { JurisdictionEffect } from "../jurisdiction/effect.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";
import { step as stepView } from "../jurisdiction/step.ts";
import type { Block, EntityId } from "../jurisdiction/types.ts";
import { encodeTick } from "./codec.ts";
import type { Envelope, RuntimeInput, Tick } from "./input.ts";
import { type Collector, createCollector } from "./ready.ts";
import { runtimeRoot } from "./root.ts";
import type { Ready, Runtime } from "./types.ts";

type Draft = { entity: Entity; readonly touched: Set<number> };

type Session = {
  runtime: Runtime;
  readonly drafts: Map<number, Draft>;
  readonly ready: Collector;
};

/**
 * Applies one tick. `record` may be passed where its bytes are at hand already (replay).
 * The runtime passed in must not be used afterwards: its maps are the new one's.
 */
export function step(
  runtime: Runtime,
  tick: Tick,
  record: Bytes = encodeTick(tick),
): { readonly runtime: Runtime; readonly ready: Ready } {
  const session: Session = {
    runtime: {
      ...runtime,
      height: runtime.height + 1,
      now: Math.max(runtime.now, tick.now),
      links: createOverlay(runtime.links),
    },
    drafts: new Map(),
    ready: createCollector(),
  };
  for (const input of tick.inputs) apply(session, input);
  for (const index of [...session.drafts.keys()]) stepOne(session, index, { kind: "flush" });
  const next = fold(runtime, session);
  const root = runtimeRoot(next);
  const { height } = next;
  return { runtime: { ...next, root }, ready: session.ready.finish(height, record, root) };
}

function fold(runtime: Runtime, session: Session): Runtime {
  (session.runtime.links as ReturnType<typeof createOverlay>).commit();
  for (const [index, { entity }] of session.drafts) {
    const original = runtime.entities.get(index) as Entity;
    runtime.entities.set(index, foldEntity(original, entity));
  }
  return { ...session.runtime, links: runtime.links, entities: runtime.entities };
}

function apply(session: Session, input: RuntimeInput): void {
  switch (input.kind) {
    case "command": {
      const { id, command } = input;
      const index = session.runtime.interner.intern(input.entity);
      if (session.runtime.entities.has(index)) {
        return stepOne(session, index, { kind: "command", id, command });
      }
      const message = "this keeper does not run that entity";
      const refusal = { code: "unknownEntity", message };
      return session.ready.result(input.entity, id, { ok: false, refusal });
    }
    case "message":
      return receive(session, input.envelope);
    case "older":
      return tell(session, input.entity, { kind: "older" });
    case "numberTaken":
    case "nonceTaken":
      return tell(session, input.entity, input);
    case "start":
      return start(session);
    case "connect":
      return connect(session, input.connection, input.peers);
    case "disconnect":
      return disconnect(session, input.connection);
    case "chain":
      return follow(session, input.input);
    default:
      return unreachable(input);
  }
}

function tell(session: Session, entity: EntityId, input: EntityInput): void {
  const index = session.runtime.interner.find(entity);
  if (index >= 0 && session.runtime.entities.has(index)) stepOne(session, index, input);
}

function stepOne(session: Session, index: number, input: EntityInput): void {
  const { runtime, drafts, ready } = session;
  let draft = drafts.get(index);
  if (draft === undefined) {
    const original = runtime.entities.get(index) as Entity;
    draft = { entity: draftEntity(original), touched: new Set() };
    drafts.set(index, draft);
  }
  const result = stepEntity(draft.entity, [input], contextOf(session, index), draft.touched);
  draft.entity = result.entity;
  for (const effect of result.effects) ready.effect(result.entity.id, effect);
}

function contextOf(session: Session, self: number): EntityContext {
  const { runtime } = session;
  return {
    jurisdiction: runtime.view.jurisdiction,
    tick: runtime.height,
    final: runtime.view.final,
    tokens: runtime.view.tokens,
    now: runtime.now,
    interner: runtime.interner,
    connectionOf: (peer) => connectionOf(session.runtime, self, peer),
  };
}

function connectionOf(runtime: Runtime, self: number, peer: EntityId): number | null {
  const index = runtime.interner.find(peer);
  if (index < 0 || index === self) return null;
  if (runtime.entities.has(index)) return runtime.local;
  return runtime.links.get(index) ?? null;
}

/** A message that cannot be read is the peer's fault: it is told, and changes nothing. */
function receive(session: Session, envelope: Envelope): void {
  const { from, to, connection, payload, claim } = envelope;
  const index = session.runtime.interner.find(to);
  if (index < 0 || !session.runtime.entities.has(index)) return;
  const message = decodeEntityMessage(payload);
  if (!message.ok) return session.ready.alarm(to, from, message.refusal);
  stepOne(session, index, { kind: "message", from, connection, message: message.value, claim });
}

/** Links are gone; entities of this keeper meet again under a new number. */
function start(session: Session): void {
  const { runtime } = session;
  const local = runtime.connections + 1;
  for (const peer of [...runtime.links.keys()]) runtime.links.delete(peer);
  session.runtime = { ...runtime, connections: local, local };
  for (const index of runtime.entities.keys()) {
    for (const peer of accountPeers(session, index)) {
      const id = runtime.interner.bytesOf(peer);
      stepOne(session, index, { kind: "disconnect", peer: id });
      if (!runtime.entities.has(peer)) continue;
      stepOne(session, index, { kind: "connect", peer: id, connection: local });
    }
    stepOne(session, index, { kind: "resume" });
  }
}

function accountPeers(session: Session, index: number): number[] {
  const entity = session.drafts.get(index)?.entity ?? session.runtime.entities.get(index);
  return entity === undefined ? [] : [...entity.accounts.keys()];
}

function connect(session: Session, connection: number, peers: readonly EntityId[]): void {
  const { runtime } = session;
  const connections = Math.max(runtime.connections, connection);
  session.runtime = { ...runtime, connections };
  for (const peer of peers) {
    const remote = runtime.interner.intern(peer);
    if (runtime.entities.has(remote)) continue;
    runtime.links.set(remote, connection);
    for (const index of runtime.entities.keys()) {
      if (!concerns(session, index, remote)) continue;
      stepOne(session, index, { kind: "connect", peer, connection });
    }
  }
}

/** An entity hears of a peer that it has an account or other business with. */
function concerns(session: Session, index: number, remote: number): boolean {
  const entity = session.drafts.get(index)?.entity ?? session.runtime.entities.get(index);
  if (entity === undefined) return false;
  return entity.accounts.has(remote) || entity.open.size > 0 || hasOpenPlans(entity);
}

function disconnect(session: Session, connection: number): void {
  const { runtime } = session;
  for (const remote of [...runtime.links.keys()]) {
    if (runtime.links.get(remote) !== connection) continue;
    runtime.links.delete(remote);
    const peer = runtime.interner.bytesOf(remote);
    for (const index of runtime.entities.keys()) {
      const entity = session.drafts.get(index)?.entity ?? runtime.entities.get(index);
      if (entity?.accounts.has(remote)) stepOne(session, index, { kind: "disconnect", peer });
    }
  }
}

function follow(session: Session, input: JurisdictionInput): void {
  const result = stepView(session.runtime.view, input);
  if (!result.ok) return refuseChain(session, result.refusal);
  session.runtime = { ...session.runtime, view: result.value.view };
  for (const effect of result.value.effects) applyChain(session, effect);
}

/** Only a final block that is no longer there stops a keeper; else the watcher tells it anew. */
function refuseChain(session: Session, refusal: Refusal): void {
  if (refusal.code === "deepReorg") session.ready.halt(refusal);
  else session.ready.refusedBlock(refusal);
}

function applyChain(session: Session, effect: JurisdictionEffect): void {
  switch (effect.kind) {
    case "final":
      for (const index of concernedBy(session, effect.block)) {
        stepOne(session, index, { kind: "final", block: effect.block });
      }
      return;
    case "reorg": {
      const [first] = effect.removed;
      if (first) session.ready.reorg(first.height, effect.removed.length);
      return;
    }
    default:
      return unreachable(effect);
  }
}

/** Entities that an event names, or that wait for the chain or its time; a board concerns all. */
function concernedBy(session: Session, block: Block): Set<number> {
  const { interner, entities } = session.runtime;
  const found = new Set<number>();
  const add = (id: EntityId) => {
    const index = interner.find(id);
    if (index >= 0 && entities.has(index)) found.add(index);
  };
  for (const event of block.events) {
    if (event.kind === "account") {
      add(event.left);
      add(event.right);
    } else if (event.kind === "reserve" || event.kind === "batch") add(event.entity);
    else if (event.kind === "board") for (const index of entities.keys()) found.add(index);
  }
  for (const index of entities.keys()) {
    const entity = session.drafts.get(index)?.entity ?? entities.get(index);
    if (entity === undefined) continue;
    const waits = entity.waiting.size > 0 || entity.pendingBatch !== null;
    if (waits || hasOpenPlans(entity)) found.add(index);
  }
  return found;
}
