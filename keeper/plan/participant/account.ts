import { assert } from "../../base/assert.ts";
import { compareBytes } from "../../base/bytes.ts";
import { putParticipation } from "../book.ts";
import type { PlanContext, PlanInput } from "../input.ts";
import { MAX_CODE_LENGTH } from "../limit.ts";
import { type Outcome, refused, unchanged } from "../result.ts";
import type { Participation, PlanAccount, PlanBook } from "../types.ts";
import { provedByChain } from "./chain.ts";
import { letGo } from "./drop.ts";
import { endWhenSettled } from "./end.ts";
import { answerOf, findAccount, findParticipation, withStatus } from "./find.ts";

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
  const { peer, plan } = input;
  const held = withStatus(found.participation, peer, "held");
  const kept = putParticipation(book, held);
  switch (held.phase) {
    case "accepted":
    case "recovered":
      return { book: kept, effects: [] };
    case "holding":
      return { book: kept, effects: answerOf(held) };
    case "dropped": {
      // Left asked for the abort when it dropped; it waits behind the hold.
      const weAreLeft = compareBytes(context.self, peer) < 0;
      return { book: kept, effects: weAreLeft ? [] : [{ kind: "abort", peer, plan }] };
    }
    case "committed":
      return { book: kept, effects: [provedByChain(held, peer)] };
    case "prepared":
    case "certified":
      assert(false, "prepared with an account that was not held");
  }
}

/**
 * The legs are applied in a frame signed by both; the last account ends the plan here. A commit
 * that was proposed in time may be acknowledged when the plan has lapsed.
 */
export function accountApplied(
  book: PlanBook,
  input: AccountInput<"applied">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  if (found.account.status === "applied") return unchanged(book);
  const { phase } = found.participation;
  const mayBe = phase === "certified" || phase === "committed" || phase === "dropped";
  assert(mayBe, "applied without a certificate");
  return endWhenSettled(book, withStatus(found.participation, input.peer, "applied"), context);
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
  return released(book, input, "peerReleased", context);
}

/** The hold will not be: this entity refuses the plan, if it has not dropped it before. */
export function holdRefused(
  book: PlanBook,
  input: AccountInput<"holdRefused">,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  // A hold that the peer proposed stands instead, or the hold had been given up before.
  if (found !== null && found.account.status !== "waiting") return unchanged(book);
  return released(book, input, input.code.slice(0, MAX_CODE_LENGTH), context);
}

function released(
  book: PlanBook,
  input: AccountInput<"released" | "holdRefused">,
  code: string,
  context: PlanContext,
): Outcome {
  const found = find(book, input);
  if (found === null) return unknown(book);
  if (found.account.status === "released") return unchanged(book);
  const without = withStatus(found.participation, input.peer, "released");
  switch (without.phase) {
    case "accepted":
    case "holding":
      return letGo(book, without, { own: true, code }, context);
    case "dropped":
    case "committed":
    case "recovered":
      return endWhenSettled(book, without, context);
    case "prepared":
    case "certified":
      assert(false, "a leg is gone after prepared was signed");
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
