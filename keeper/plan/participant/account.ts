import { assert } from "../../base/assert.ts";
import { compareBytes } from "../../base/bytes.ts";
import { finishParticipation, putParticipation } from "../book.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext, PlanInput } from "../input.ts";
import { MAX_CODE_LENGTH } from "../limit.ts";
import { type Outcome, refused, send, unchanged } from "../result.ts";
import type { Participation, PlanAccount, PlanBook } from "../types.ts";
import { letGo, settleDropped } from "./drop.ts";
import { allAre, answerOf, findAccount, findParticipation, withStatus } from "./find.ts";

type AccountInput<Kind extends PlanInput["kind"]> = PlanInput & { kind: Kind };

/** The hold is in a frame signed by both. When it is the last one the coordinator hears of it. */
export function accountHeld(
  book: PlanBook,
  input: AccountInput<"held">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  if (found.account.status !== "waiting") return unchanged(book);
  const held = withStatus(found.participation, input.peer, "held");
  switch (held.phase) {
    case "accepted":
      return { book: putParticipation(book, held), effects: [] };
    case "holding":
      return { book: putParticipation(book, held), effects: answerOf(held) };
    case "dropped": {
      // Left asked for the abort when it dropped; it waits behind the hold.
      const weAreLeft = compareBytes(context.self, input.peer) < 0;
      const abort: PlanEffect = { kind: "abort", peer: input.peer, plan: input.plan };
      return { book: putParticipation(book, held), effects: weAreLeft ? [] : [abort] };
    }
    case "prepared":
    case "certified":
      assert(false, "prepared with an account that was not held");
  }
}

/** The legs are applied in a frame signed by both; the last account ends the plan here. */
export function accountApplied(
  book: PlanBook,
  input: AccountInput<"applied">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  if (found.account.status === "applied") return unchanged(book);
  assert(found.participation.phase === "certified", "applied without a certificate");
  const applied = withStatus(found.participation, input.peer, "applied");
  if (!allAre(applied, "applied")) return { book: putParticipation(book, applied), effects: [] };
  const { coordinator, hash } = applied;
  return {
    book: finishParticipation(book, applied, { committed: true, code: null, now: context.now }),
    effects: [send(coordinator, { kind: "done", plan: hash, committed: true })],
  };
}

/**
 * The hold is gone by a frame signed by both. If it was the peer that let go, so does this entity:
 * it has not signed "prepared", or its account would have refused the abort.
 */
export function accountReleased(
  book: PlanBook,
  input: AccountInput<"released">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  if (found.account.status === "released") return unchanged(book);
  const released = withStatus(found.participation, input.peer, "released");
  switch (released.phase) {
    case "accepted":
    case "holding":
      return letGo(book, released, { own: true, code: "peerReleased" }, context);
    case "dropped":
      return settleDropped(book, released, context);
    case "prepared":
    case "certified":
      assert(false, "released after prepared was signed");
  }
}

/** The hold will not be: this entity refuses the plan, if it has not dropped it before. */
export function holdRefused(
  book: PlanBook,
  input: AccountInput<"holdRefused">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  // A hold that the peer proposed stands instead, or the hold had been given up before.
  if (found.account.status !== "waiting") return unchanged(book);
  const released = withStatus(found.participation, input.peer, "released");
  switch (released.phase) {
    case "accepted":
    case "holding": {
      const code = input.code.slice(0, MAX_CODE_LENGTH);
      return letGo(book, released, { own: true, code }, context);
    }
    case "dropped":
      return settleDropped(book, released, context);
    case "prepared":
    case "certified":
      assert(false, "prepared with an account that was not held");
  }
}

function find(
  book: PlanBook,
  input: AccountInput<"held" | "applied" | "released" | "holdRefused">,
): { readonly participation: Participation; readonly account: PlanAccount } | null {
  const participation = findParticipation(book, input.plan);
  const account = participation && findAccount(participation, input.peer);
  return participation && account ? { participation, account } : null;
}

function unknown(book: PlanBook): Outcome {
  return refused(book, "planUnknown", "no plan of this hash is open with this account");
}
