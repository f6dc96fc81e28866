/** Bounds on what comes from outside and on what one entity keeps of plans (ACC-10, NET-5). */
import { MAX_BOARD_SIGNATURE_BYTES } from "../codec/board-signature.ts";

/** Signers of one plan (NET-5); the contract's own maximum is higher. */
export const MAX_SIGNERS = 32;
/** Legs of one plan. */
export const MAX_LEGS = 1024;
/** Bytes of one signature under "prepared", a whole board's included. */
export const MAX_SIGNATURE_BYTES = MAX_BOARD_SIGNATURE_BYTES;
/** Bytes of a certificate: the signatures of all, with the headers of their list. */
export const MAX_CERTIFICATE_BYTES = MAX_SIGNERS * (MAX_SIGNATURE_BYTES + 4) + 4;
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
/** Seconds from now to the latest `commitBy` accepted: what must be remembered stays bounded. */
export const MAX_COMMIT_SECONDS = 7 * 24 * 3600;
