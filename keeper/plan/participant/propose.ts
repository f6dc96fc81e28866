import { equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { hasRoom, putParticipation } from "../book.ts";
import { planHash } from "../digest.ts";
import type { PlanContext } from "../input.ts";
import { MAX_CODE_LENGTH, MAX_PARTICIPATIONS } from "../limit.ts";
import { keyOf, type Outcome, send } from "../result.ts";
import { accountsOf, checkPlan, keepsNet, signerIndex } from "../shape.ts";
import type { Participation, Plan, PlanBook } from "../types.ts";
import { answerOf, answerOfFinished } from "./find.ts";

/**
 * A coordinator proposes a plan; this entity checks it alone and answers. Accepting binds nobody.
 * A refused plan leaves nothing behind. Refusals, in this order: those of `checkPlan`,
 * `planKnown`, `planBookFull`, `planNotMine`, `planNet`, then what `context.judge` says.
 */
export function receivePropose(
  book: PlanBook,
  from: EntityId,
  plan: Plan,
  context: PlanContext,
): Outcome {
  const malformed = checkPlan(plan, context.domain, context.now);
  const hash = planHash(plan);
  const refuseWith = (code: string): Outcome => ({
    book,
    effects: [send(from, { kind: "refuse", plan: hash, code: code.slice(0, MAX_CODE_LENGTH) })],
  });

  const key = keyOf(hash);
  const known = book.participations.get(key);
  const end = book.finished.get(key);
  if (known !== undefined && equalBytes(known.coordinator, from)) {
    return { book, effects: answerOf(known) };
  }
  if (end !== undefined && equalBytes(end.coordinator, from)) {
    return { book, effects: answerOfFinished(hash, end) };
  }
  if (malformed !== null) return refuseWith(malformed.code);
  if (known !== undefined || end !== undefined) return refuseWith("planKnown");
  if (!hasRoom(book, MAX_PARTICIPATIONS)) return refuseWith("planBookFull");

  const self = signerIndex(plan, context.self);
  if (self < 0) return refuseWith("planNotMine");
  if (!keepsNet(plan, self)) return refuseWith("planNet");
  const accounts = accountsOf(plan, self);
  for (const { peer, moves } of accounts) {
    const code = context.judge(peer, moves);
    if (code !== null) return refuseWith(code);
  }

  const participation: Participation = {
    plan,
    hash,
    coordinator: from,
    phase: "accepted",
    accounts,
    prepared: plan.signers.map(() => null),
    certificate: null,
    refusal: null,
  };
  return { book: putParticipation(book, participation), effects: answerOf(participation) };
}
