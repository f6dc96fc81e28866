import type { Bytes32 } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanMessage } from "../message.ts";
import { keyOf, type Outcome, refused, send } from "../result.ts";
import { signerIndex } from "../shape.ts";
import type { Coordination, Plan, PlanBook } from "../types.ts";

/** Sends the same to every signer; this entity gets it like the others, in a later tick. */
export function sendToAll(plan: Plan, message: PlanMessage): readonly PlanEffect[] {
  return plan.signers.map((signer) => send(signer, message));
}

/**
 * Finds the coordination that a signer speaks of. Of an unknown plan a signer is told that it is
 * over: a coordination is forgotten only when every signer has reported its end, so whoever asks
 * later can at most have accepted it a second time.
 */
export function heardFromSigner(
  book: PlanBook,
  from: EntityId,
  plan: Bytes32,
): { readonly coordination: Coordination; readonly index: number } | { readonly outcome: Outcome } {
  const coordination = book.coordinations.get(keyOf(plan));
  if (coordination === undefined) {
    const message = { kind: "drop", plan, code: "planUnknown" } as const;
    return { outcome: { book, effects: [send(from, message)] } };
  }
  const index = signerIndex(coordination.plan, from);
  if (index < 0) {
    return { outcome: refused(book, "notSigner", "the plan does not name this sender") };
  }
  return { coordination, index };
}

/** What tells a signer again to let go: the first reason. */
export function dropMessage(coordination: Coordination): PlanMessage {
  const code = coordination.refusals[0]?.code ?? "planRefused";
  return { kind: "drop", plan: coordination.hash, code };
}
