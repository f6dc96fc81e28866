/** Peers: length-prefixed messages over TCP on loopback, each side proving its entities (NETW-2). */
import type { Bytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";

export type Frame = Bytes;

/** Told by the wire; `connection` numbers are never used again in this data folder. */
export type WireEvent =
  | {
      readonly kind: "connected";
      readonly connection: number;
      readonly peers: readonly EntityId[];
    }
  | { readonly kind: "message"; readonly connection: number; readonly bytes: Bytes }
  | { readonly kind: "disconnected"; readonly connection: number };

export type Wire = {
  /** Listens, dials the configured peers and keeps dialling them, with backoff, for ever. */
  readonly start: (report: (event: WireEvent) => void) => Promise<void>;
  /** Drops the bytes when the connection is gone: the exchange of ACC-6 makes up for it. */
  readonly send: (connection: number, messages: readonly Bytes[]) => void;
  readonly address: () => { readonly host: string; readonly port: number };
  readonly stop: () => Promise<void>;
};

/** Signs the handshake's challenge for each entity of this keeper. */
export type Prove = (challenge: Bytes) => Promise<
  readonly { readonly entity: EntityId; readonly signature: Bytes }[]
>;
