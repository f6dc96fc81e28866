/** Bounds on what comes from outside and on what one entity keeps of plans (ACC-10, NET-5). */
import { MAX_BOARD_SIGNATURE_BYTES } from "../codec/board-signature.ts";

/** Signers of one plan (NET-5); the contract's own maximum is higher. */
export const MAX_SIGNERS = 32;
/** Legs of one plan. */
export const MAX_LEGS = 1024;
/** Settlements of one plan: what is left at the end points is less than its legs (NET-6). */
export const MAX_SETTLEMENTS = 16;
/** Highest epoch of an account that a settlement of a plan can name: the contract has 32 bits. */
export const MAX_SETTLED_EPOCH = 2 ** 32 - 1;
/** Diffs of all settlements of a plan together. */
export const MAX_SETTLED_DIFFS = 32;
/** Bytes of one signature under "prepared", a whole board's included. */
export const MAX_SIGNATURE_BYTES = MAX_BOARD_SIGNATURE_BYTES;
/**
 * Bytes of all signatures of a certificate together: so much fits a frame, one call of the chain
 * beside the most that a plan settles (DEP-8), and the 128 KiB beyond which nodes pass no
 * transaction on. Who could make it longer could keep a plan that others have begun to apply from
 * ever being committed on chain.
 */
export const MAX_SIGNATURES_BYTES = 120_000;
/** Bytes of a certificate: the signatures of all, with the headers of their list. */
export const MAX_CERTIFICATE_BYTES = MAX_SIGNATURES_BYTES + 4 * (MAX_SIGNERS + 1);
/** Characters of a refusal's code that a peer sends. */
export const MAX_CODE_LENGTH = 64;
/** Plans that one entity takes part in and that have not ended. */
export const MAX_PARTICIPATIONS = 256;
/** Plans that one entity coordinates and that have not ended. */
export const MAX_COORDINATIONS = 256;
/** Ended plans remembered until their `commitBy` has passed; no new plan is accepted beyond. */
export const MAX_FINISHED = 8192;
/** Ended plans beyond which those that were dropped are forgotten first. */
export const MAX_DROPPED = 4096;
/** Ended plans remembered after their `commitBy`, for answers to peers that come back late. */
export const KEPT_FINISHED = 256;
/**
 * Seconds from now to the latest `commitBy` accepted, however long the jurisdiction's response time
 * is: what must be remembered stays bounded.
 */
export const MAX_COMMIT_SECONDS = 7 * 24 * 3600;
