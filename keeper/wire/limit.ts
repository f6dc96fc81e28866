/** Bounds on what a connection may cost; checked before anything is allocated. */

/** Bytes of one message. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of one handshake message: a proof has about 130 bytes an entity. */
export const HANDSHAKE_BYTES_MAX = 4 * 1024 * 1024;
/** Entities that one keeper may prove. */
export const PROOFS_MAX = 10_000;
/** Bytes that wait for a peer that does not read; beyond it the connection is given up. */
export const BACKLOG_BYTES_MAX = 64 * 1024 * 1024;
/** Milliseconds for the whole handshake. */
export const HANDSHAKE_MS = 10_000;
/** Milliseconds between signs of life; a peer is gone after three of them in silence. */
export const HEARTBEAT_MS = 5_000;
/** First and longest wait before dialling again, in milliseconds. */
export const BACKOFF_FIRST_MS = 50;
export const BACKOFF_LONGEST_MS = 5_000;
