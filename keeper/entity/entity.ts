/** Makes entities, and the draft in which one tick changes them. */

import type { Account } from "../account/types.ts";
import { ZERO_BYTES32 } from "../base/bytes.ts";
import { createOverlay, type Overlay, type WritableMap } from "../base/overlay.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { EMPTY_BOOK } from "../plan/book.ts";
import { accountsChanged } from "./root.ts";
import type { Board, Entity } from "./types.ts";

/** An entity without accounts, reserves or history. */
export function createEntity(id: EntityId, board: Board): Entity {
  return {
    id,
    board,
    height: 0,
    accounts: new Map(),
    waiting: new Map(),
    reserves: new Map(),
    nonce: 0,
    pendingBatch: null,
    waitingBatches: [],
    plans: EMPTY_BOOK,
    consent: { netting: true },
    open: new Map(),
    outstanding: new Map(),
    results: new Map(),
    history: ZERO_BYTES32,
    boards: new Map(),
  };
}

/**
 * The same entity over drafts of its maps: what a step writes is seen by later steps and leaves
 * the original untouched until `foldEntity` (ARC-5). Dropping the draft is forgetting it.
 */
export function draftEntity(entity: Entity): Entity {
  return {
    ...entity,
    accounts: createOverlay(entity.accounts),
    waiting: createOverlay(entity.waiting),
    reserves: createOverlay(entity.reserves),
    results: createOverlay(entity.results),
    boards: createOverlay(entity.boards),
    open: createOverlay(entity.open),
    outstanding: createOverlay(entity.outstanding),
  };
}

/** Folds a draft into the maps of the entity that it was drafted from, which is then replaced. */
export function foldEntity(original: Entity, draft: Entity): Entity {
  const changed = [...(draft.accounts as Overlay<number, Account>).changedKeys()];
  fold(draft.accounts);
  fold(draft.waiting);
  fold(draft.reserves);
  fold(draft.results);
  fold(draft.boards);
  fold(draft.open);
  fold(draft.outstanding);
  accountsChanged(original.accounts, changed);
  return {
    ...draft,
    accounts: original.accounts,
    waiting: original.waiting,
    reserves: original.reserves,
    results: original.results,
    boards: original.boards,
    open: original.open,
    outstanding: original.outstanding,
  };
}

function fold<K, V>(map: WritableMap<K, V>): void {
  (map as Overlay<K, V>).commit();
}
