/** What the wire tells, as inputs of the loop: only what its sender has proved and signed. */
import { type Bytes32, equalBytes } from "./base/bytes.ts";
import type { EntityId } from "./jurisdiction/types.ts";
import { claimHolds, type Loop } from "./loop.ts";
import type { Log } from "./observe/types.ts";
import { decodeEnvelope } from "./runtime/codec.ts";
import type { Wire, WireEvent } from "./wire/types.ts";

export type HearingParts = {
  readonly loop: Pick<Loop, "push">;
  readonly wire: Pick<Wire, "drop">;
  readonly log: Log;
  readonly boardHash: (id: EntityId) => Bytes32 | null;
};

/** A peer that sends what cannot be its own is dropped; it may dial again. */
export function createHearing({ loop, wire, log, boardHash }: HearingParts) {
  /** Who is at the other end of each connection: a message from anybody else is not heard. */
  const peers = new Map<number, readonly EntityId[]>();

  function hearMessage(connection: number, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes, connection);
    if (!envelope.ok) return wire.drop(connection, envelope.refusal.message);
    const { from } = envelope.value;
    const proved = peers.get(connection)?.some((id) => equalBytes(id, from));
    if (!proved) return wire.drop(connection, "a message from an entity it did not prove");
    if (!claimHolds(envelope.value, boardHash)) {
      return wire.drop(connection, "a claim that its sender did not sign");
    }
    loop.push([{ kind: "message", envelope: envelope.value }]);
  }

  return (event: WireEvent): void => {
    const { connection } = event;
    switch (event.kind) {
      case "connected":
        peers.set(connection, event.peers);
        log.write("info", "connected", { connection, entities: event.peers.length });
        return loop.push([{ kind: "connect", connection, peers: event.peers }]);
      case "disconnected":
        peers.delete(connection);
        log.write("info", "disconnected", { connection, reason: event.reason });
        return loop.push([{ kind: "disconnect", connection }]);
      case "message":
        return hearMessage(connection, event.bytes);
    }
  };
}
