/**
 * Limits on everything that comes from outside (ACC-10), checked before anything is allocated for
 * it. Changing one of those that refuse a frame changes the protocol (ARC-4).
 */
import { MAX_BOARD_SIGNATURE_BYTES } from "../codec/board-signature.ts";

/** Bytes of one frame. */
export const MAX_FRAME_BYTES = 262_144;
/** Bytes of one message: a history of full frames with their signatures. */
export const MAX_MESSAGE_BYTES = 1_310_720;
/** Transactions of one frame. */
export const MAX_TRANSACTIONS = 1_024;
/** Tokens that one account lists: the chain takes no body with more rows. */
export const MAX_TOKENS = 32;
/** Conditions that one account holds at a time. */
export const MAX_CONDITIONS = 512;
/** Bytes of all conditions of an account as the chain reads them: it takes no body with more. */
export const MAX_CONDITIONS_BYTES = 68_000;
/** Tokens that one condition moves. */
export const MAX_MOVES = 16;
/** Tokens that one settlement changes. */
export const MAX_DIFFS = 16;
/** Bytes of a plan's certificate: 32 signers with long Merkle paths or nested boards. */
export const MAX_CERTIFICATE_BYTES = 131_072;
/** Bytes of one signature: a board's, with every member and its path. */
export const MAX_SIGNATURE_BYTES = MAX_BOARD_SIGNATURE_BYTES;
/** Bytes of each step of a trail, which tells where two sides' computations part (ACC-2). */
export const TRAIL_STEP_BYTES = 8;
/** Bytes of a trail: a step before the frame and one for each of its transactions. */
export const MAX_TRAIL_BYTES = (MAX_TRANSACTIONS + 1) * TRAIL_STEP_BYTES;
/** Letters of a refusal's code. */
export const MAX_CODE_LENGTH = 40;
/** Own transactions that wait; one more is dropped at once. */
export const MAX_MEMPOOL = 16_384;
/** Frames signed by both that are kept for a peer that lags. */
export const MAX_RECENT_FRAMES = 4;
/** How far a number may be above all seen before it (ACC-4). */
export const MAX_NUMBER_JUMP = 2 ** 32;
/** Highest number taken from a peer: what we number above it the guard's 48 bits can hold. */
export const MAX_NUMBER = 2 ** 47;
/** Seconds by which a frame's timestamp may differ from this side's clock, either way. */
export const MAX_CLOCK_SKEW = 120;
/** Blocks by which a peer's chain event may be ahead of this side's own final view. */
export const MAX_EVENT_LEAD = 100_000;
