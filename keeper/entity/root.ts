/**
 * The root of one entity. It covers every account, reserves, batches, plans, consent and a running
 * hash of all results; commands that wait for an end are counted, and tell by their results.
 */

import { accountRoot } from "../account/root.ts";
import type { Account } from "../account/types.ts";
import { type Bytes, type Bytes32, concatBytes } from "../base/bytes.ts";
import type { WritableMap } from "../base/overlay.ts";
import { keccak256, keccakParts } from "../codec/keccak.ts";
import { encodeRlp } from "../codec/rlp/encode.ts";
import { bookRoot } from "../plan/root.ts";
import { createTree, type Tree } from "./tree.ts";
import type { Entity } from "./types.ts";

type Accounts = WritableMap<number, Account>;
type Rooted = { readonly tree: Tree; readonly slots: Map<number, number> };

/** Trees beside the maps that they cover; a map without one is read whole, once. */
const trees = new WeakMap<Accounts, Rooted>();
const roots = new WeakMap<Entity, Bytes32>();

/** Tells which accounts of a folded entity have changed, so that only these are hashed. */
export function accountsChanged(accounts: Accounts, keys: Iterable<number>): void {
  const rooted = trees.get(accounts);
  if (rooted === undefined) return;
  for (const key of keys) place(rooted, key, accounts.get(key) as Account);
}

export function entityRoot(entity: Entity): Bytes32 {
  let root = roots.get(entity);
  if (root === undefined) {
    root = compute(entity);
    roots.set(entity, root);
  }
  return root;
}

function compute(entity: Entity): Bytes32 {
  const { id, board, height, nonce, consent, open, outstanding, history } = entity;
  const members = board.members.map((member) => [member.id, member.weight]);
  const pending = entity.pendingBatch?.digest ?? new Uint8Array(0);
  const waiting = entity.waitingBatches.map((batch) => batch.id);
  const small = encodeRlp([
    [id, board.threshold, members],
    [height, nonce, consent.netting, pending, entity.pendingBatch?.tick ?? 0, waiting],
    [open.size, outstanding.size, history],
  ]);
  const parts: Bytes[] = [small, treeOf(entity.accounts).root(), bookRoot(entity.plans)];
  for (const token of entity.reserves.keys()) {
    parts.push(encodeRlp([token, entity.reserves.get(token) ?? 0n]));
  }
  for (const index of entity.boards.keys()) parts.push(entity.boards.get(index) as Bytes32);
  return keccakParts(parts);
}

function treeOf(accounts: Accounts): Tree {
  let rooted = trees.get(accounts);
  if (rooted === undefined) {
    rooted = { tree: createTree(), slots: new Map() };
    for (const key of accounts.keys()) place(rooted, key, accounts.get(key) as Account);
    trees.set(accounts, rooted);
  }
  return rooted.tree;
}

function place({ tree, slots }: Rooted, key: number, account: Account): void {
  let slot = slots.get(key);
  if (slot === undefined) {
    slot = tree.size();
    slots.set(key, slot);
  }
  tree.set(slot, accountRoot(account));
}

/** The running hash with one result more. */
export function extendHistory(history: Bytes32, item: Bytes): Bytes32 {
  return keccak256(concatBytes(history, item));
}
