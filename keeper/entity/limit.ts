/** Bounds on what one entity keeps and takes from outside (ACC-10). */

/** Results of finished commands that are remembered, so that a second run returns the first's. */
export const RESULTS_KEPT = 100_000;
/** Characters of a command's id. */
export const COMMAND_ID_MAX = 200;
/** The same in bytes of UTF-8: at most three for each of JavaScript's 16-bit characters. */
export const COMMAND_ID_BYTES_MAX = 3 * COMMAND_ID_MAX;
/** Entities in one request for rows. */
export const ROWS_FROM_MAX = 10_000;
/** Rows in one answer: with all numbers at their longest they fit one message, and its record. */
export const HANDED_ROWS_MAX = 20_000;
/** Seconds from now to the latest deadline of a batch: so long it may keep others waiting. */
export const BATCH_SECONDS_MAX = 24 * 3600;
/** Batches that wait behind the one that is signed. */
export const WAITING_BATCHES_MAX = 1_000;
/** Transactions in one command. */
export const COMMAND_TRANSACTIONS_MAX = 10_000;
/** Seconds from now to the latest deadline of a settlement that is agreed to. */
export const SETTLEMENT_SECONDS_MAX = 24 * 3600;
