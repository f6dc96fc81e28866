import { type Bytes32, equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { hasRoom, putParticipation } from "../book.ts";
import { planHash } from "../digest.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import { MAX_CODE_LENGTH, MAX_PARTICIPATIONS } from "../limit.ts";
import { keyOf, type Outcome, send } from "../result.ts";
import { accountsOf, checkPlan, keepsNet, signerIndex } from "../shape.ts";
import type { Participation, Plan, PlanBook } from "../types.ts";
import { letGo } from "./drop.ts";
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
  if (!hasRoom(book, MAX_PARTICIPATIONS)) return makeRoom(book, from, hash, context);

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

/**
 * The book is full: plans past their `commitBy` under which "prepared" was never signed are let go,
 * since their coordinators may never say another word. There is room for the next proposal then.
 */
function makeRoom(book: PlanBook, from: EntityId, hash: Bytes32, context: PlanContext): Outcome {
  let swept = book;
  const effects: PlanEffect[] = [];
  for (const participation of book.participations.values()) {
    const { phase, plan } = participation;
    if ((phase !== "accepted" && phase !== "holding") || plan.commitBy > context.now) continue;
    const gone = letGo(swept, participation, { own: true, code: "planExpired" }, context);
    swept = gone.book;
    effects.push(...gone.effects);
  }
  const refusal = send(from, { kind: "refuse", plan: hash, code: "planBookFull" });
  return { book: swept, effects: [...effects, refusal] };
}
