/** Runs the transactions of a frame on a state: the one computation of both sides (ARC-5). */
import type { Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { Side } from "../jurisdiction/types.ts";
import { createDraft, finishDraft } from "./draft.ts";
import { stateRoot } from "./root.ts";
import { apply } from "./transaction/apply.ts";
import type { AccountState, Context, Frame, ObservedBlock } from "./types.ts";

/** The state that a frame leads to, its head not yet set, or the first transaction refused. */
export type Execution =
  | { readonly ok: true; readonly state: AccountState; readonly stateRoot: Bytes32 }
  | { readonly ok: false; readonly index: number; readonly refusal: Refusal };

/**
 * Runs a peer's frame on this side's own state.
 * @param pending what this side's own watcher has seen: chain events are judged by it alone
 */
export function execute(
  base: AccountState,
  frame: Pick<Frame, "number" | "timestamp" | "transactions">,
  proposer: Side,
  pending: readonly ObservedBlock[],
  context: Context,
): Execution {
  const draft = createDraft(base);
  const facts = { proposer, number: frame.number, timestamp: frame.timestamp, pending };
  let index = 0;
  for (const transaction of frame.transactions) {
    const refusal = apply(draft, transaction, facts, context);
    if (refusal !== null) return { ok: false, index, refusal };
    index += 1;
  }
  const state = finishDraft(draft, frame);
  return { ok: true, state, stateRoot: stateRoot(state) };
}
