/** Bounds on what comes from outside, checked before anything is allocated (ACC-10, DEP-8). */
import { MAX_BOARD_SIGNATURE_BYTES } from "../codec/board-signature.ts";

/** Events of ours in one block: more do not fit a block's gas. */
export const MAX_EVENTS = 65_536;
/** Blocks above the final one: deeper finality than this is no chain's. */
export const MAX_RECENT = 4096;
/** Payments from one reserve in one batch, as the contract has it. */
export const MAX_TRANSFERS = 480;
/** Settlements in one batch or one call of `settleDiffs`. */
export const MAX_SETTLEMENTS = 240;
/** Diffs of all settlements of one batch or call, and of one settlement. */
export const MAX_DIFFS = 240;
/** Tokens that one list of settlements may change: its heads have a bit for each. */
export const MAX_TABLE_TOKENS = 32;
/** Signers of one plan, as the contract has it. */
export const MAX_SIGNERS = 256;
/** Payments into collateral in one batch. */
export const MAX_FUNDINGS = 400;
/** Withdrawals in one batch. */
export const MAX_WITHDRAWALS = 100;
/** Bytes of one side's signature: a whole board's with its path. */
export const MAX_SIGNATURE_BYTES = MAX_BOARD_SIGNATURE_BYTES;
