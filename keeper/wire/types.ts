/**
 * Peers: length-prefixed messages over TCP on loopback, each side proving its entities (NETW-2).
 * libp2p takes its place later behind the same type.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { Limits } from "./limit.ts";

/** Told by the wire; every `connection` number comes from `Options.nextConnection`. */
export type WireEvent =
  | {
      readonly kind: "connected";
      readonly connection: number;
      /** The entities that the other side proved. */
      readonly peers: readonly EntityId[];
    }
  | { readonly kind: "message"; readonly connection: number; readonly bytes: Bytes }
  | { readonly kind: "disconnected"; readonly connection: number; readonly reason: string };

export type Proof = { readonly entity: EntityId; readonly signature: Bytes };

export type Address = { readonly host: string; readonly port: number };

export type Options = {
  readonly listen: Address;
  /** Peers that this side dials, and keeps dialling with backoff for ever. */
  readonly dial: readonly Address[];
  /** Signs a challenge for each entity of this keeper. */
  readonly prove: (challenge: Bytes32) => Promise<readonly Proof[]>;
  /** True when the signature is the entity's under the challenge. */
  readonly check: (proof: Proof, challenge: Bytes32) => boolean;
  /** A number that was never used in this data folder. */
  readonly nextConnection: () => number;
  readonly report: (event: WireEvent) => void;
  /** Other bounds than those of `limit.ts`. */
  readonly limits?: Partial<Limits>;
};

export type Wire = {
  /** Resolves when it listens. An address that is taken is an error that names it. */
  readonly start: () => Promise<Address>;
  /** Drops the messages when the connection is gone: the exchange of ACC-6 makes up for it. */
  readonly send: (connection: number, messages: readonly Bytes[]) => void;
  /** Closes one connection; the dialling side comes back. */
  readonly drop: (connection: number, reason: string) => void;
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
};
