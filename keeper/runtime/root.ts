/**
 * The root of a runtime: what replay is compared with. Hashes of values are kept beside the values,
 * which never change, so a tick pays for what it touched. Accounts are hashed in pages of 16, in
 * levels: one moved account costs one path.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import { keccak256, keccakParts } from "../codec/keccak.ts";
import { encodeRlp } from "../codec/rlp/encode.ts";
import { entityRoot } from "../entity/root.ts";
import type { Entity } from "../entity/types.ts";
import { encodeView } from "../jurisdiction/codec.ts";
import type { View } from "../jurisdiction/types.ts";
import type { Runtime } from "./types.ts";

export function runtimeRoot(runtime: Runtime): Bytes32 {
  const { protocol, height, now, connections, local, view, links, entities, interner } = runtime;
  const parts: Bytes[] = [encodeRlp([protocol, height, now, connections, local]), viewHash(view)];
  for (const peer of links.keys()) {
    parts.push(interner.bytesOf(peer), encodeRlp(links.get(peer) as number));
  }
  for (const index of entities.keys()) parts.push(entityRoot(entities.get(index) as Entity));
  return keccakParts(parts);
}

const viewHashes = new WeakMap<View, Bytes32>();

function viewHash(view: View): Bytes32 {
  let hash = viewHashes.get(view);
  if (hash === undefined) {
    hash = keccak256(encodeView(view));
    viewHashes.set(view, hash);
  }
  return hash;
}
