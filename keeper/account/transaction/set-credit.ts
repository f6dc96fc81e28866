import { isAmount } from "../../base/amount.ts";
import { type Refusal, refuse } from "../../base/result.ts";
import { addRow, type Draft, reservedAt, rowAt, rowIndex, setRow } from "../draft.ts";
import { MAX_TOKENS } from "../limit.ts";
import { otherSide } from "../number.ts";
import { limitInUse, NOTHING_RESERVED } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { Context, TokenRow } from "../types.ts";
import type { FrameFacts } from "./facts.ts";
import { amountOutside } from "./refusal.ts";

const MAX_TOKEN = 2 ** 32 - 1;

/**
 * Sets what the other side may owe the proposer, and the proposer's soft limit (RCP-3). Refuses
 * `tokenRange`, `amountRange`, `tooManyTokens`, `tokenNotRegistered`, `limitInUse`, in this order.
 *
 * The chain takes no body that lists a token which it does not know: whoever may list any could
 * make every further proof of the account worth nothing (ACC-1). Before a final block has
 * registered one, nothing is known of tokens yet, and all are let pass.
 */
export function applySetCredit(
  draft: Draft,
  { token, limit, softLimit }: Transaction & { kind: "setCredit" },
  frame: FrameFacts,
  context: Pick<Context, "tokens">,
): Refusal | null {
  if (!Number.isInteger(token) || token < 1 || token > MAX_TOKEN) {
    return refuse("tokenRange", "a token is a registered uint32", { token: `${token}` }).refusal;
  }
  if (!isAmount(limit)) return amountOutside(limit);
  if (!isAmount(softLimit)) return amountOutside(softLimit);
  const index = rowIndex(draft, token);
  if (index < 0 && draft.rows.length >= MAX_TOKENS) {
    return refuse("tooManyTokens", `an account lists at most ${MAX_TOKENS} tokens`).refusal;
  }
  if (index < 0 && context.tokens > 0 && token > context.tokens) {
    const details = { token: `${token}`, highest: `${context.tokens}` };
    const message = "no final block has registered this token: try again when one has";
    return refuse("tokenNotRegistered", message, details).refusal;
  }
  const row = index < 0 ? emptyRow(token) : rowAt(draft, index);
  const reserved = index < 0 ? NOTHING_RESERVED : reservedAt(draft, index);
  const least = limitInUse(row, otherSide(frame.proposer), reserved);
  if (limit < least) {
    return refuse("limitInUse", "lower the limit no further than what is in use", {
      inUse: `${least}`,
      limit: `${limit}`,
    }).refusal;
  }
  const after: TokenRow =
    frame.proposer === "left"
      ? { ...row, rightLimit: limit, leftSoftLimit: softLimit }
      : { ...row, leftLimit: limit, rightSoftLimit: softLimit };
  if (index < 0) addRow(draft, after);
  else setRow(draft, index, after);
  return null;
}

function emptyRow(token: number): TokenRow {
  return {
    token,
    collateral: 0n,
    ondelta: 0n,
    offdelta: 0n,
    leftLimit: 0n,
    rightLimit: 0n,
    leftSoftLimit: 0n,
    rightSoftLimit: 0n,
  };
}
