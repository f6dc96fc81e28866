import { type Bytes32, toHex } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { PlanEffect } from "./effect.ts";
import type { PlanMessage } from "./message.ts";
import type { PlanBook } from "./types.ts";

/** What a step gives: with a refusal the input broke the protocol, or is stale. */
export type Outcome = {
  readonly book: PlanBook;
  readonly effects: readonly PlanEffect[];
  readonly refusal?: Refusal;
};

/** Nothing is changed and nothing is said. */
export function unchanged(book: PlanBook): Outcome {
  return { book, effects: [] };
}

/** Nothing is changed; the input is refused. */
export function refused(book: PlanBook, code: string, message: string): Outcome {
  return { book, effects: [], refusal: { code, message } };
}

export function send(to: EntityId, message: PlanMessage, sign: Bytes32 | null = null): PlanEffect {
  return { kind: "send", to, message, sign };
}

/** The key under which the book keeps a plan. */
export function keyOf(hash: Bytes32): string {
  return toHex(hash);
}
