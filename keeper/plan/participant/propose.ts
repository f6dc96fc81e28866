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
import { passTime } from "./chain.ts";
import { answerOf, answerOfFinished } from "./find.ts";

/**
 * A coordinator proposes a plan; this entity checks it alone and answers. Accepting binds nobody.
 * A refused plan leaves nothing behind. Refusals, in this order: those of `checkPlan`,
 * `planKnown`, `planAfterRecovery`, `planBookFull`, `planNotMine`, `planNet`, then what
 * `context.judge` says of each account and `context.judgeSettlements` of what is paid on chain.
 *
 * A plan whose certificate may be on the chain already is not new: it bears this entity's
 * signature. So memory is the check, and where it has a hole nothing is taken on that may lie
 * there.
 */
export function receivePropose(
  book: PlanBook,
  from: EntityId,
  plan: Plan,
  context: PlanContext,
): Outcome {
  const hash = planHash(plan);
  const key = keyOf(hash);
  const known = book.participations.get(key);
  const end = book.finished.get(key);
  if (known !== undefined && equalBytes(known.coordinator, from)) {
    return { book, effects: answerOf(known) };
  }
  if (end !== undefined && equalBytes(end.coordinator, from)) {
    return { book, effects: answerOfFinished(hash, end) };
  }
  const malformed = checkPlan(plan, context);
  if (malformed !== null) return refuseTo(book, from, hash, malformed.code);
  if (known !== undefined || end !== undefined) return refuseTo(book, from, hash, "planKnown");
  if (plan.commitBy <= book.quietUntil) return refuseTo(book, from, hash, "planAfterRecovery");
  if (!hasRoom(book, MAX_PARTICIPATIONS)) return makeRoom(book, from, hash, context);
  const objection = judge(plan, context);
  if (objection !== null) return refuseTo(book, from, hash, objection);

  const participation: Participation = {
    plan,
    hash,
    coordinator: from,
    phase: "accepted",
    accounts: accountsOf(plan, signerIndex(plan, context.self)),
    prepared: plan.signers.map(() => null),
    certificate: null,
    refusal: null,
  };
  return { book: putParticipation(book, participation), effects: answerOf(participation) };
}

/** Why this entity does not want a plan that is well formed, or null. */
function judge(plan: Plan, context: PlanContext): string | null {
  const self = signerIndex(plan, context.self);
  if (self < 0) return "planNotMine";
  if (!keepsNet(plan, self)) return "planNet";
  for (const { peer, moves } of accountsOf(plan, self)) {
    const code = context.judge(peer, moves, plan.commitBy);
    if (code !== null) return code;
  }
  return context.judgeSettlements(plan.settlements);
}

function refuseTo(book: PlanBook, to: EntityId, plan: Bytes32, code: string): Outcome {
  const message = { kind: "refuse", plan, code: code.slice(0, MAX_CODE_LENGTH) } as const;
  return { book, effects: [send(to, message)] };
}

/**
 * The book is full: plans that nobody can go through with any more are let go, as they are at the
 * next final block, which may be long in coming. There is room for the next proposal then.
 */
function makeRoom(book: PlanBook, from: EntityId, hash: Bytes32, context: PlanContext): Outcome {
  let swept = book;
  const effects: PlanEffect[] = [];
  for (const participation of book.participations.values()) {
    const { phase } = participation;
    if (phase !== "accepted" && phase !== "holding") continue;
    const gone = passTime(swept, participation, context);
    swept = gone.book;
    effects.push(...gone.effects);
  }
  const refusal = refuseTo(swept, from, hash, "planBookFull");
  return { ...refusal, effects: [...effects, ...refusal.effects] };
}
