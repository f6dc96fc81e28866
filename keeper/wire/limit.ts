/** Bounds on what a connection may cost; checked before anything is allocated. */

export type Limits = {
  /** Bytes of one message, proofs included: those have about 130 bytes an entity. */
  readonly messageBytes: number;
  /** Bytes that wait for a peer that does not read; beyond it the connection is given up. */
  readonly backlogBytes: number;
  /** Milliseconds for the whole handshake. */
  readonly handshakeMs: number;
  /** Milliseconds between signs of life; a peer is gone after three of them in silence. */
  readonly heartbeatMs: number;
  /** Connections that have not proved anything yet. */
  readonly unproved: number;
};

/** Bytes of one message unless told otherwise. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

export const LIMITS: Limits = {
  messageBytes: MESSAGE_BYTES_MAX,
  backlogBytes: 64 * 1024 * 1024,
  handshakeMs: 10_000,
  heartbeatMs: 5_000,
  unproved: 256,
};

/** Random bytes of each side: all that a stranger may send before it proves anything. */
export const NONCE_BYTES = 32;
/** Entities that one keeper may prove. */
export const PROOFS_MAX = 10_000;
/** First and longest wait before dialling again, in milliseconds. */
export const BACKOFF_FIRST_MS = 50;
export const BACKOFF_LONGEST_MS = 5_000;
