/** Who plays: keys, and a number whose board of one key is replaced now and then (ENT-5). */
import { zeroPadValue } from "ethers";

import { TIMES } from "../../../ignition/modules/Jurisdiction.ts";
import { asBytes32, type Bytes32, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import { type Board, boardHash } from "../../../keeper/codec/board.ts";
import { encodeBoardSignature } from "../../../keeper/codec/board-signature.ts";
import { type Key, keysOf, leafOf, rootHash, signDigest, signHash } from "../entity.ts";

/** The key that signs for a number from `since` on, in seconds, until the next one does. */
export type Tenure = { readonly key: Key; readonly since: number };

/** A key by itself has no tenures. */
export type Party = Key & { readonly tenures: Tenure[] };

/** Who signs, and whether its board has been replaced when its signature is judged. */
export type Signer = { readonly key: Key; readonly retired: boolean };

/** The number 1, and keys in ascending order: each is left of those behind it. */
export function createParties(seed: string, count: number): readonly Party[] {
  const keys = keysOf(seed, count);
  const first = keys[0] as Key;
  const number = zeroPadValue("0x01", 32);
  const numbered = { ...first, id: number, tenures: [{ key: first, since: 0 }] };
  return [numbered, ...keys.slice(1).map((key) => ({ ...key, tenures: [] }))];
}

export function idOf(party: Key): Bytes32 {
  return asBytes32(fromHex(party.id));
}

/** A board of that key alone. */
export function boardOf(key: Key): Board {
  return { threshold: 1, members: [{ id: asBytes32(fromHex(key.id)), weight: 1 }] };
}

export function boardHashOf(key: Key): string {
  return toHex(boardHash(boardOf(key)));
}

/** Whoever's signature counts at that time: the current board, and the one before in its grace. */
export function signersOf(party: Party, time: number): readonly Signer[] {
  const { tenures } = party;
  const index = tenures.findLastIndex(({ since }) => since <= time);
  const current = tenures[index];
  if (current === undefined) return [{ key: party, retired: false }];
  const previous = tenures[index - 1];
  const inGrace = previous !== undefined && time < current.since + TIMES.grace;
  const kept = { key: current.key, retired: false };
  return inGrace ? [kept, { key: previous.key, retired: true }] : [kept];
}

/** Who signs batches and settlements. */
export function currentKey(party: Party, now: number): Key {
  return (signersOf(party, now)[0] as Signer).key;
}

/** The party's signature under a digest, made by that key. */
export function signAs(party: Party, key: Key, digest: string): string {
  if (party.tenures.length === 0) return signDigest(party, digest);
  const signature = fromHex(signHash(key.key, rootHash(leafOf(party.id, digest))));
  const signatures = [{ member: 0, signature }];
  return toHex(encodeBoardSignature({ board: boardOf(key), path: new Uint8Array(0), signatures }));
}
