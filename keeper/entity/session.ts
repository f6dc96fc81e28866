/** What the arms of one entity step share: the draft, the effects so far, the facts of the tick. */

import type { Account, Context } from "../account/types.ts";
import { assert } from "../base/assert.ts";
import type { Interner } from "../base/intern.ts";
import type { Refusal } from "../base/result.ts";
import { encodeRlp } from "../codec/rlp/encode.ts";
import type { BlockReference, EntityId, Jurisdiction, TokenId } from "../jurisdiction/types.ts";
import { resultItem } from "./codec/result.ts";
import type { EntityEffect } from "./effect.ts";
import { RESULTS_KEPT } from "./limit.ts";
import { extendHistory } from "./root.ts";
import type { CommandId, CommandValue, Entity } from "./types.ts";

/** Facts that an entity may read besides itself; all of them are inputs of the tick. */
export type EntityContext = {
  readonly jurisdiction: Jurisdiction;
  /** The number of the tick. */
  readonly tick: number;
  readonly final: BlockReference | null;
  /** The highest token that a final block has registered; 0 while none has. */
  readonly tokens: TokenId;
  /** The tick's time, Unix seconds. */
  readonly now: number;
  readonly interner: Interner;
  /** The open connection to a peer's keeper, or null. */
  readonly connectionOf: (peer: EntityId) => number | null;
};

export type Session = {
  entity: Entity;
  readonly effects: EntityEffect[];
  /** Interned peers whose accounts an input of this tick reached: they may propose at its end. */
  readonly touched: Set<number>;
  readonly context: EntityContext;
  /** What account steps may read; built once a session. */
  accountContext: Context | null;
};

/** The account with `peer`, or undefined. */
export function findAccount(session: Session, peer: EntityId): Account | undefined {
  const index = session.context.interner.find(peer);
  return index < 0 ? undefined : session.entity.accounts.get(index);
}

/** Ends a command with a value and keeps the result for its second run (QUE-1). */
export function succeed(session: Session, id: CommandId, value: CommandValue): void {
  finish(session, id, { ok: true, value });
}

/** Ends a command with a refusal. */
export function fail(session: Session, id: CommandId, refusal: Refusal): void {
  finish(session, id, { ok: false, refusal });
}

function finish(
  session: Session,
  id: CommandId,
  result: { ok: true; value: CommandValue } | { ok: false; refusal: Refusal },
): void {
  const { entity } = session;
  assert(!entity.results.has(id), "a command ends once", { id });
  entity.results.set(id, result);
  if (entity.results.size > RESULTS_KEPT) forgetOldest(entity);
  entity.open.delete(id);
  const history = extendHistory(entity.history, encodeRlp([id, resultItem(result)]));
  session.entity = { ...entity, history };
  session.effects.push({ kind: "result", id, result });
}

function forgetOldest(entity: Entity): void {
  for (const id of entity.results.keys()) {
    entity.results.delete(id);
    return;
  }
}
