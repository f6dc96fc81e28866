import { assert } from "../base/assert.ts";
import { compareBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import type { EntityId, Jurisdiction } from "../jurisdiction/types.ts";
import { accountKey } from "./digest.ts";
import type { Account } from "./types.ts";

/**
 * One side's replica of an account of which nothing has been signed.
 * @throws InvariantError for an account of an entity with itself.
 */
export function openAccount(me: EntityId, peer: EntityId, jurisdiction: Jurisdiction): Account {
  const order = compareBytes(me, peer);
  assert(order !== 0, "an account with itself");
  const [left, right] = order < 0 ? [me, peer] : [peer, me];
  return {
    me: order < 0 ? "left" : "right",
    state: {
      left,
      right,
      key: accountKey(left, right),
      epoch: 0,
      number: 0,
      head: ZERO_BYTES32,
      timestamp: 0,
      leftResponse: jurisdiction.responseTime,
      rightResponse: jurisdiction.responseTime,
      rows: [],
      conditions: { slots: [], free: [], pages: [] },
      settlement: null,
      observed: { height: 0, hash: ZERO_BYTES32 },
    },
    headProof: null,
    recent: [],
    inFlight: null,
    mempool: [],
    highestSigned: 0,
    highestSeen: 0,
    retryAbove: 0,
    refusedThrough: 0,
    notBefore: 0,
    withheld: [],
    acknowledgeDue: false,
    settlementDue: false,
    link: { phase: "down" },
    held: null,
    pending: [],
    settlementSignature: null,
    frozen: null,
  };
}
