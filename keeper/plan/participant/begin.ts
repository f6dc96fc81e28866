import { type Bytes32, compareBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { putParticipation } from "../book.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import type { Outcome } from "../result.ts";
import type { Participation, PlanBook } from "../types.ts";
import { answerOf, heardFrom } from "./find.ts";

/**
 * Everybody accepted: the left side of each account proposes its hold; two proposals of one hold
 * would collide. The right side may have signed holds already, whose left heard this earlier.
 */
export function receiveBegin(
  book: PlanBook,
  from: EntityId,
  plan: Bytes32,
  context: PlanContext,
): Outcome {
  const heard = heardFrom(book, from, plan);
  if ("outcome" in heard) return heard.outcome;
  const { participation } = heard;
  if (participation.phase !== "accepted") return { book, effects: answerOf(participation) };

  const holding: Participation = { ...participation, phase: "holding" };
  const effects: PlanEffect[] = [];
  for (const { peer, moves, status } of participation.accounts) {
    if (status !== "waiting" || compareBytes(context.self, peer) > 0) continue;
    effects.push({ kind: "hold", peer, plan, deadline: participation.plan.commitBy, moves });
  }
  return {
    book: putParticipation(book, holding),
    effects: [...effects, ...answerOf(holding)],
  };
}
