import type { EntityId } from "../../jurisdiction/types.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanMessage } from "../message.ts";
import { send } from "../result.ts";
import { signerIndex } from "../shape.ts";
import type { Coordination, PlanBook } from "../types.ts";
import { dropMessage } from "./find.ts";

/**
 * What a signer that can be reached again has not answered. Its answer may have been lost as well
 * as the question; it answers a question that it knows by what it is at.
 */
export function repeatToSigner(book: PlanBook, peer: EntityId): readonly PlanEffect[] {
  const effects: PlanEffect[] = [];
  for (const coordination of book.coordinations.values()) {
    const index = signerIndex(coordination.plan, peer);
    const message = index < 0 ? null : unanswered(coordination, index);
    if (message !== null) effects.push(send(peer, message));
  }
  return effects;
}

function unanswered(coordination: Coordination, index: number): PlanMessage | null {
  const { plan, hash, stage, accepted, held, done } = coordination;
  switch (stage) {
    case "proposing":
      return accepted[index] ? null : { kind: "propose", plan };
    case "holding":
      return held[index] ? null : { kind: "begin", plan: hash };
    case "preparing":
      return done[index] ? null : { kind: "prepare", plan: hash };
    case "dropping":
      return done[index] ? null : dropMessage(coordination);
  }
}
